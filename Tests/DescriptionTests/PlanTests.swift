import ChipSpec
import Description
import Testing

@Suite("Phases and stimuli of an experiment")
struct PlanTests {
    private static func run(_ keys: String) throws -> RunPhase {
        let text = Texts.plain("seconds: 10\n", "seconds: 10\n      \(keys)\n")
        return try Texts.experiment(text).runs[0]
    }

    @Test(
        "defaults: all rules on, no rate control, no monitor, geometric amplitudes every 1024 steps"
    )
    func defaults() throws {
        let experiment = try Texts.experiment(Texts.plain)
        let run = experiment.runs[0]
        #expect(experiment.stepInSeconds == 1e-3)
        #expect(experiment.plan.probeEverySeconds == 10)
        #expect(experiment.chip == "pilot")
        #expect(run.learning == ["feedback"])
        #expect(run.rateControl == nil)
        #expect(run.monitor == nil)
        #expect(run.servos.isEmpty)
        #expect(run.amplitudes == [AmplitudeCourse(name: "eta", from: 4e-3, to: 4e-4)])
        #expect(run.stimuli == [.poisson(input: "input", rate: 10)])
        #expect(
            experiment.plan.phases.first
                == .trim(TrimPhase(rounds: 2, seconds: 1, target: 30, gain: 0.1))
        )
    }

    @Test("rules are switched by name or all together")
    func switches() throws {
        #expect(try Self.run("rules: off").learning == [])
        #expect(try Self.run("rules: on").learning == ["feedback"])
        #expect(try Self.run("rules: { feedback: off }").learning == [])
        #expect(try Self.run("rules: {}").learning == [])
    }

    @Test("rate control and monitor are off, on, or as they say")
    func controls() throws {
        #expect(try Self.run("homeostasis: off").rateControl == nil)
        let control = try Self.run(
            "homeostasis: { target: 30, h: 0.02, everySeconds: 0.5, populations: [lower] }"
        ).rateControl
        #expect(
            control
                == RateControlPlan(
                    populations: ["lower"],
                    target: 30,
                    step: 0.02,
                    everySeconds: 0.5
                )
        )
        #expect(try Self.run("monitor: off").monitor == nil)
        #expect(try Self.run("monitor: on").monitor == MonitorPlan())
        let monitor = try Self.run(
            "monitor: { everySeconds: 5, saturatedShare: 0.2, drift: 6, strayShare: 0.3 }"
        ).monitor
        #expect(
            monitor
                == MonitorPlan(
                    everySeconds: 5,
                    saturatedShare: 0.2,
                    driftInStandardErrors: 6,
                    strayShare: 0.3
                )
        )
    }

    @Test("a gain servo is off, on, for all projections or for some")
    func servos() throws {
        #expect(try Self.run("servo: off").servos.isEmpty)
        #expect(try Self.run("servo: on").servos == [GainServoPlan()])
        #expect(GainServoPlan().kappa == 30 && GainServoPlan().everySteps == 1000)
        let one = try Self.run("servo: { kappa: 10, everySteps: 500 }").servos
        #expect(one == [GainServoPlan(kappa: 10, everySteps: 500)])
        let some = try Self.run("servo: [{ law: shifts, projections: [feedback] }]").servos
        #expect(some == [GainServoPlan(projections: ["feedback"], kappa: 32, law: .shifts)])
    }

    @Test("an amplitude is constant, geometric or linear, for all projections or for one")
    func amplitudes() throws {
        func courses(_ text: String) throws -> [AmplitudeCourse] {
            let old = "amplitudes: { eta: { from: 4e-3, to: 4e-4 } }"
            return try Texts.experiment(Texts.plain(old, "amplitudes: { eta: \(text) }")).runs[0]
                .amplitudes
        }
        #expect(try courses("1e-3").map { $0.value(at: 0.7) } == [1e-3])
        let linear = try courses("{ from: 1, to: -1, shape: linear, everySteps: 10 }")
        #expect(linear.map { $0.value(at: 0.75) } == [-0.5])
        #expect(linear.map(\.everySteps) == [10])
        let geometric = try courses("{ from: 4, to: 1 }")
        #expect((geometric[0].value(at: 0.5) - 2).magnitude < 1e-12)
        let both = try courses("[{ from: 1, projection: feedback }, 2]")
        #expect(both.map(\.projection) == ["feedback", nil])
    }

    @Test("repeated phases follow each other")
    func repeats() throws {
        let text = Texts.plain(
            "- trim: { rounds: 2, seconds: 1, target: 30, gain: 0.1 }",
            """
            - repeat:
                  times: 3
                  phases:
                    - run: { name: awake, seconds: 1, rules: off }
                    - repeat: { times: 2, phases: [{ run: { name: asleep, seconds: 2 } }] }
            """
        )
        let names = try Texts.experiment(text).runs.map(\.name)
        #expect(
            names == ["awake", "asleep", "asleep"] + ["awake", "asleep", "asleep"]
                + ["awake", "asleep", "asleep"] + ["align"]
        )
    }

    @Test("stimuli are Poisson spikes, spikes of a file in order of time, and currents")
    func stimuli() throws {
        func stimulus(_ text: String) throws -> Stimulus? {
            try Texts.experiment(Texts.plain("poisson: { input: input, rate: 10 }", text)).runs[0]
                .stimuli.first
        }
        #expect(
            try stimulus(
                "spikes: { input: input, file: arrays.npz, array: spikes, periodInSteps: 9 }"
            )
                == .spikes(input: "input", steps: [0, 5, 5], channels: [2, 0, 1], period: 9)
        )
        #expect(
            try stimulus(
                "current: { population: lower, value: -0.5, fromSeconds: 1, toSeconds: 2 }"
            )
                == .current(population: "lower", value: -0.5, from: 1, to: 2)
        )
        #expect(
            try stimulus("current: { population: lower, value: 1 }")
                == .current(population: "lower", value: 1, from: 0, to: 1e9)
        )
    }

    @Test("mismatch is one figure for neurons and synapses, or one for each parameter")
    func mismatch() throws {
        func mismatch(_ text: String) throws -> [MismatchParameter: Double] {
            try Texts.experiment(Texts.plain("seeds: 200-201", "mismatch: \(text)")).mismatch
        }
        let five: Set<MismatchParameter> = [
            .threshold, .membraneTau, .currentTau, .refractory, .weight,
        ]
        #expect(try Set(mismatch("0.2").keys) == five)
        let mixed = try mismatch("{ all: 0.2, weight: 0.4, traceTau: 0.05 }")
        #expect(Set(mixed.keys) == five.union([.traceTau]))
        #expect(mixed[.weight] == 0.4 && mixed[.threshold] == 0.2 && mixed[.traceTau] == 0.05)
        #expect(try mismatch("{}").isEmpty)
    }

    @Test("seeds are a number, a range or a list, of up to 64 bits")
    func seeds() throws {
        func seeds(_ text: String) throws -> [UInt64] {
            try Texts.experiment(Texts.plain("seeds: 200-201", "seeds: \(text)")).seeds
        }
        #expect(try seeds("7") == [7])
        #expect(try seeds("18446744073709551615") == [.max])
        #expect(try seeds("5-7") == [5, 6, 7])
        #expect(try seeds("[9, 0]") == [9, 0])
        #expect(try Texts.experiment(Texts.plain("seeds: 200-201\n", "")).seeds == [1])
    }

    @Test("a chip is a name, or a file beside the experiment")
    func chip() throws {
        func chip(_ name: String, path: String) throws -> String {
            let text = Texts.plain("chip: pilot", "chip: \(name)")
            return try ExperimentFile(text: text, path: path).experiment().chip
        }
        #expect(try chip("loihi", path: "a/x.yaml") == "loihi")
        #expect(try chip("my.yaml", path: "a/x.yaml") == "a/my.yaml")
        #expect(try chip("../my.yaml", path: "a/b/x.yaml") == "a/b/../my.yaml")
        #expect(try chip("my.yaml", path: "x.yaml") == "./my.yaml")
        #expect(try chip("/c/my.yaml", path: "a/x.yaml") == "/c/my.yaml")
    }
}
