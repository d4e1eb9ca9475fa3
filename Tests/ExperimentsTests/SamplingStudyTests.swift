import Analysis
import ChipImage
import ChipSpec
import Description
import Emulator
import Events
import Experiments
import Foundation
import NetworkIR
import Report
import Testing

@Suite("Sampling network")
struct SamplingStudyTests {
    private func rule() throws -> LearningRule {
        try RuleFile.rule(
            path: LearningExamples.root.appending(path: "Examples/rules/wake-sleep.yaml").path
        )
    }

    private func run(_ plan: SamplingPlan, seed: UInt64) throws -> SamplingRun {
        try SamplingRun(
            plan,
            seed: seed,
            rule: rule(),
            chip: LearningExamples.catalogue.load("pilot")
        )
    }

    /// A run of seconds: short phases, a large rate.
    private var quick: SamplingPlan {
        var plan = SamplingPlan()
        plan.neuronCount = 4
        plan.phaseInRefractoryTimes = 200
        plan.iterations = 200
        plan.learningRate = 0.1
        plan.alignmentRate = 0.1
        plan.finalSteps = 1_000_000
        return plan
    }

    @Test("the rule counts the steps that two neurons are on together, without rounding")
    func countsCoactivation() throws {
        var plan = SamplingPlan()
        plan.initialNoise = 0.3
        let machine = try run(plan, seed: 3).machine
        let program = try #require(machine.image.network.rules?.first)
        let n = plan.neuronCount
        // A coefficient of 1: each product changes the register by its trace.
        for name in ["hebbAnticausal", "hebbCausal", "hebbTied"] {
            let index = try #require(program.amplitudes.firstIndex(of: name))
            machine.setAmplitude(projection: 0, index: index, value: 1.0 / 256)
        }
        machine.setLearning(projection: 0, isOn: true)
        let before = machine.synapses(of: 0).map(\.register)
        var times = [[Int]](repeating: [], count: n)
        for step in 0..<4000 {
            machine.step()
            let indices = machine.image.cores[0].neurons.indexInPopulation
            for spike in machine.spikes { times[Int(indices[Int(spike.neuron)])].append(step) }
        }
        #expect(times.allSatisfy { $0.count > 5 })
        for (synapse, register) in zip(machine.synapses(of: 0), before) {
            var overlap = 0
            for a in times[synapse.pre] {
                for b in times[synapse.post] { overlap += max(0, 50 - abs(a - b)) }
            }
            #expect(synapse.register == register - 2 * overlap)
        }
    }

    @Test("SAL makes weights symmetric; Hebb's rule alone leaves their asymmetry")
    func aligns() throws {
        var plan = quick
        plan.initialNoise = 0.6
        var with = try run(plan, seed: 5)
        let aligned = with.run()
        plan.alignmentRate = 0
        var without = try run(plan, seed: 5)
        let plain = without.run()
        #expect(aligned.looks.first == plain.looks.first)
        let first = try #require(plain.looks.first?.asymmetry)
        #expect(plain.asymmetry > 0.7 * first)
        #expect(aligned.asymmetry < 0.2 * first)
        #expect(aligned.divergence < 0.05)
        #expect(aligned.weightUpdates > plain.weightUpdates / 2)
    }

    @Test("wake and sleep find the distribution where they start without noise")
    func learns() throws {
        var plan = quick
        plan.iterations = 0
        var untrained = try run(plan, seed: 7)
        let before = untrained.run()
        plan.iterations = 300
        var trained = try run(plan, seed: 7)
        let after = trained.run()
        #expect(before.divergence > 0.05)
        #expect(after.divergence < 0.01)
        #expect(before.hostBytes < 100 && after.hostBytes > 10_000)
    }

    @Test("first biases are drawn, scaled by their noise, and on the chip before the first phase")
    func firstBiases() throws {
        var plan = quick
        plan.iterations = 0
        plan.finalSteps = 200_000
        var plain = try run(plan, seed: 7)
        let zero = plain.run()
        #expect(zero.biases == [0, 0, 0, 0])
        plan.initialBiasNoise = 0.2
        let first = SamplingTask(plan, seed: 7).firstBiases
        #expect(first.allSatisfy { $0 != 0 && $0.magnitude < 1 } && Set(first).count == 4)
        plan.initialBiasNoise = 2
        let strong = SamplingTask(plan, seed: 7)
        #expect(zip(strong.firstBiases, first).allSatisfy { abs($0 - 10 * $1) < 1e-9 })
        #expect(strong.firstWeights == SamplingTask(quick, seed: 7).firstWeights)
        var noisy = try run(plan, seed: 7)
        let result = noisy.run()
        #expect(result.biases == strong.firstBiases)
        #expect((result.divergence - zero.divergence).magnitude > 0.01)
    }

    @Test("a synapse each of its own has windows of its own, and runs repeat to the bit")
    func plasticityNoise() throws {
        var plan = quick
        plan.iterations = 20
        plan.finalSteps = 10_000
        plan.plasticityNoise = 0.02
        var first = try run(plan, seed: 9)
        var second = try run(plan, seed: 9)
        let result = first.run()
        #expect(result == second.run())
        #expect(first.machine.image.network.projections.count == 12)
        plan.plasticityNoise = 0
        var quiet = try run(plan, seed: 9)
        #expect(quiet.run().weights != result.weights)
    }

    @Test("a study pairs arms with and without SAL, and is the same for any number of threads")
    func study() throws {
        let text = """
            sampling: quick
            rule: Examples/rules/wake-sleep.yaml
            seeds: [1, 2]
            neurons: 4
            iterations: 5
            phase: 200
            learningRate: 0.1
            alignmentRate: 0.1
            initialNoise: [0, 1]
            finalSteps: 10000
            arms: { without: { alignmentRate: 0 }, with: {} }
            """
        let file = try SamplingFile(
            text: text,
            path: LearningExamples.root.appending(path: "quick.yaml").path
        )
        let samplings = try file.arms.map { try file.sampling(arm: $0) }
        func results(threads: Int) throws -> [SamplingStudy.Arm] {
            let study = SamplingStudy(samplings, threads: threads)
            return try study(rule: rule(), chip: LearningExamples.catalogue.load("pilot"))
        }
        let arms = try results(threads: 1)
        #expect(try arms == results(threads: 2))
        #expect(arms.map(\.name) == ["without", "with", "without", "with"])
        #expect(arms.map(\.plan.alignmentRate) == [0, 0.1, 0, 0.1])
        #expect(arms.map(\.plan.initialNoise) == [0, 0, 1, 1])
        #expect(arms.allSatisfy { $0.plan.phaseInSteps == 10_000 && $0.plan.neuronCount == 4 })
        #expect(arms.allSatisfy { $0.results.map(\.seed) == [1, 2] })
        #expect(arms[0].results[0].looks.first == arms[1].results[0].looks.first)
        let table = SamplingStudy.text(arms)
        #expect(table.contains("without") && table.contains("Var(W - W')"))
        let json = SamplingStudy.json(arms, chip: "pilot", command: "x", toolVersion: "0")
        #expect(json["arms"] != nil && json["command"] == "x")
        let script = SamplingStudy.figure(arms, title: "quick")
            .gnuplotScript(output: "quick.svg")
        #expect(script.contains("D_KL") && script.contains("without"))
    }

    @Test("the picture has a line an arm, over the noise that has several levels")
    func figure() throws {
        func arm(_ name: String, noise: Double, _ divergences: [Double]) -> SamplingStudy.Arm {
            var plan = SamplingPlan()
            plan.neuronCount = 2
            plan.plasticityNoise = noise
            let results = divergences.enumerated().map { seed, divergence in
                SamplingResult(
                    seed: UInt64(seed),
                    plan: plan,
                    looks: [.init(iteration: 0, asymmetry: 1)],
                    divergence: divergence,
                    weights: [0, 1, 0.5, 0]
                )
            }
            return SamplingStudy.Arm(name: name, plan: plan, results: results)
        }
        let arms = [
            arm("without", noise: 0.1, [0.3, 0.1, 0.2]), arm("with", noise: 0.1, [0.05, 0.06]),
            arm("without", noise: 0, [0.01]), arm("with", noise: 0, [0.02]),
        ]
        #expect(arms[0].median(\.divergence) == 0.2 && arms[1].median(\.asymmetry) == 0.25)
        let figure = SamplingStudy.figure(arms, title: "two")
        guard case .lines(let divergence) = figure.parts[0], figure.parts.count == 2 else {
            Issue.record("no lines")
            return
        }
        #expect(divergence.series.map(\.name) == ["without", "with"])
        #expect(divergence.x == FigureAxis("relative noise of the windows"))
        let points = divergence.series[0].points
        #expect(points.map(\.x) == [0, 0.1] && points.map(\.y) == [0.01, 0.2])
        #expect(points[1].low == 0.1 && points[1].high == 0.3)
    }
}
