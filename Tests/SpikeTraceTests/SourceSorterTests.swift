import Events
import SpikeTrace
import Testing

/// The sorter against a plain model: one spike after the other, with no tables and no blocks.
@Suite("Spikes sorted by source")
struct SourceSorterTests {
    private static let channels = [
        SpikeChannel(core: 0, neuronCount: 300, label: ""),
        SpikeChannel(core: 3, neuronCount: 70_000, label: ""),
        SpikeChannel(core: 4, neuronCount: 2, label: ""),
        // Too far away for the table of low cores.
        SpikeChannel(core: 1 << 20, neuronCount: 1, label: ""),
        SpikeChannel(core: NeuronAddress.firstInputCore, neuronCount: 64, label: ""),
        SpikeChannel(core: NeuronAddress.firstInputCore + 1, neuronCount: .max, label: ""),
    ]

    /// What a piece comes to.
    private struct Outcome: Equatable {
        var taken = 0
        var problem: String?
        var bySource: [Int: [Spike]] = [:]
    }

    private func model(_ spikes: [Spike], after last: Spike?, _ order: SpikeOrder) -> Outcome {
        var outcome = Outcome()
        var last = last
        for spike in spikes {
            guard let source = Self.channels.firstIndex(where: { $0.core == spike.core }) else {
                outcome.problem = "unknownCore"
                break
            }
            let isEarlier =
                last.map { order == .arrival ? spike.step < $0.step : spike < $0 } ?? false
            if spike.tick != 0 {
                outcome.problem = "tick"
            } else if isEarlier {
                outcome.problem = "outOfOrder"
            } else if spike.neuron >= Self.channels[source].neuronCount {
                outcome.problem = "neuron"
            }
            // A piece spans less than 2^31 steps; what is behind waits.
            guard outcome.problem == nil, spike.step - spikes[0].step < 1 << 31 else { break }
            outcome.bySource[source, default: []].append(spike)
            outcome.taken += 1
            last = spike
        }
        return outcome
    }

    private func sorted(
        _ spikes: [Spike],
        after last: Spike?,
        _ order: SpikeOrder,
        by sorter: inout SourceSorter
    ) -> Outcome {
        var outcome = Outcome()
        let problem = sorter.take(spikes.span, after: last, order: order)
        outcome.problem = problem.map { String("\($0)".prefix { $0 != "(" }) }
        outcome.taken = sorter.count
        let first = sorter.firstStep
        sorter.forEachSource { source, spikes in
            for index in spikes.indices {
                outcome.bySource[source, default: []].append(
                    Spike(
                        step: first + spikes[index].step,
                        core: Self.channels[source].core,
                        neuron: spikes[index].neuron
                    )
                )
            }
        }
        return outcome
    }

    /// Spikes in canonical order, of some of the cores, with an error or none at a random place.
    private func piece(_ random: inout SplitMix) -> [Spike] {
        let count = Int.random(in: 1...700, using: &random)
        let used = Int.random(in: 1...Self.channels.count, using: &random)
        let start = UInt64.random(in: 0...(UInt64.max - (1 << 40)), using: &random)
        let span: UInt64 = [1, 50, 1 << 20, 1 << 31, 1 << 33].randomElement(using: &random) ?? 1
        var spikes = (0..<count).map { _ in
            let channel = Self.channels[Int.random(in: 0..<used, using: &random)]
            return Spike(
                step: start + UInt64.random(in: 0..<span, using: &random),
                core: channel.core,
                neuron: UInt32.random(in: 0..<channel.neuronCount, using: &random)
            )
        }.sorted()
        let place = Int.random(in: 0..<count, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0: spikes[place].tick = 1
        case 1: spikes[place].core = 2
        case 2: spikes[place].core = 1 << 19
        case 3: spikes[place].core = .max
        case 4: spikes.swapAt(place, Int.random(in: 0..<count, using: &random))
        case 5: spikes[place] = Spike(step: spikes[place].step, core: 0, neuron: 300)
        case 6: spikes[place].step = .max
        default: break
        }
        return spikes
    }

    @Test("random pieces, good and bad, as one spike after the other")
    func pieces() {
        var random = SplitMix(state: 17)
        var sorter = SourceSorter(Self.channels)
        var problems: [String: Int] = [:]
        for _ in 0..<600 {
            let spikes = piece(&random)
            let order: SpikeOrder = Bool.random(using: &random) ? .canonical : .arrival
            let last: Spike? =
                Bool.random(using: &random)
                ? nil
                : Bool.random(using: &random) ? spikes.first : spikes.randomElement(using: &random)
            let expected = model(spikes, after: last, order)
            #expect(sorted(spikes, after: last, order, by: &sorter) == expected)
            problems[
                expected.problem ?? (expected.taken < spikes.count ? "far" : "none"),
                default: 0
            ] += 1
        }
        // Every outcome was there.
        for outcome in ["none", "far", "unknownCore", "tick", "outOfOrder", "neuron"] {
            #expect(problems[outcome, default: 0] >= 10, "\(outcome): \(problems)")
        }
    }
}
