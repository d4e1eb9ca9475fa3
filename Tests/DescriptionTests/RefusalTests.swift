import Description
import Testing

@Suite("Experiments that are refused")
struct RefusalTests {
    /// A change to `Texts.plain`, and what the message must have.
    struct Bad: Sendable, CustomTestStringConvertible {
        var piece: String
        var replacement: String
        /// Place, key, limit and advice: pieces of the message.
        var says: [String]

        init(_ piece: String, _ replacement: String, _ says: String...) {
            self.piece = piece
            self.replacement = replacement
            self.says = says
        }

        var testDescription: String { "\(piece) → \(replacement.prefix(60))" }
    }

    static let forward = "weights: { normal: { deviation: 0.2, clip: 0.6 } }"
    static let poisson = "poisson: { input: input, rate: 10 }"
    static let lower = "noise: { deviation: 0.35 }"
    static let upper = "upper: { count: 3, neuron: lif, tau: 10 }"
    static let rule = "rule: { name: r, x1: { impulse: 1 }, dw: eta*y0*x1 }"
    static let course = "amplitudes: { eta: { from: 4e-3, to: 4e-4 } }"

    static let frame: [Bad] = [
        Bad(
            "experiment: small",
            "experimant: small",
            ":1:1:",
            "experimant",
            "Did you mean experiment"
        ),
        Bad("experiment: small\n", "", "lacks the key experiment", "Add it"),
        Bad("seeds: 200-201", "seeds: -5", ":3:8: seeds", "0 or more"),
        Bad("seeds: 200-201", "seeds: 9-1", ":3:8: seeds", "range"),
        Bad("seeds: 200-201", "seeds: 0-10000", ":3:8: seeds", "at most 10,000"),
        Bad("seeds: 200-201", "seeds: [1, 2, 1]", ":3:15: seeds[2]", "once"),
        Bad("seeds: 200-201", "seeds: [1, -2]", ":3:12: seeds[1]", "whole number"),
        Bad("seeds: 200-201", "stepInMilliseconds: 0", ":3:21: stepInMilliseconds", "ms"),
        Bad("seeds: 200-201", "mismatch: -0.1", ":3:11: mismatch", "0...10"),
        Bad("seeds: 200-201", "mismatch: { wheight: 1 }", ":3:13: mismatch", "mean weight"),
        Bad(
            "seeds: 200-201",
            "probeEverySeconds: nan",
            ":3:20: probeEverySeconds",
            "number in 0.001"
        ),
        Bad(
            "seeds: 200-201",
            "probes: [{ population: uper }]",
            ":3:24: probes[0].population",
            "upper"
        ),
        Bad(
            "seeds: 200-201",
            "probes: [{ population: upper, neurons: [99] }]",
            "probes[0].neurons[0]",
            "0..."
        ),
        Bad(
            "seeds: 200-201",
            "probes: [{ population: upper, fromSeconds: 2, toSeconds: 1 }]",
            "probes[0].toSeconds",
            "2"
        ),
        Bad(
            "seeds: 200-201",
            "probes: [{ projection: none, register: x1 }]",
            "probes[0].projection",
            "projection with a rule"
        ),
        Bad(
            "seeds: 200-201",
            "probes: [{ population: upper, projection: up }]",
            "probes[0].population",
            "beside projection"
        ),
        Bad(
            "seeds: 200-201",
            "probes: [{ population: upper, register: x1 }]",
            "probes[0].register",
            "v, u"
        ),
        Bad("seeds: 200-201", "probes: [{ register: x1 }]", "probes[0]", "population"),
        Bad("seeds: 200-201", "chipSettings: { a: { b: 1 } }", ":3:20: chipSettings.a", "text"),
        Bad("seeds: 200-201", "chip: loihi", ":2:1:", "chip", "stands twice"),
        Bad("seeds: 200-201", "seeds: [1", "not YAML", "brackets"),
    ]

    static let populations: [Bad] = [
        Bad(
            upper,
            "upper: { count: 0, neuron: lif, tau: 10 }",
            ":8:21: network.populations.upper.count",
            "1...1048576"
        ),
        Bad(upper, "upper: { count: 1048577, neuron: lif, tau: 10 }", "upper.count", "1...1048576"),
        Bad(
            upper,
            "upper: { count: 1048576, neuron: lif, tau: 10 }",
            "network.populations.upper",
            "1048583 neurons"
        ),
        Bad(
            upper,
            "upper: { shape: [1048576, 1048576, 1048576, 1048576], neuron: lif, tau: 1 }",
            ":8:21:",
            "upper.shape",
            "1048576"
        ),
        Bad(
            upper,
            "upper: { count: 3, shape: [3], neuron: lif, tau: 10 }",
            "count and shape",
            "exactly one of"
        ),
        Bad(
            upper,
            "upper: { count: 3, neuron: lyf, tau: 10 }",
            ":8:32:",
            "upper.neuron",
            "mean lif"
        ),
        Bad(upper, "upper: { count: 3, neuron: lif }", "upper", "lacks the key tau"),
        Bad(upper, "upper: { count: 3, neuron: lif, tau: 0 }", ":8:42:", "upper.tau", "ms"),
        Bad(
            upper,
            "upper: { count: 3, neuron: lif, tau: 1, psp: { alpha: 1 } }",
            "upper.psp",
            "no key of a population of neuron 'lif'"
        ),
        Bad(
            upper,
            "upper: { count: 3, neuron: sampling, refractory: 2, tau: 1 }",
            "upper.tau",
            "'sampling'"
        ),
        Bad(
            upper,
            "upper: { count: 3, neuron: sampling, refractory: 256 }",
            "upper.refractory",
            "1...255"
        ),
        Bad(
            upper,
            "upper: { count: 3, neuron: sampling, refractory: 9, psp: { alpha: 1, exponential: 2 } }",
            "upper.psp",
            "exactly one of"
        ),
        Bad(upper, "upper: { like: lowre }", ":8:20:", "upper.like", "mean lower"),
        Bad(upper, "upper: { like: upper }", "upper.like", "population above"),
        Bad(
            upper,
            "upper: { count: 3, neuron: lif, tau: { normal: { mean: 10, deviation: 2 } } }",
            ":8:52:",
            "tau.normal",
            "Add low and high"
        ),
        Bad(
            upper,
            "upper: { count: 3, neuron: lif, tau: { uniform: [9, 3] } }",
            "tau.uniform[1]",
            "9..."
        ),
        Bad(
            upper,
            "upper: { count: 3, neuron: lif, tau: { file: none.npz, array: a } }",
            "tau.file",
            "cannot be read"
        ),
        Bad(
            upper,
            "upper: { count: 3, neuron: lif, tau: { file: arrays.npz, array: flat } }",
            "tau.file",
            "array 'flat' of 4. It must be 3"
        ),
        Bad(
            upper,
            "upper: { count: 3, neuron: lif, tau: { file: arrays.npz, array: big } }",
            "tau.file",
            "10000000.0 in 'big', at 0, and 2 more"
        ),
        Bad(
            upper,
            "upper: { count: 3, neuron: lif, tau: { file: arrays.npz } }",
            "lacks the key array"
        ),
        Bad(
            upper,
            "upper: { count: 3, neuron: lif, tau: { array: a } }",
            "has none",
            "normal, uniform, lognormal, file"
        ),
        Bad(lower, "noise: { deviation: 0.35, share: 1.5 }", "lower.noise.share", "0...1"),
        Bad(lower, "noise: { share: 0.5 }", "lower.noise", "lacks the key deviation"),
        Bad("lower: {", "lo wer: {", ":7:5:", "network.populations", "Choose another name"),
    ]

    static let projections: [Bad] = [
        Bad("from: upper", "from: uper", ":13:13: network.projections.feedback.from", "mean upper"),
        Bad("to: upper, weights: 1", "to: input, weights: 1", ":10:31:", "drive.to", "is an input"),
        Bad("feedbackOf: forward", "feedbackOf: froward", "feedback.feedbackOf", "mean forward"),
        Bad(
            "feedbackOf: forward",
            "feedbackOf: feedback",
            "feedback.feedbackOf",
            "other projection"
        ),
        Bad("feedbackOf: forward", "feedbackOf: drive", "is the feedback of drive", "Swap"),
        Bad("feedbackOf: forward", "feedbackOf: forward, connect: oneToOne", "not YAML"),
        Bad("fullScale: 0.6", "connect: oneToOne", "feedback.connect", "from 3 to 4 neurons"),
        Bad(
            "fullScale: 0.6",
            "connect: { inDegree: 2 }",
            "connects other pairs than forward",
            "Leave connect out"
        ),
        Bad("fullScale: 0.6", "connect: { inDegree: 4 }", "connect.inDegree", "0...3"),
        Bad("fullScale: 0.6", "connect: { probability: 2 }", "connect.probability", "0...1"),
        Bad("fullScale: 0.6", "connect: {}", "feedback.connect", "exactly one of"),
        Bad("fullScale: 0.6", "delay: { uniform: [1, 3] }", "feedback.delay", "one delay"),
        Bad("fullScale: 0.6", "delay: 0", "feedback.delay", "1...62"),
        Bad("fullScale: 0.6", "delay: 63", "feedback.delay", "1...62"),
        Bad("fullScale: 0.6", "fullScale: 0", "feedback.fullScale", "1e-09"),
        Bad(
            "fullScale: 0.6",
            "compartment: basal",
            "feedback.compartment",
            "compartment of lower",
            "there is none"
        ),
        Bad(
            "weights: 1 }",
            "weights: 1, connect: mirrored }",
            "drive.connect",
            "names no feedbackOf"
        ),
        Bad(
            "weights: 1 }",
            "weights: { file: arrays.npz, array: W } }",
            "drive.weights.file",
            "of 2 × 3. It must be 3 × 3",
            "Rows are targets"
        ),
        Bad("weights: 1 }", "weigths: 1 }", "drive", "mean weights"),
        Bad("weights: 1 }", "weights: 1, sign: inhibitory }", "drive.weights", "-1000000...0"),
        Bad("weights: 1 }", "weights: 1, sign: exitatory }", "drive.sign", "mean excitatory"),
        Bad(forward, forward + ", sign: excitatory", "forward.weights", "low"),
        Bad(
            "weights: 1 }",
            "rule: ../rules/none.yaml, weights: 1 }",
            "drive.rule",
            "cannot be opened"
        ),
        Bad(
            "weights: 1 }",
            "rule: { name: r, dw: eta }, weights: 1 }",
            "feedback.rule",
            "another rule of the network"
        ),
        Bad(rule, "rule: { name: r, dx: 1 }", ":18:24:", "feedback.rule", "mean dw"),
        Bad(forward, "weights: 2e6", "forward.weights", "-1000000...1000000"),
        Bad(
            forward,
            "weights: { normal: { deviation: 0.2 }, uniform: [0, 1] }",
            "normal and uniform"
        ),
        Bad(
            forward,
            "weights: 1, delay: { uniform: [1, 2] }",
            "forward, whose delay differs",
            "one delay"
        ),
    ]

    static let phases: [Bad] = [
        Bad("seconds: 10\n", "seconds: ten\n", "phases[1].run.seconds", "number"),
        Bad(
            "seconds: 10\n",
            "seconds: 1e9\n  - run:\n      name: more\n      seconds: 1e9\n",
            "phases[2].run brings",
            "1099511627776 steps"
        ),
        Bad("seconds: 10\n", "secnds: 10\n", ":23:7: phases[1].run", "mean seconds"),
        Bad(
            "seconds: 10\n",
            "seconds: 10\n      rules: { forward: on }\n",
            ":24:25: phases[1].run.rules.forward",
            "no projection with a rule",
            "feedback"
        ),
        Bad(
            "seconds: 10\n",
            "seconds: 10\n      rules: { feedback: maybe }\n",
            "rules.feedback",
            "yes or no"
        ),
        Bad("seconds: 10\n", "seconds: 10\n      homeostasis: on\n", "homeostasis", "target and h"),
        Bad("seconds: 10\n", "seconds: 10\n      homeostasis: { target: 30 }\n", "lacks the key h"),
        Bad(
            "seconds: 10\n",
            "seconds: 10\n      homeostasis: { target: 30, h: 1, populations: [input] }\n",
            "populations[0]",
            "population of neurons"
        ),
        Bad("seconds: 10\n", "seconds: 10\n      servo: 30\n", "run.servo", "yes or no"),
        Bad(
            "seconds: 10\n",
            "seconds: 10\n      servo: { kapa: 30 }\n",
            ":24:16: phases[1].run.servo",
            "mean kappa"
        ),
        Bad(
            "seconds: 10\n",
            "seconds: 10\n      servo: { kappa: 5000 }\n",
            ":24:23: phases[1].run.servo.kappa",
            "0...4096"
        ),
        Bad(
            "seconds: 10\n",
            "seconds: 10\n      servo: { kappa: 30, law: shifts }\n",
            "servo.kappa",
            "power of two"
        ),
        Bad(
            "seconds: 10\n",
            "seconds: 10\n      servo: { everySteps: 0 }\n",
            "servo.everySteps",
            "1..."
        ),
        Bad(
            "seconds: 10\n",
            "seconds: 10\n      servo: { law: cheap }\n",
            "servo.law",
            "shifts"
        ),
        Bad(
            "seconds: 10\n",
            "seconds: 10\n      servo: { projections: [forward] }\n",
            ":24:30: phases[1].run.servo.projections[0]",
            "projection with a rule"
        ),
        Bad(
            "seconds: 10\n",
            "seconds: 10\n      servo: [{ kappa: 30 }, { kappa: 10 }]\n",
            "servo[1]",
            "second gain servo for 'feedback'"
        ),
        Bad(
            "seconds: 10\n",
            "seconds: 10\n      attenuation: { lower: 16 }\n",
            "attenuation.lower",
            "0...15"
        ),
        Bad(
            "seconds: 10\n",
            "seconds: 10\n      attenuation: { input: 1 }\n",
            "attenuation.input",
            "population of neurons"
        ),
        Bad(
            "seconds: 10\n",
            "seconds: 10\n      monitor: { drifft: 8 }\n",
            "monitor",
            "mean drift"
        ),
        Bad(course, "amplitudes: { etta: 1 }", ":24:27: phases[1].run.amplitudes.etta", "mean eta"),
        Bad(
            course,
            "amplitudes: { eta: { from: 1, to: -1 } }",
            "amplitudes.eta",
            "above 0",
            "shape: linear"
        ),
        Bad(
            course,
            "amplitudes: { eta: { from: 1, projection: forward } }",
            "eta.projection",
            "with a rule"
        ),
        Bad(poisson, "poisson: { input: lower, rate: 10 }", "poisson.input", "no input"),
        Bad(poisson, "poisson: { input: input, rate: -1 }", "poisson.rate", "Hz"),
        Bad(
            poisson,
            "current: { population: input, value: 1 }",
            "current.population",
            "population of neurons"
        ),
        Bad(
            poisson,
            "current: { population: lower, value: 1, fromSeconds: 2, toSeconds: 1 }",
            "current.toSeconds",
            "2..."
        ),
        Bad(
            poisson,
            "spikes: { input: input, file: arrays.npz, array: W }",
            "spikes.file",
            "N × 2"
        ),
        Bad(
            poisson,
            "spikes: { input: input, file: arrays.npz, array: badSpikes }",
            "(0.0, 3.0) in row 0",
            "0...2"
        ),
        Bad(poisson, "noise: 1", "phases[1].run.stimuli[0]", "poisson, spikes, current"),
        Bad("- trim: { rounds: 2,", "- repeat: { times: 10001,", "repeat", "times"),
        Bad(
            "- trim: { rounds: 2, seconds: 1, target: 30, gain: 0.1 }",
            "- repeat: { times: 10000, phases: [{ repeat: { times: 10000, phases: [{ trim: { rounds: 0, seconds: 1, target: 1, gain: 1 } }] } }] }",
            "phases",
            "10001 phases"
        ),
        Bad(
            "- trim: { rounds: 2, seconds: 1, target: 30, gain: 0.1 }",
            "- { trim: {}, run: {} }",
            "phases[0]",
            "trim and run"
        ),
        Bad("long: { phases.align.seconds: 20 }", "a b: {}", "arms", "Choose another name"),
        Bad("long: { phases.align.seconds: 20 }", "long: [1]", "arms.long", "key paths"),
    ]

    @Test(
        "say file, line, column, key, the limit and what to do",
        arguments: frame + populations + projections + phases
    )
    func refused(bad: Bad) throws {
        let error = #expect(throws: DescriptionError.self) {
            try Texts.experiment(Texts.plain(bad.piece, bad.replacement))
        }
        let message = try #require(error).description
        #expect(message.hasPrefix(Texts.folder + "/x.yaml:"), "\(message)")
        for piece in bad.says { #expect(message.contains(piece), "\(message)") }
        // The text before the change, and thus the change, is what is refused.
        #expect(throws: Never.self) { try Texts.experiment(Texts.plain) }
    }

    @Test("every message ends in a full stop or a question mark and is one line")
    func style() {
        for bad in Self.frame + Self.populations + Self.projections + Self.phases {
            do {
                _ = try Texts.experiment(Texts.plain(bad.piece, bad.replacement))
            } catch {
                let message = "\(error)"
                #expect(message.last == "." || message.last == "?", "\(message)")
                #expect(!message.contains("\n"), "\(message)")
            }
        }
    }

    @Test("an edge is accepted, and refused one further")
    func edges() throws {
        func loads(_ piece: String, _ replacement: String) -> Bool {
            (try? Texts.experiment(Texts.plain(piece, replacement))) != nil
        }
        for (steps, isFine) in [(1, true), (62, true), (63, false), (0, false)] {
            #expect(loads("fullScale: 0.6", "delay: \(steps)") == isFine)
        }
        // 7 neurons are in the other populations.
        let rest = "neuron: lif, tau: 10 }"
        #expect(!loads(Self.upper, "upper: { count: \(1 << 20 - 6), \(rest)"))
        for (refractory, isFine) in [(1, true), (255, true), (256, false), (0, false)] {
            let text = "upper: { count: 3, neuron: sampling, refractory: \(refractory) }"
            #expect(loads(Self.upper, text) == isFine)
        }
        // 2^27 pairs of neurons: 2^13 × 2^14.
        let populations =
            "a: { count: 8192, neuron: input }, b: { count: 16384, neuron: lif, tau: 1 }"
        func pairs(_ more: String) -> Bool {
            let text = """
                experiment: x
                network:
                  populations: { c: { count: 1, neuron: input }, \(populations) }
                  projections: { ab: { from: a, to: b, weights: 1 }\(more) }
                phases: [{ run: { seconds: 1 } }]
                """
            return (try? Texts.experiment(text)) != nil
        }
        #expect(pairs(""))
        #expect(!pairs(", cb: { from: c, to: b, weights: 1 }"))
    }

    @Test(
        "a plane is spanned by single synapses that learn, one in each direction",
        arguments: [
            Bad("y: back", "y: bak", ":10:23: plane.y", "projection with a rule", "mean back"),
            Bad("y: back", "y: there", ":10:23: plane.y", "the other way"),
            Bad("y: back", "z: back", ":10:", "plane"),
            Bad("count: 1", "count: 2", "plane.x", "count: 1"),
        ]
    )
    func plane(_ bad: Bad) throws {
        #expect(try Texts.experiment(SchemaTests.pair).plane == WeightPlane(x: "there", y: "back"))
        let text = SchemaTests.pair.replacing(bad.piece, with: bad.replacement)
        let error = #expect(throws: DescriptionError.self) { try Texts.experiment(text) }
        for piece in bad.says {
            #expect(error?.description.contains(piece) == true, "\(error?.description ?? "")")
        }
    }
}
