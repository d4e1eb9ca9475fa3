import FixedPoint

/// Spikes that the recording probably lost, each with its probability, step by step.
///
/// A lost spike disturbs the potentials of its targets for as long as their membranes remember. The sender
/// tells where it was: its own membrane crosses the threshold without a recorded spike, and the next
/// recorded spike comes when it would after that one. The targets are given the charge that is expected.
struct LostSpikes: Sendable {
    /// A sender in a step.
    struct Entry: Sendable {
        var sender: UInt32
        var probability: Double
    }

    /// Step t owns `entries[offsets[t]..<offsets[t + 1]]`.
    private let offsets: [Int]
    private let entries: [Entry]
    /// How many are expected in all.
    let expected: Double

    /// Sorts by step what was found neuron by neuron.
    ///
    /// - Parameters:
    ///   - found: Of each neuron, ascending steps.
    ///   - steps: Of the recording.
    init(_ found: [[NeuronEvidence.Loss]], steps: Int) {
        var offsets = [Int](repeating: 0, count: steps + 1)
        for loss in found.joined() { offsets[loss.step + 1] += 1 }
        for step in 0..<steps { offsets[step + 1] += offsets[step] }
        var next = offsets
        var entries = [Entry](
            repeating: Entry(sender: 0, probability: 0),
            count: offsets[steps]
        )
        var sum = 0.0
        for (neuron, losses) in found.enumerated() {
            for loss in losses {
                entries[next[loss.step]] = Entry(
                    sender: UInt32(neuron),
                    probability: loss.probability
                )
                next[loss.step] += 1
                sum += loss.probability
            }
        }
        self.offsets = offsets
        self.entries = entries
        expected = sum
    }

    /// Those of a step.
    func entries(ofStep step: Int) -> ArraySlice<Entry> {
        entries[offsets[step]..<offsets[step + 1]]
    }
}

/// Charge that neurons are expected to have got by lost spikes, for all delays.
///
/// What is less than a unit is carried to the next step, so that no charge is lost to rounding.
struct ExpectedCharge {
    private let wiring: Wiring
    private let range: Range<Int>
    private let slots: Int
    /// `[delay slot][neuron]`.
    private var charges: [Double]
    private var rests: [Double]
    private var slot = 0

    /// No charge yet, for a range of neurons.
    init(_ wiring: Wiring, neurons range: Range<Int>) {
        self.wiring = wiring
        self.range = range
        slots = wiring.longestDelay
        charges = .init(repeating: 0, count: slots * range.count)
        rests = .init(repeating: 0, count: range.count)
    }

    /// Forgets all: a state reset.
    mutating func reset() {
        for index in charges.indices { charges[index] = 0 }
        for index in rests.indices { rests[index] = 0 }
        slot = 0
    }

    /// Delivers the lost spikes of the last step.
    mutating func deliver(_ entries: ArraySlice<LostSpikes.Entry>) {
        for entry in entries {
            let first = wiring.offsets[Int(entry.sender)]
            let end = wiring.offsets[Int(entry.sender) + 1]
            for synapse in wiring.synapses[first..<end] {
                let neuron = Int(synapse.neuron)
                guard range.contains(neuron) else { continue }
                var place = slot + Int(synapse.delay) - 1
                if place >= slots { place -= slots }
                let population = wiring.neurons[neuron].population
                let exponent = wiring.compartments[population][Int(synapse.compartment)]
                let unit = Double(sign: .plus, exponent: exponent, significand: 1)
                charges[place * range.count + neuron - range.lowerBound] +=
                    entry.probability * unit * Double(synapse.charge)
            }
        }
    }

    /// Whole units for a neuron in this step.
    mutating func read(_ neuron: Int) -> Int64 {
        let index = neuron - range.lowerBound
        let place = slot * range.count + index
        let sum = charges[place] + rests[index]
        let whole = min(max(sum, -0x1p40), 0x1p40).rounded()
        charges[place] = 0
        rests[index] = sum - whole
        return Int64(whole)
    }

    /// Goes on to the next step.
    mutating func advance() {
        slot += 1
        if slot == slots { slot = 0 }
    }
}

extension NeuronEvidence {
    /// A spike that was probably lost.
    struct Loss: Sendable {
        var step: Int
        var probability: Double
    }

    /// A history since the last recorded spike.
    private struct History {
        var state: SolitarySoma.State
        var weight: Double
        /// Steps of its lost spikes.
        var lost: [Int]
    }

    /// Most histories that are followed at a time.
    private static let mostHistories = 12
    /// Histories, and losses, of less weight are let go.
    private static let leastShare = 1e-5

    /// Where the recording lost spikes of this neuron, given all it recorded.
    ///
    /// All histories of lost spikes since the last recorded spike are followed, weighed by what was recorded
    /// up to and with the next one (up to the unlikely). There they meet again, if a spike sets v to the
    /// reset potential; if it subtracts, they go on, and what comes later does not count any more.
    ///
    /// - Parameters:
    ///   - factors: Of the neuron.
    ///   - noise: Standard deviation of the noise, as a share of the threshold.
    ///   - odds: Of spikes lost and strayed.
    ///   - steps: How many, from the first.
    /// - Returns: Losses, ascending steps.
    func lostSpikes(
        _ factors: SomaFactors,
        noise: Double,
        _ odds: SpikeOdds,
        steps: Int
    ) -> [Loss] {
        let registers = soma.registers(tables, slot: slot, factors)
        let inverse = inverseNoise(noise, registers.threshold)
        var result: [Loss] = []
        var histories: [History] = []
        var untilReset = 0
        var asleep = 0
        for step in 0..<steps {
            if untilReset == 0 {
                Self.settle(histories, &result)
                histories = [History(state: soma.initial(registers), weight: 1, lost: [])]
                untilReset = stepsPerReset
                asleep = soma.depth
            }
            untilReset -= 1
            if asleep > 0 {
                asleep -= 1
                continue
            }
            let input = Int64(inputs[step])
            let isRecorded = spikes[step] != 0
            var all = 0.0
            var branches: [History] = []
            for index in histories.indices {
                soma.advance(&histories[index].state, input, registers)
                let distance = Double(histories[index].state.v &- registers.threshold) - 0.5
                let p = SpikeOdds.normal(distance * inverse).probability
                if isRecorded {
                    histories[index].weight *= (1 - odds.lost) * p + odds.stray * (1 - p)
                    soma.spike(&histories[index].state, registers)
                } else {
                    var branch = histories[index]
                    branch.weight *= odds.lost * p
                    histories[index].weight *= (1 - odds.stray) * (1 - p)
                    all += branch.weight
                    if branch.weight > Self.leastShare * histories[index].weight {
                        soma.spike(&branch.state, registers)
                        branch.lost.append(step)
                        branches.append(branch)
                    }
                }
                all += histories[index].weight
            }
            histories += branches
            for index in histories.indices { histories[index].weight /= max(all, 1e-300) }
            if histories.count > 1 {
                histories.removeAll { $0.weight < Self.leastShare }
                if histories.count > Self.mostHistories {
                    histories.sort { $0.weight > $1.weight }
                    histories.removeLast(histories.count - Self.mostHistories)
                }
            }
            guard isRecorded else { continue }
            Self.settle(histories, &result)
            if let first = histories.first, !soma.subtracts {
                histories = [History(state: first.state, weight: 1, lost: [])]
            }
            for index in histories.indices { histories[index].lost = [] }
        }
        Self.settle(histories, &result)
        return result
    }

    private static func settle(_ histories: [History], _ result: inout [Loss]) {
        guard histories.count > 1 || histories.first?.lost.isEmpty == false else { return }
        let all = histories.reduce(0) { $0 + $1.weight }
        guard all > 0 else { return }
        var sums: [Int: Double] = [:]
        for history in histories {
            for step in history.lost { sums[step, default: 0] += history.weight / all }
        }
        for (step, probability) in sums.sorted(by: { $0.key < $1.key })
        where probability > leastShare {
            result.append(Loss(step: step, probability: min(1, probability)))
        }
    }
}
