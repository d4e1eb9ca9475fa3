import ChipImage

// One row at the end of an epoch.
extension LoihiEngine {
    /// Changes the synapses of a row: first all sums, from the registers of before, then the registers.
    ///
    /// - Parameters:
    ///   - row: Its index.
    ///   - line: Its line.
    ///   - acts: Which products act on it.
    ///   - carry: Largest fraction of an accumulator that does not carry.
    /// - Returns: Synapses that were updated.
    func learn(row: Int, line: Int, acts: LoihiActs, carry: Int32) -> Int {
        let row = (index: row, synapses: Int(rowStart[row])..<Int(rowStart[row + 1]))
        chosen.choose(row.synapses, target: target, where: postFlag, all: acts.onAll)
        let count = chosen.count
        guard count > 0 else { return 0 }
        for r in 0..<2 where pre.isUsed[r] {
            for step in 0...rule.epoch {
                lineHistory[r][step] = pre.history[pre.offset(r, step: step) + line]
            }
        }
        for register in 0..<3 where !rule.targets[register].isEmpty {
            load(register)
            for index in rule.targets[register] {
                if acts.products[index] {
                    multiply(rule.products[index], line: line)
                    accumulate(rule.products[index], into: chosen.sums[register])
                } else if register == 2 {
                    accumulateNothing(into: chosen.sums[register])
                }
            }
        }
        var hasChanged = false
        for register in 0..<3 where !rule.targets[register].isEmpty {
            let isDifferent = store(register, carry: carry)
            if register == 0 { hasChanged = isDifferent }
        }
        if hasChanged { changedRows.append(row.index) }
        var updates = 0
        for k in 0..<count where unsafe chosen.touched.base[k] != 0 { updates += 1 }
        return updates
    }

    private func load(_ register: Int) {
        let sums = chosen.sums[register]
        let place = chosen.place
        let registers = registers[register]
        for k in 0..<chosen.count {
            unsafe sums.base[k] =
                registers.base[Int(place.base[k])] &<< LoihiRule.fractionBits
        }
    }

    /// Works out trigger · mantissa · Π factors of the chosen synapses, in 32 bits that wrap.
    private func multiply(_ product: LoihiRule.Product, line: Int) {
        let isPost = product.trigger == .y0
        // Step of the epoch whose traces the factors read; with y0 each neuron has its own.
        let time = product.trigger == .x0 ? Int(pre.spikeStep[line]) : rule.epoch
        let count = chosen.count
        let neuron = chosen.neuron
        let value = chosen.value
        var scale = product.mantissa
        for factor in rule.factors[product.factors] {
            switch factor.operand {
            case .x0: scale = scale &* factor(pre.spikeStep[line] > 0 ? 1 : 0)
            case .reward: scale = scale &* factor(rule.reward)
            case .x(let r) where !isPost: scale = scale &* factor(lineHistory[r][time])
            default: break
            }
        }
        for k in 0..<count {
            let flag = unsafe isPost ? postFlag.base[Int(neuron.base[k])] : 1
            unsafe value.base[k] = scale &* flag
        }
        for factor in rule.factors[product.factors] {
            switch factor.operand {
            case .x0, .reward: break
            case .x(let r):
                guard isPost else { break }
                let history = lineHistory[r]
                let spikeStep = post.spikeStep
                for k in 0..<count {
                    let step = unsafe Int(spikeStep.base[Int(neuron.base[k])])
                    unsafe value.base[k] = value.base[k] &* factor(history.base[step])
                }
            case .y(let r):
                let offset = isPost ? 0 : post.offset(r, step: time)
                gather(factor, from: isPost ? postOwn[r] : post.history, offset, by: neuron)
            case .y0: gather(factor, from: postFlag, 0, by: neuron)
            case .w: gather(factor, from: registers[0], 0, by: chosen.place)
            case .d: gather(factor, from: registers[1], 0, by: chosen.place)
            case .t: gather(factor, from: registers[2], 0, by: chosen.place)
            }
        }
    }

    private func gather(
        _ factor: LoihiRule.Factor,
        from source: HostArray<Int32>,
        _ offset: Int,
        by index: HostArray<UInt32>
    ) {
        let value = chosen.value
        for k in 0..<chosen.count {
            let register = unsafe source.base[offset &+ Int(index.base[k])]
            unsafe value.base[k] = value.base[k] &* factor(register)
        }
    }

    /// Shifts the products into the accumulators' format and adds them; both saturate.
    private func accumulate(_ product: LoihiRule.Product, into sums: HostArray<Int32>) {
        let right = product.rightShift
        let left = product.leftShift
        let value = chosen.value
        let touched = chosen.touched
        for k in 0..<chosen.count {
            // At most 2^14 in magnitude after the right shift, so at most 2^29 after the left one.
            let added = unsafe LoihiRule.clamp((value.base[k] &>> right) &<< left)
            unsafe touched.base[k] |= added
            unsafe sums.base[k] = LoihiRule.clamp(sums.base[k] &+ added)
        }
    }

    private func accumulateNothing(into sums: HostArray<Int32>) {
        for k in 0..<chosen.count { unsafe sums.base[k] = LoihiRule.clamp(sums.base[k]) }
    }

    /// Rounds accumulators into the registers; whether one of these changes.
    private func store(_ register: Int, carry: Int32) -> Bool {
        let range = range(register)
        // Signs saturate before rounding, magnitudes after.
        let lowest = range.lowerBound == 0 ? 0 : Int32.min
        let highest = range.upperBound == 0 ? 0 : Int32.max
        let sums = chosen.sums[register]
        let place = chosen.place
        let registers = registers[register]
        var difference: Int32 = 0
        for k in 0..<chosen.count {
            let sum = unsafe min(max(sums.base[k], lowest), highest)
            let whole = (sum &>> LoihiRule.fractionBits) &+ (sum & 127 > carry ? 1 : 0)
            let fitted = min(max(whole, range.lowerBound), range.upperBound)
            let index = unsafe Int(place.base[k])
            unsafe difference |= fitted ^ registers.base[index]
            unsafe registers.base[index] = fitted
        }
        return difference != 0
    }
}
