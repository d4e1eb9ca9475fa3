import ChipSpec
import Compiler
import NetworkIR
import TestSupport
import Testing

@Suite("Parameter reports")
struct ParameterReportTests {
    private typealias Nets = TestNetworks

    private func row(
        _ name: String,
        of path: String,
        in report: CompileReport
    ) throws -> ParameterValue {
        let found = report.parameters.first { $0.of == path && $0.parameter == name }
        return try #require(found?.rows.first)
    }

    @Test("say what a register stands for: decays, thresholds, biases, resets, delays")
    func closedForms() throws {
        // On IF a weight of 127 makes a raw unit of v 1/64; tau 10 is a decay of 409.6/4096.
        var network = Nets.network(
            [
                Nets.input(1),
                Nets.integrateAndFire("x", 2, threshold: 100.3, reset: -0.7, bias: [0.26, 0.26]),
                Nets.lif("y", 3, tau: 10, threshold: 0.9),
            ],
            [Nets.dense(0, 1, [127, 127]), Nets.dense(1, 2, [Double](repeating: 0.7, count: 6))],
            reset: .toResetPotential
        )
        network.projections[1].delay = 2
        let report = try Compiler.compile(network, for: try TestChips.pilot()).report
        let threshold = try row("threshold", of: "x", in: report)
        #expect(threshold.value == 100.3)
        // Strictly above: rounded down.
        #expect(threshold.register == 6419)
        #expect(threshold.standsFor == 6419.0 / 64)
        #expect(threshold.neurons == 2)
        let off = (6419.0 / 64 - 100.3) / 100.3
        #expect(((threshold.relativeError ?? 1) - off).magnitude < 1e-12)
        let reset = try row("reset", of: "x", in: report)
        #expect(reset.register == -45 && reset.standsFor == -45.0 / 64)
        let bias = try row("membrane bias", of: "x", in: report)
        #expect(bias.register == 17 && bias.standsFor == 17.0 / 64)
        let decay = try row("membrane decay", of: "y", in: report)
        #expect(decay.value == 0.1 && decay.register == 410)
        #expect(((decay.relativeError ?? 1) - (410.0 / 409.6 - 1)).magnitude < 1e-12)
        let delay = try row("delay", of: "x → y", in: report)
        #expect(delay.value == 2 && delay.standsFor == 2)
        #expect(delay.register == report.projections[1].delay)
        #expect(delay.relativeError == 0)
        #expect(!report.parameters.contains { $0.of == "x" && $0.parameter == "membrane decay" })
    }

    @Test("agree with the quantised network", arguments: 0..<12)
    func agreeWithQuantisedNetwork(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let isLoihi = seed % 2 == 1
        let chip = try isLoihi ? TestChips.loihi() : TestChips.pilot()
        let network = RandomNetworks.network(
            &random,
            models: [.lif, .integrateAndFire, .cubaLIF],
            reset: .toResetPotential
        )
        let compilation = try Compiler.compile(network, for: chip)
        let quantised = try compilation.quantisedNetwork()
        var compared = 0
        for parameter in compilation.report.parameters {
            guard
                let population = quantised.populations.first(where: { $0.path == parameter.of })
            else { continue }
            for row in parameter.rows {
                let stored: Double? =
                    switch (parameter.parameter, population.dynamics) {
                    case ("threshold", .integrateAndFire(let neuron)):
                        neuron.firing.threshold[row.neuron]
                    case ("threshold", .leakyIntegrateAndFire(_, let firing)),
                        ("threshold", .currentBased(_, _, let firing)):
                        firing.threshold[row.neuron]
                    case ("reset", .integrateAndFire(let neuron)):
                        neuron.firing.reset[row.neuron]
                    case ("reset", .leakyIntegrateAndFire(_, let firing)),
                        ("reset", .currentBased(_, _, let firing)):
                        firing.reset[row.neuron]
                    case ("membrane decay", .leakyIntegrateAndFire(let leaky, _)),
                        ("membrane decay", .currentBased(_, let leaky, _)):
                        quantised.timeStep / leaky.tau[row.neuron]
                    case ("current decay", .currentBased(let filter, _, _)):
                        quantised.timeStep / filter.tau[row.neuron]
                    default: nil
                    }
                guard let stored else { continue }
                compared += 1
                #expect((stored - row.standsFor).magnitude < 1e-9)
            }
        }
        #expect(compared > 3)
    }

    @Test("list up to sixteen values, and beyond them the ends and the worst")
    func manyValues() throws {
        func parameter(_ count: Int) throws -> ParameterReport {
            var population = Nets.integrateAndFire("x", count)
            population.dynamics = .integrateAndFire(
                IntegrateAndFire(
                    r: [Double](repeating: 1, count: count),
                    firing: Firing(
                        threshold: (0..<count).map { 40 + Double($0) * 0.31 },
                        reset: [Double](repeating: 0, count: count)
                    )
                )
            )
            let network = Nets.network(
                [Nets.input(1), population],
                [Nets.dense(0, 1, [Double](repeating: 127, count: count))]
            )
            let report = try Compiler.compile(network, for: try TestChips.pilot()).report
            return try #require(report.parameters.first { $0.parameter == "threshold" })
        }
        let listed = try parameter(16)
        #expect(listed.differentValues == 16 && listed.rows.map(\.neuron) == Array(0..<16))
        let many = try parameter(17)
        #expect(many.differentValues == 17 && many.rows.count == 3)
        #expect(many.rows[0].value == 40 && many.rows[1].neuron == 16)
        var worst = 0.0
        for neuron in 0..<17 {
            let value = 40 + Double(neuron) * 0.31
            let stored = (value * 64).rounded(.down) / 64
            worst = max(worst, (value - stored) / value)
        }
        #expect(((many.rows[2].relativeError ?? 0).magnitude - worst).magnitude < 1e-12)
    }
}
