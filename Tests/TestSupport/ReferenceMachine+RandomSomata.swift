import ChipImage
import ChipSpec
import FixedPoint

/// Section 8 of `docs/NUMERICS.md`: somas with random numbers.
extension ReferenceMachine {
    /// FNV-1a of a name.
    static func id(_ name: String) -> UInt32 {
        name.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }

    /// The step as an address of draws.
    var drawStep: UInt32 { UInt32(nextStep % (1 << 32)) }

    /// Word n of a block.
    static func word(_ n: Int, of block: Philox4x32.Block) -> UInt32 {
        [block.0, block.1, block.2, block.3][n]
    }

    /// The bias of v in whole units.
    func bias(_ c: Int, _ i: Int) -> Int64 {
        PlainArithmetic.floorDivision(biasRegisters[c][i], 4096)
    }

    /// Attenuation of the population of a slot.
    func attenuation(of slot: Int, _ core: CoreTables) -> Int {
        for segment in core.segments
        where segment.firstSlot <= slot && slot < segment.firstSlot + segment.count {
            return attenuations[Int(segment.population)]
        }
        return 0
    }

    /// T of a population, i = −1024 … 1024; empty for other models.
    static func spikeTable(_ population: PopulationTable, forgetsRefractory: Bool) -> [Int64] {
        guard let sampling = population.sampling else { return [] }
        let step = tableStep(sampling)
        let offset =
            forgetsRefractory ? 0 : PortableMath.log(Double(sampling.refractorySteps))
        return (-1024...1024).map { i in
            let x = Double(i) * Double(step) * sampling.logOddsPerRaw - offset
            let sigma = 1 / (1 + PortableMath.exp(-x))
            return PlainArithmetic.nearest(4_294_967_296 * sigma, 0, 4_294_967_295)
        }
    }

    /// 2^g.
    static func tableStep(_ sampling: SamplingTable) -> Int64 {
        var g = 0
        while g < 31,
            Double(PlainArithmetic.power(g + 1)) * sampling.logOddsPerRaw <= 1.0 / 32
        {
            g += 1
        }
        return PlainArithmetic.power(g)
    }

    /// p(v).
    func spikeProbability(_ v: Int64, _ p: Int) -> Int64 {
        guard let sampling = image.network.populations[p].sampling else { return 0 }
        let table = spikeTables[p]
        let step = Self.tableStep(sampling)
        let i = PlainArithmetic.floorDivision(v, step)
        if i < -1024 { return table[0] }
        if i >= 1024 { return table[2048] }
        let below = table[Int(i) + 1024]
        let above = table[Int(i) + 1025]
        return below + PlainArithmetic.floorDivision((above - below) * (v - i * step), step)
    }

    /// N of a neuron in this step.
    func noise(_ p: Int, _ k: Int, scale: Double) -> Int64 {
        let population = image.network.populations[p]
        let stream = RandomStream(seed: seed, purpose: .temporalNoise)
        var sum: Int64 = 0
        for (i, source) in (population.noise ?? []).enumerated() {
            let word: UInt32
            if let name = source.sharedSource {
                word = stream.words(0xFFFF_FFFF, Self.id(name), drawStep).0
            } else {
                let k = planted == .noiseIsShared ? 0 : k
                let block = stream.words(
                    UInt32(k / 4 + i * (1 << 24)),
                    Self.id(population.path),
                    drawStep
                )
                word = Self.word(k % 4, of: block)
            }
            let bytes = [word % 256, word / 256 % 256, word / 65536 % 256, word / 16_777_216]
            let s = bytes.reduce(Int64(-510)) { $0 + Int64($1) }
            let half: Int64 = planted == .noiseRoundsDown ? 0 : 128
            let amplitude = min(65535, PlainArithmetic.nearest(Double(source.amplitude) * scale))
            sum += PlainArithmetic.floorDivision(s * amplitude + half, 256)
        }
        return sum
    }

    /// S' of a population.
    private func attenuated(_ s: Int64, _ p: Int) -> Int64 {
        planted == .attenuationShiftsEachCharge
            ? s : PlainArithmetic.shift(s, by: -attenuations[p])
    }

    private func decayed(_ x: Int64, _ d: Int64) -> Int64 {
        let one = PlainArithmetic.power(image.chip.soma.decayBits)
        let rounding = planted == .decayFloors ? .floor : image.chip.soma.decayRounding
        return PlainArithmetic.divide(x * (one - d), by: one, rounding: rounding)
    }

    private mutating func fitCurrent(_ value: Int64) -> Int64 {
        guard let format = image.chip.soma.current else { return 0 }
        let fitted = PlainArithmetic.fit(value, format.minimum, format.maximum, format.overflow)
        if fitted != value { report.currentOverflows += 1 }
        return fitted
    }

    private mutating func fitGeneric(_ value: Int64) -> Int64 {
        let format = image.chip.soma.membrane
        return fitMembrane(value, format.minimum, format.maximum, format.overflow)
    }

    private func refractorySteps(_ c: Int, _ i: Int) -> Int64 {
        max(0, neurons[c][i].refractorySteps - (planted == .refractoryIsOneShort ? 1 : 0))
    }

    /// `noisyLIF`.
    mutating func updateNoisy(_ s: Int64, _ p: Int, _ c: Int, _ i: Int) -> Bool {
        let soma = image.chip.soma
        let neuron = neurons[c][i]
        var drive = PlainArithmetic.shift(attenuated(s, p), by: soma.accumulatorShift)
        if image.network.populations[p].hasCurrent {
            let old = u[c][i]
            u[c][i] = fitCurrent(decayed(old, neuron.currentDecay) + drive + neuron.currentBias)
            drive = planted == .membraneUsesOldCurrent ? old : u[c][i]
        }
        if zeta[c][i] > 0 {
            zeta[c][i] -= 1
            v[c][i] = neuron.resetPotential
            return false
        }
        let leak = PlainArithmetic.divide(
            (drive + bias(c, i) - v[c][i]) * neuron.membraneDecay,
            by: PlainArithmetic.power(soma.decayBits),
            rounding: planted == .decayFloors ? .floor : soma.decayRounding
        )
        let k = Int(image.cores[c].neurons.indexInPopulation[i])
        v[c][i] = fitGeneric(
            v[c][i] + leak
                + noise(p, k, scale: planted == .noiseIgnoresMismatch ? 1 : neuron.noiseScale)
        )
        guard exceeds(v[c][i], neuron.threshold) else { return false }
        if planted != .spikeKeepsPotential { v[c][i] = neuron.resetPotential }
        zeta[c][i] = refractorySteps(c, i)
        return true
    }

    /// `sampling`.
    mutating func updateSampling(_ s: Int64, _ p: Int, _ c: Int, _ i: Int) -> Bool {
        let soma = image.chip.soma
        let neuron = neurons[c][i]
        guard let sampling = image.network.populations[p].sampling else { return false }
        let drive = PlainArithmetic.shift(attenuated(s, p), by: soma.accumulatorShift)
        var potential: Int64
        switch sampling.psp {
        case .rectangular:
            pastInputs[c][i].append(s)
            var leaving: Int64 = 0
            let length = sampling.pspSteps + (planted == .potentialIsOneStepLong ? 1 : 0)
            if pastInputs[c][i].count > length { leaving = pastInputs[c][i].removeFirst() }
            u[c][i] = fitCurrent(u[c][i] + s - leaving)
            potential = PlainArithmetic.shift(attenuated(u[c][i], p), by: soma.accumulatorShift)
        case .exponential:
            u[c][i] = fitCurrent(decayed(u[c][i], neuron.currentDecay) + drive)
            potential = u[c][i]
        case .alpha:
            let old = h[c][i]
            h[c][i] = fitCurrent(decayed(old, neuron.currentDecay) + drive)
            let passed = PlainArithmetic.divide(
                (planted == .alphaUsesOldFilter ? old : h[c][i]) * neuron.currentDecay,
                by: PlainArithmetic.power(soma.decayBits),
                rounding: planted == .decayFloors ? .floor : soma.decayRounding
            )
            u[c][i] = fitCurrent(decayed(u[c][i], neuron.currentDecay) + passed)
            potential = u[c][i]
        }
        potential += bias(c, i)
        v[c][i] = fitGeneric(potential)
        if zeta[c][i] > (planted == .samplerWaitsForZero ? 0 : 1) {
            zeta[c][i] -= 1
            return false
        }
        let k = Int(image.cores[c].neurons.indexInPopulation[i])
        let block = RandomStream(seed: seed, purpose: .stochasticSpike).words(
            UInt32(k / 4),
            Self.id(image.network.populations[p].path),
            drawStep
        )
        let spikes = Int64(Self.word(k % 4, of: block)) < spikeProbability(v[c][i], p)
        zeta[c][i] = spikes ? refractorySteps(c, i) : 0
        return spikes
    }
}
