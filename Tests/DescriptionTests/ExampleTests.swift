import ChipSpec
import Description
import Foundation
import NetworkIR
import TestSupport
import Testing

@Suite("Examples of experiments")
struct ExampleTests {
    static let folder = Fixtures.repository.appendingPathComponent("Examples/learning").path
    static let files: [String] = {
        let all = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String }
        return (all ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
    }()

    @Test("are there: setup R and its controls, two neurons, the scatter, many cores and nine axes")
    func names() {
        #expect(
            Set([
                "reciprocal.yaml", "controls.yaml", "two-neurons.yaml", "scatter.yaml",
                "many-cores.yaml", "axes/step.yaml", "axes/mismatch.yaml", "axes/bits.yaml",
                "axes/weight-scale.yaml", "axes/weight-scale-sampling.yaml", "axes/noise.yaml",
                "axes/common-noise.yaml", "axes/delay.yaml", "axes/chip-time.yaml",
            ]).isSubset(of: Self.files)
        )
    }

    @Test("can be read, every arm of them, and drawn", arguments: files)
    func canBeRead(name: String) throws {
        let file = try ExperimentFile(path: Self.folder + "/" + name)
        for arm in file.arms.isEmpty ? [nil] : file.arms.map(Optional.some) {
            let experiment = try file.experiment(arm: arm)
            #expect(experiment.arm == arm)
            let network = experiment.network(seed: experiment.seeds[0])
            #expect(network.rules.count == 1, "\(arm ?? "")")
            #expect(network.projections.count { $0.feedbackOf != nil } == 1)
            let feedback = try #require(network.projections.firstIndex { $0.feedbackOf != nil })
            let forward = try #require(network.projections[feedback].feedbackOf)
            #expect(network.projections[forward].source == network.projections[feedback].target)
            #expect(network.projections[feedback].plasticity?.rule == 0)
        }
    }

    private static func reciprocal(_ arm: String) throws -> Experiment {
        try ExperimentFile(path: folder + "/reciprocal.yaml").experiment(arm: arm)
    }

    @Test("the arms of setup R differ as their table says")
    func arms() throws {
        let s2 = try Self.reciprocal("S2")
        #expect(s2.seeds == Array(200...209))
        #expect(s2.plan.phases.count == 2)
        #expect(s2.runs[0].seconds == 400)
        #expect(s2.runs[0].rateControl == nil)
        #expect(s2.mismatch.isEmpty)
        #expect(try Self.reciprocal("S1").runs[0].amplitudes[0].from == 12e-3)
        #expect(try Self.reciprocal("frozen").runs[0].learning == [])
        #expect(try Self.reciprocal("S3").mismatch.count == 5)
        #expect(try Self.reciprocal("S5-0.4").mismatch == [.weight: 0.4])
        let h2 = try #require(try Self.reciprocal("H2").runs[0].rateControl)
        #expect(h2 == RateControlPlan(target: 30, step: 0.005))
        #expect(try Self.reciprocal("H3-0.4").mismatch[.threshold] == 0.4)
        let h5 = try Self.reciprocal("H5")
        #expect(h5.plan.phases.count == 1, "no trim")
        #expect(h5.runs[0].attenuation == ["lower": 2, "upper": 2])
        #expect(h5.runs[0].amplitudes[0].from == 4e-2)
        #expect(h5.network(seed: 200).rules[0].name == "sal-nearest")
        #expect(h5.network(seed: 200).projection("forward")?.plasticity?.fullScale == 3)
    }

    @Test(
        "on the axis of weights, only the line with the shift has one"
    )
    func linesOfAnAxis() throws {
        let file = try ExperimentFile(path: Self.folder + "/axes/weight-scale.yaml")
        #expect(file.axis?.label == "standard deviation of the weights (thresholds)")
        #expect(file.arms.count == 18)
        let strong = try file.experiment(arm: "shift@1.0")
        #expect(strong.axisValue == 1)
        #expect(strong.runs[0].choosesAttenuation && strong.runs[0].attenuation.isEmpty)
        #expect(try !file.experiment(arm: "homeostasis@1.0").runs[0].choosesAttenuation)
        #expect(file.axisPlaces["shift@0.7"]?.line == "shift")
    }
}
