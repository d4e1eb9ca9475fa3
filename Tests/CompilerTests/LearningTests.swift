import ChipImage
import ChipSpec
import Compiler
import NetworkIR
import TestSupport
import Testing

@Suite("Networks that learn")
struct LearningTests {
    private typealias Nets = LearningNetworks

    @Test("compiles 40 + 40 noisy neurons to registers worked out by hand")
    func reciprocal() throws {
        let chip = try TestChips.pilot()
        let network = Nets.reciprocal(40)
        let compiled = try Compiler.compile(network, for: chip, rules: [Nets.program])
        try compiled.image.verify()
        let table = compiled.image.network
        #expect(table.rules == [Nets.program])
        #expect(table.populations.map(\.depth) == [0, 0])
        #expect(table.projections.map(\.delay) == [1, 1])
        // Sorted by target: b feeds population 0.
        #expect(table.projections.map(\.name) == ["b", "w"])
        #expect(table.projections.map(\.rule) == [0, nil])
        #expect(table.projections.map(\.feedbackOf) == [1, nil])
        #expect(table.projections.map(\.synapses) == [1600, 1600])
        // 0.6 over 128 a raw weight; v has 6 bits more.
        let scale = 0.6 / 128
        #expect(table.projections.allSatisfy { ($0.weightScale / scale - 1).magnitude < 1e-12 })
        let unit = scale / 64
        #expect((table.populations[0].membraneScale[0] / unit - 1).magnitude < 1e-12)
        #expect(table.populations[0].refractorySteps == 3)
        // 1 / unit = 13653.33; 0.5 / unit = 6826.67; 4096(1 − e^−0.1) = 389.79, 4096(1 − e^−0.2) = 742.48;
        // a = 3706/4096, √(1 − a²) = 0.42591, 0.2 / unit · 0.42591 · 256 / 147.80 = 2014.4.
        let neurons = compiled.image.cores[0].neurons
        #expect(Set(neurons.threshold) == [13_653])
        #expect(Set(neurons.membraneBias) == [6_827])
        #expect(Set(neurons.membraneDecay) == [390])
        #expect(Set(neurons.currentDecay) == [742])
        #expect(table.populations[1].noise == [NoiseTable(amplitude: 2_014)])
    }
}
