import Benchmark
import ChipImage
import ChipSpec
import Compiler
import Description
import Emulator
import Events
import Experiments
import Foundation
import HDF5
import Interconnect
import NIRImport
import Samples

/// Synaptic events and neuron updates a second, counters on, one thread.
///
/// Besides, how much faster than the chip's real time set-up R learns, on one thread.
///
/// Two workloads: the digits network of `Examples/digits` on `pilot`, and workload B (10,000 neurons,
/// 10 million synapses). Loading is not measured.
let benchmarks: @Sendable () -> Void = {
    let events = BenchmarkMetric.custom("synaptic events/s", polarity: .prefersLarger)
    let updates = BenchmarkMetric.custom("neuron updates/s", polarity: .prefersLarger)
    let configuration = Benchmark.Configuration(
        metrics: [.wallClock, events, updates],
        warmupIterations: 1,
        maxDuration: .seconds(20),
        maxIterations: 20
    )

    /// Notes what a machine did between two counts.
    func note(_ benchmark: Benchmark, _ counts: ActionCounts, seconds: Double) {
        benchmark.measurement(events, Int(Double(counts[.synapticEvent]) / seconds))
        benchmark.measurement(updates, Int(Double(counts[.somaAccess]) / seconds))
    }

    Benchmark("digits on pilot, 450 samples", configuration: configuration) { benchmark in
        let digits = try Digits()
        let run = ChipRun(image: digits.image, readout: .count)
        let start = ContinuousClock.now
        benchmark.startMeasurement()
        let result = try run(digits.samples)
        benchmark.stopMeasurement()
        note(benchmark, result.counts, seconds: (ContinuousClock.now - start) / .seconds(1))
    }

    for threads in 1...2 {
        Benchmark(
            "workload B, 1000 steps, threads: \(threads)",
            configuration: configuration
        ) { benchmark in
            let image = WorkloadB.image(chip: try Checkout.chip("loihi"))
            let inputs = WorkloadB.inputs(steps: 1000)
            let machine = Machine(image: image, options: MachineOptions(threads: threads))
            let start = ContinuousClock.now
            benchmark.startMeasurement()
            for step in inputs { machine.step(inputs: [step]) }
            benchmark.stopMeasurement()
            note(benchmark, machine.counts, seconds: (ContinuousClock.now - start) / .seconds(1))
        }
    }

    let share = BenchmarkMetric.custom("clock, 1/1000 of the emulation", polarity: .prefersSmaller)
    for model in TimingModel.allCases {
        Benchmark(
            "workload B, 200 steps, timing \(model.rawValue)",
            configuration: Benchmark.Configuration(
                metrics: [.wallClock, share],
                warmupIterations: 1,
                maxDuration: .seconds(20),
                maxIterations: 10
            )
        ) { benchmark in
            let chip = try Checkout.chip("loihi")
            let inputs = WorkloadB.inputs(steps: 200)
            let machine = Machine(image: WorkloadB.image(chip: chip))
            var clock = try StepClock(
                chip: chip,
                prices: chip.energyTables[1],
                packets: machine.packetTable,
                model: model
            )
            machine.recordsVisits = clock.needsVisits
            var emulating = Duration.zero
            var timing = Duration.zero
            benchmark.startMeasurement()
            for step in inputs {
                let start = ContinuousClock.now
                machine.step(inputs: [step])
                let middle = ContinuousClock.now
                _ = clock.duration(of: machine.activity)
                emulating += middle - start
                timing += ContinuousClock.now - middle
            }
            benchmark.stopMeasurement()
            benchmark.measurement(share, Int(timing / emulating * 1000))
        }
    }

    let stepTime = BenchmarkMetric.custom("ps/step", polarity: .prefersSmaller)
    for isPlastic in [false, true] {
        Benchmark(
            "sampling network, 7 neurons, \(isPlastic ? "wake-sleep rule" : "no plasticity")",
            configuration: Benchmark.Configuration(
                metrics: [.wallClock, stepTime],
                warmupIterations: 1,
                maxDuration: .seconds(20),
                maxIterations: 20
            )
        ) { benchmark in
            let machine = try Checkout.samplingMachine(isPlastic: isPlastic)
            let steps = 1_000_000
            let start = ContinuousClock.now
            benchmark.startMeasurement()
            for _ in 0..<steps { machine.step() }
            benchmark.stopMeasurement()
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            benchmark.measurement(stepTime, Int(seconds / Double(steps) * 1e12))
        }
    }

    let realTime = BenchmarkMetric.custom("chip seconds/s", polarity: .prefersLarger)
    for (arm, rule) in [("S2", "traces"), ("H9", "nearest neighbours")] {
        Benchmark(
            "set-up R, \(rule), trim and 400 s",
            configuration: Benchmark.Configuration(
                metrics: [.wallClock, realTime],
                warmupIterations: 1,
                maxDuration: .seconds(20),
                maxIterations: 5
            )
        ) { benchmark in
            let study = try LearningStudy(
                ExperimentFile(
                    path: Checkout.root.appendingPathComponent("Examples/learning/reciprocal.yaml")
                        .path
                ),
                arms: [arm],
                catalogue: ChipCatalogue(
                    folders: [Checkout.root.appendingPathComponent("chipspecs").path]
                )
            )
            var run = try LearningStudy.run(of: study.arms[0], seed: 200)
            let start = ContinuousClock.now
            benchmark.startMeasurement()
            let result = try run.run()
            benchmark.stopMeasurement()
            let chip = result.phases.reduce(0) { $0 + $1.chipSeconds }
            benchmark.measurement(
                realTime,
                Int(chip / ((ContinuousClock.now - start) / .seconds(1)))
            )
        }
    }
}

/// Files of the checkout.
private enum Checkout {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func chip(_ name: String) throws -> ChipSpec {
        try ChipSpec.load(contentsOf: root.appendingPathComponent("chipspecs/\(name).yaml").path)
    }
}

extension Checkout {
    /// The network of `spikeloom sampling`, seed 200, and its rule.
    static func samplingMachine(isPlastic: Bool) throws -> Machine {
        var plan = SamplingPlan()
        plan.initialNoise = 1
        let rule = root.appendingPathComponent("Examples/rules/wake-sleep.yaml").path
        var run = try SamplingRun(
            plan,
            seed: 200,
            rule: RuleFile.rule(path: rule),
            chip: chip("pilot")
        )
        run.setLearning(isOn: isPlastic)
        return run.machine
    }
}

/// The digits network, compiled, with its test set.
private struct Digits {
    let image: ChipImage
    let samples: SampleSet

    init() throws {
        let folder = Checkout.root.appendingPathComponent("Examples/digits")
        let file = HDF5File(path: folder.appendingPathComponent("digits_fc.nir").path)
        let network = try NIRFile.read(
            file,
            name: "digits_fc",
            settings: ImportSettings(exporter: .snntorch)
        ).network
        image = try Compiler.compile(network, for: Checkout.chip("pilot")).image
        samples = try SampleSet(
            contentsOf: folder.appendingPathComponent("digits_fc_test.npz").path
        )
    }
}
