import ChipImage
import ChipSpec
import Compiler
import NetworkIR
import TestSupport
import Testing

@Suite("Scale rules")
struct ScaleRuleTests {
    private typealias Nets = TestNetworks

    /// A population with one row of weights.
    private func network(_ weights: [Double]) -> Network {
        Nets.network(
            [Nets.input(weights.count), Nets.integrateAndFire("x", 1)],
            [Nets.dense(0, 1, weights)]
        )
    }

    private func options(_ rule: ScaleRule) -> CompilerOptions {
        var options = CompilerOptions()
        options.scale = rule
        return options
    }

    @Test(
        "are read as they are written",
        arguments: [
            ("max", ScaleRule.max), ("percentile", .percentile(99.9)),
            ("percentile=97.5", .percentile(97.5)), ("percentile=100", .percentile(100)),
        ]
    )
    func parses(text: String, rule: ScaleRule) {
        #expect(ScaleRule(text) == rule)
        #expect(ScaleRule(rule.description) == rule)
    }

    @Test(
        "are refused where they say nothing",
        arguments: [
            "", "most", "max=1", "percentile=", "percentile=0", "percentile=-1",
            "percentile=100.1", "percentile=nan", "percentile=1=2",
        ]
    )
    func refuses(text: String) { #expect(ScaleRule(text) == nil) }

    @Test("put the weight of the nearest rank at the rail and clip what lies above by half a step")
    func nearestRank() throws {
        // √990 is the 99th of a hundred parts; √998, √999 and √1000 are more than half a step above.
        let weights = (1...1000).map { Double($0).squareRoot() }
        let quantised = try Pipeline.quantised(
            network(weights),
            for: try TestChips.pilot(),
            options: options(.percentile(99))
        )
        let projection = quantised.projections[0]
        #expect((projection.scale - 990.0.squareRoot() / 127).magnitude < 1e-12)
        #expect(projection.error.clipped == 3)
        #expect(projection.weights.suffix(4) == [127, 127, 127, 127])
        let report = try Compiler.compile(
            network(weights),
            for: try TestChips.pilot(),
            options: options(.percentile(99))
        ).report
        #expect(report.projections[0].weights == 1000)
        #expect(report.projections[0].weightsClipped == 3)
        #expect(report.projections[0].clippedShare == 0.003)
        #expect(report.notes.contains { $0.contains("3 of 1,000 weights") })
    }

    @Test("by a percentile spare the many from the few: fewer weights become 0")
    func outlier() throws {
        var random = SplitMix64(seed: 3)
        let weights = (0..<999).map { _ in random.double(0.1...1) } + [400]
        func report(_ rule: ScaleRule) throws -> ProjectionReport {
            try Compiler.compile(
                network(weights),
                for: try TestChips.pilot(),
                options: options(rule)
            ).report.projections[0]
        }
        let largest = try report(.max)
        // A step of 400/127 is more than twice any other weight.
        #expect(largest.zeroedShare == 0.999)
        #expect(largest.weightsClipped == 0)
        let percentile = try report(.percentile(99.9))
        #expect(percentile.weightsRoundedToZero == 0)
        #expect(percentile.weightsClipped == 1)
    }

    @Test("at 100 % give the image of the largest weight, byte for byte", arguments: 0..<8)
    func wholeRange(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let network = RandomNetworks.network(
            &random,
            models: [.lif, .integrateAndFire],
            reset: .toResetPotential
        )
        for chip in [try TestChips.pilot(), try TestChips.loihi()] {
            let standard = try Compiler.compile(network, for: chip)
            let whole = try Compiler.compile(
                network,
                for: chip,
                options: options(.percentile(100))
            )
            #expect(standard == whole)
            #expect(standard.report.projections.allSatisfy { $0.weightsClipped == 0 })
        }
    }

    @Test("leave networks exact that a scale without clipping keeps exact", arguments: 0..<6)
    func exactStaysExact(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let weights = (0..<40).map { _ in Double(random.int(-15...31)) / 4 }
        let chip = try seed % 2 == 0 ? TestChips.pilot() : TestChips.loihi()
        let standard = try Compiler.compile(network(weights), for: chip)
        #expect(standard.report.projections[0].signalToErrorInDecibels == nil)
        let half = try Compiler.compile(
            network(weights),
            for: chip,
            options: options(.percentile(50))
        )
        #expect(standard == half)
    }

    @Test("of one population leave the others as they are")
    func ofOnePopulation() throws {
        var random = SplitMix64(seed: 8)
        let network = Nets.network(
            [Nets.input(30), Nets.lif("x", 20, r: 10), Nets.lif("y", 10, r: 10)],
            [
                Nets.dense(0, 1, Nets.randomWeights(600, -0.3...0.5, &random)),
                Nets.dense(1, 2, Nets.randomWeights(200, -0.3...0.5, &random)),
            ]
        )
        let chip = try TestChips.pilot()
        var options = CompilerOptions()
        options.scaleOfPopulation = ["y": .percentile(90)]
        let standard = try Compiler.compile(network, for: chip).report.projections
        let one = try Compiler.compile(network, for: chip, options: options).report.projections
        #expect(standard[0] == one[0])
        #expect(one[1].scale < standard[1].scale)
        #expect(one[1].weightsClipped > 0)
    }
}
