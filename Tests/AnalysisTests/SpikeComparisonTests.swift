import Analysis
import Events
import Testing

@Suite("Spike comparison")
struct SpikeComparisonTests {
    private func spikes(_ step: UInt64, _ neurons: [UInt32]) -> ArraySlice<Spike> {
        neurons.map { Spike(step: step, core: 0, neuron: $0) }[...]
    }

    /// Neurons below 10 are population 0, those below 20 population 1, others none.
    private func population(_ address: NeuronAddress) -> Int? {
        address.neuron < 20 ? Int(address.neuron / 10) : nil
    }

    @Test("finds nothing between equal streams, repeated spikes included")
    func equal() {
        var comparison = SpikeComparison(populations: ["a", "b"])
        for step in 0..<5 {
            let both = spikes(UInt64(step), [1, 1, 12])
            comparison.compare(recorded: both, emulated: both, population: population)
        }
        #expect(comparison.isEqual && comparison.differences == 0)
        #expect(comparison.populations[0].recorded == 10)
        #expect(comparison.populations[1].emulated == 5)
    }

    @Test(
        "names the first difference and its side",
        arguments: [
            (recorded: [1, 5], emulated: [1], neuron: 5, side: SpikeComparison.Side.recorded),
            (recorded: [1], emulated: [1, 5], neuron: 5, side: .emulated),
            (recorded: [2, 3], emulated: [1, 3], neuron: 1, side: .emulated),
            (recorded: [1, 1], emulated: [1], neuron: 1, side: .recorded),
            (recorded: [], emulated: [0], neuron: 0, side: .emulated),
        ] as [(recorded: [UInt32], emulated: [UInt32], neuron: UInt32, side: SpikeComparison.Side)]
    )
    func firstDifference(
        recorded: [UInt32],
        emulated: [UInt32],
        neuron: UInt32,
        side: SpikeComparison.Side
    ) {
        var comparison = SpikeComparison(populations: ["a", "b"])
        comparison.compare(
            recorded: spikes(7, recorded),
            emulated: spikes(7, emulated),
            population: population
        )
        comparison.compare(
            recorded: spikes(8, []),
            emulated: spikes(8, [3]),
            population: population
        )
        let first = comparison.firstDifference
        #expect(first?.spike == Spike(step: 7, core: 0, neuron: neuron) && first?.side == side)
    }

    @Test("counts missing and extra spikes by population, and spikes of no neuron apart")
    func counts() {
        var comparison = SpikeComparison(populations: ["a", "b"])
        comparison.compare(
            recorded: spikes(0, [1, 2, 15, 30]),
            emulated: spikes(0, [2, 3, 4, 15, 16]),
            population: population
        )
        let a = comparison.populations[0]
        #expect((a.recorded, a.emulated, a.missing, a.extra) == (2, 3, 1, 2))
        let b = comparison.populations[1]
        #expect((b.recorded, b.emulated, b.missing, b.extra) == (1, 2, 0, 1))
        #expect(comparison.unplaced == 1 && comparison.differences == 5)
    }
}
