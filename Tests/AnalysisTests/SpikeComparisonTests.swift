import Analysis
import Events
import Testing

@Suite("Spike comparison")
struct SpikeComparisonTests {
    /// Population = core, for cores 0 and 1.
    private func compare(_ recorded: [Spike], _ emulated: [Spike]) -> SpikeComparison {
        .of(recorded: recorded, emulated: emulated, populationCount: 2) { Int($0.core) }
    }

    private func spike(_ step: UInt64, _ core: UInt32, _ neuron: UInt32) -> Spike {
        Spike(step: step, core: core, neuron: neuron)
    }

    @Test("equal streams are equal, empty ones too")
    func equal() {
        let spikes = [spike(1, 0, 3), spike(1, 0, 3), spike(2, 1, 0), spike(2, 7, 0)]
        let comparison = compare(spikes, spikes)
        #expect(comparison.isEqual)
        #expect(comparison.total.recorded == 4 && comparison.total.emulated == 4)
        #expect(comparison.populations.map(\.recorded) == [2, 1])
        #expect(comparison.others.recorded == 1)
        #expect(compare([], []).isEqual)
    }

    @Test("names the first difference and the side that has it, and counts all of them")
    func differences() {
        let recorded = [spike(1, 0, 3), spike(2, 0, 1), spike(4, 1, 9), spike(5, 0, 0)]
        let emulated = [spike(1, 0, 3), spike(3, 1, 0), spike(4, 1, 9), spike(6, 0, 0)]
        let comparison = compare(recorded, emulated)
        #expect(comparison.firstDifference == .init(spike(2, 0, 1), onlyIn: .recorded))
        #expect(comparison.populations[0].missing == 2 && comparison.populations[0].extra == 1)
        #expect(comparison.populations[1].missing == 0 && comparison.populations[1].extra == 1)
        #expect(comparison.differenceCount == 4)
        let reversed = compare(emulated, recorded)
        #expect(reversed.firstDifference == .init(spike(2, 0, 1), onlyIn: .emulated))
    }

    @Test("a repeated spike is a difference")
    func repeated() {
        let comparison = compare([spike(1, 0, 3), spike(1, 0, 3)], [spike(1, 0, 3)])
        #expect(comparison.firstDifference == .init(spike(1, 0, 3), onlyIn: .recorded))
        #expect(comparison.total.missing == 1)
    }

    @Test("a difference in core or neuron alone is found", arguments: [(1, 3), (0, 4)])
    func address(core: UInt32, neuron: UInt32) {
        let comparison = compare([spike(1, 0, 3)], [spike(1, core, neuron)])
        #expect(comparison.firstDifference == .init(spike(1, 0, 3), onlyIn: .recorded))
        #expect(comparison.differenceCount == 2)
    }

    @Test("step by step gives what the whole gives")
    func streaming() {
        var recorded: [Spike] = []
        var emulated: [Spike] = []
        for step in 0..<200 as Range<UInt64> {
            for neuron in 0..<40 as Range<UInt32> {
                let hash = (step &* 2_654_435_761 &+ UInt64(neuron) &* 40_503) >> 7
                if hash % 3 == 0 { recorded.append(spike(step, neuron % 3, neuron)) }
                if hash % 3 == 0 && hash % 50 != 1 || hash % 97 == 1 {
                    emulated.append(spike(step, neuron % 3, neuron))
                }
            }
        }
        recorded.sort()
        emulated.sort()
        let whole = compare(recorded, emulated)
        var stepped = SpikeComparison(populationCount: 2) { Int($0.core) }
        for step in 0..<200 as Range<UInt64> {
            stepped.append(
                recorded: recorded.filter { $0.step == step },
                emulated: emulated.filter { $0.step == step }[...]
            )
        }
        #expect(!whole.isEqual)
        #expect(stepped.firstDifference == whole.firstDifference)
        #expect(stepped.populations == whole.populations && stepped.others == whole.others)
        let missing = Set(recorded).subtracting(emulated).count
        let extra = Set(emulated).subtracting(recorded).count
        #expect(whole.total.missing == missing && whole.total.extra == extra)
    }
}
