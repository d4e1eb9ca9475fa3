import Analysis
import Events
import Testing

@Suite("Spike statistics")
struct SpikeStatisticsTests {
    @Test("counts spikes, active neurons and rates by population")
    func counts() {
        var statistics = SpikeStatistics(neuronCounts: [4, 2]) { Int($0.core) }
        #expect(statistics.steps == nil)
        statistics.append([
            Spike(step: 5, core: 0, neuron: 1), Spike(step: 3, core: 0, neuron: 1),
            Spike(step: 9, core: 1, neuron: 0), Spike(step: 9, core: 2, neuron: 0),
        ])
        #expect(statistics.populations.map(\.spikes) == [2, 1])
        #expect(statistics.otherSpikes == 1 && statistics.spikeCount == 4)
        #expect(statistics.steps == 3...9)
        #expect(statistics.activeNeuronCount(of: 0) == 1)
        #expect(statistics.populations[0].spikesPerNeuron == 0.5)
        let timeBase = TimeBase(numerator: 1, denominator: 1000)
        #expect(statistics.meanRate(of: 0, stepCount: 100, timeBase: timeBase) == 5)
        #expect(statistics.meanRate(of: 0, stepCount: 0, timeBase: timeBase) == 0)
    }
}
