import ChipImage
import ChipSpec
import Compiler
import Diagnostics
import NetworkIR
import TestSupport
import Testing

@Suite("Diagnostics of the compiler")
struct CompilerDiagnosticsTests {
    // MARK: Small networks

    private static func lif(_ path: String, _ count: Int, tau: Double = 10, threshold: Double = 1)
        -> Population
    {
        Population(
            path: path,
            shape: [count],
            dynamics: .leakyIntegrateAndFire(
                leaky(count, tau),
                firing(count, threshold: threshold)
            )
        )
    }

    private static func integrateAndFire(_ path: String, _ count: Int) -> Population {
        let neuron = IntegrateAndFire(
            r: [Double](repeating: 1, count: count),
            firing: firing(count)
        )
        return Population(path: path, shape: [count], dynamics: .integrateAndFire(neuron))
    }

    private static func noisy(refractory: Double) -> Population {
        let neuron = NoisyNeuron(
            membraneTau: [10],
            currentTau: [],
            firing: firing(1),
            refractory: refractory,
            noise: [NoiseSource(stationaryDeviation: 0.3)]
        )
        return Population(path: "x", shape: [1], dynamics: .noisy(neuron))
    }

    private static func leaky(_ count: Int, _ tau: Double) -> LeakyIntegrator {
        LeakyIntegrator(
            tau: [Double](repeating: tau, count: count),
            r: [Double](repeating: 1, count: count),
            leak: [Double](repeating: 0, count: count)
        )
    }

    private static func firing(_ count: Int, threshold: Double = 1) -> Firing {
        Firing(
            threshold: [Double](repeating: threshold, count: count),
            reset: [Double](repeating: 0, count: count)
        )
    }

    private static func dense(
        _ source: Int,
        _ target: Int,
        _ weights: [Double],
        delay: Int = 0
    ) -> Projection {
        Projection(source: source, target: target, delay: delay, connectivity: .dense(weights))
    }

    /// An input of some channels before other populations; the last one is the output.
    private static func network(
        inputs: Int = 1,
        _ populations: [Population],
        _ projections: [Projection]
    ) -> Network {
        let input = Population(path: "input", shape: [inputs], dynamics: .input)
        return Network(
            name: "net",
            timeStep: 1,
            reset: .toResetPotential,
            threshold: .greater,
            populations: [input] + populations,
            projections: projections,
            outputs: [
                NetworkOutput(
                    name: "output",
                    population: populations.count,
                    shape: (populations.last ?? input).shape
                )
            ]
        )
    }

    /// One input channel into one population.
    private static func single(_ population: Population, _ weight: Double = 0.5) -> Network {
        network(
            [population],
            [dense(0, 1, [Double](repeating: weight, count: population.count))]
        )
    }

    /// A network that gets a code on a chip.
    private struct Case {
        var network: Network
        var chip = "pilot"
        var change: (inout ChipSpec) -> Void = { _ in }
        var rules: [RuleProgram] = []
        var options = CompilerOptions()
    }

    private static func options(_ change: (inout CompilerOptions) -> Void) -> CompilerOptions {
        var options = CompilerOptions()
        change(&options)
        return options
    }

    /// What each code is triggered by.
    private static func cases() throws -> [DiagnosticCode: Case] {
        let tau = LeakyIntegrator(tau: [10], r: [1], leak: [0])
        let li = Population(path: "x", shape: [1], dynamics: .leakyIntegrator(tau))
        let cuba = Population(
            path: "x",
            shape: [1],
            dynamics: .currentBased(
                SynapticFilter(tau: [4], inputGain: [1]),
                leaky(1, 10),
                firing(1)
            )
        )
        let sampling = SamplingNeuron(refractorySteps: 1, psp: .rectangular(steps: 10_000))
        let one = single(lif("x", 1))
        func changed(_ network: Network, _ change: (inout Network) -> Void) -> Network {
            var network = network
            change(&network)
            return network
        }
        let parallel = network(
            [integrateAndFire("x", 1), integrateAndFire("y", 1)],
            [dense(0, 1, [1]), dense(1, 2, [1]), dense(1, 2, [1])]
        )
        let entries = [
            LearningRuleEntry(key: "x1.impulse", text: "32", line: 1, column: 1),
            LearningRuleEntry(key: "dw", text: "y0*x1", line: 2, column: 1),
        ]
        let rule = LearningRule(name: "r", file: "r.yaml", entries: entries)
        let learning = changed(single(integrateAndFire("x", 1))) {
            $0.rules = [rule]
            $0.projections[0].plasticity = Plasticity(rule: 0, fullScale: 1)
        }
        let compartments = (0..<5).map { Compartment(name: "c\($0)", gain: 1) }
        return [
            .networkContradiction: Case(
                network: changed(one) { $0.populations[1].bias = [1, 2] }
            ),
            .nothingToRun: Case(network: changed(network(inputs: 3, [], [])) { $0.outputs = [] }),
            .loopWithoutDelay: Case(
                network: network(
                    [lif("x", 1), lif("y", 1)],
                    [dense(0, 1, [1]), dense(1, 2, [1]), dense(2, 1, [1])]
                )
            ),
            .outputWithoutNeuron: Case(
                network: single(Population(path: "out", shape: [1], dynamics: .relay))
            ),
            .outputOfInput: Case(
                network: changed(one) {
                    $0.outputs.append(NetworkOutput(name: "raw", population: 0, shape: [1]))
                }
            ),
            .analogSource: Case(
                network: network([li, lif("y", 1)], [dense(0, 1, [1]), dense(1, 2, [1])])
            ),
            .modelNotOnChip: Case(network: single(li), chip: "loihi"),
            .noCurrentOnChip: Case(network: single(cuba), chip: "speck"),
            .noExponentialLeak: Case(network: one, chip: "truenorth"),
            .parallelProjections: Case(
                network: changed(parallel) {
                    $0.projections[1].name = "one"
                    $0.projections[2].name = "two"
                },
                chip: "truenorth"
            ),
            .positiveBias: Case(
                network: changed(single(integrateAndFire("x", 1))) {
                    $0.populations[1].bias = [0.5]
                },
                chip: "odin"
            ),
            .mixedSigns: Case(
                network: network(
                    [integrateAndFire("x", 1), integrateAndFire("y", 2)],
                    [dense(0, 1, [1]), dense(1, 2, [1, -1])]
                ),
                chip: "odin"
            ),
            .resetNotOnChip: Case(
                network: changed(one) { $0.reset = .subtractThreshold },
                chip: "loihi"
            ),
            .unstableStep: Case(network: single(lif("x", 1, tau: 0.5))),
            .negativeThreshold: Case(network: single(lif("x", 1, threshold: -0.5))),
            .delayTooLong: Case(
                network: network(
                    [lif("x", 1)],
                    [dense(0, 1, [1]), dense(1, 1, [0.5], delay: 17)]
                )
            ),
            .neuronTooLarge: Case(
                network: network(
                    inputs: 1025,
                    [lif("x", 1)],
                    [dense(0, 1, [Double](repeating: 0.5, count: 1025))]
                )
            ),
            .tooManyCores: Case(network: single(lif("x", 5000))),
            .tooFewLivingCores: Case(
                network: single(lif("x", 4000)),
                options: options { $0.deadCores = [3] }
            ),
            .pinnedCoresTooFew: Case(
                network: single(lif("x", 300)),
                options: options { $0.pinned = ["x": [5]] }
            ),
            .noSuchCore: Case(network: one, options: options { $0.deadCores = [16] }),
            .noSuchPopulation: Case(network: one, options: options { $0.pinned = ["y": [0]] }),
            .ratesDoNotFit: Case(
                network: single(lif("x", 2)),
                options: options {
                    $0.rates = SpikeRates(steps: 1, spikes: ["input": [1], "x": [1, 2, 3]])
                }
            ),
            .tooManyRoutes: Case(
                network: network(
                    [lif("x", 1), lif("y", 7)],
                    [dense(0, 1, [1]), dense(1, 2, [Double](repeating: 1, count: 7))]
                ),
                change: {
                    $0.core.neurons = 2
                    $0.core.axonsOut = 3
                }
            ),
            .noLearningOnChip: Case(
                network: learning,
                chip: "mapping-bench",
                rules: [try RuleCompiler.program(for: rule, on: chip("pilot"))]
            ),
            .rulesNotCompiled: Case(network: learning),
            .refractoryTooLong: Case(network: single(noisy(refractory: 256))),
            .noNoiseOnChip: Case(
                network: single(noisy(refractory: 1)),
                change: { $0.soma.noiseBits = 0 }
            ),
            .potentialTooLong: Case(
                network: single(
                    Population(path: "x", shape: [1], dynamics: .sampling(sampling))
                )
            ),
            .tooManyCompartments: Case(
                network: changed(one) { $0.populations[1].compartments = compartments }
            ),
            .compartmentGain: Case(
                network: changed(one) {
                    $0.populations[1].compartments = [Compartment(name: "far", gain: 1e9)]
                }
            ),
        ]
    }

    @Test("each code is given to a small network, in the words of its page")
    func catalogue() throws {
        let cases = try Self.cases()
        for (code, example) in cases {
            var target = try chip(example.chip)
            example.change(&target)
            trigger(code) {
                _ = try Compiler.compile(
                    example.network,
                    for: target,
                    options: example.options,
                    rules: example.rules
                )
            }
        }
        // No input can trigger our own fault.
        trigger(.compilerFault) {
            throw CompilerError.verification(pass: "place", fault: "two cores stand on tile 3.")
        }
        #expect(Set(cases.keys).union([.compilerFault]) == codes("E03"))
    }

    @Test("limits are told as numbers, with the resource and the place in the network")
    func quantities() throws {
        let expected:
            [DiagnosticCode: (path: String?, resource: String, needed: Double, limit: Double)] = [
                .delayTooLong: ("x → x", "steps of delay", 17, 16),
                .neuronTooLarge: ("x[0]", "axons in", 1025, 1024),
                .tooManyCores: (nil, "cores, full by neurons", 20, 16),
                .tooManyRoutes: ("x", "routes out", 4, 3),
                .tooFewLivingCores: (nil, "living cores", 16, 15),
                .pinnedCoresTooFew: ("x", "cores to be pinned to", 2, 1),
                .noSuchCore: (nil, "highest core", 16, 15),
                .ratesDoNotFit: ("x", "recorded senders", 2, 3),
                .refractoryTooLong: ("x", "refractory steps", 256, 255),
                .potentialTooLong: ("x", "steps of a postsynaptic potential", 10_000, 255),
                .tooManyCompartments: ("x", "compartments", 5, 4),
                .unstableStep: ("x[0]", "time step", 1, 0.5),
            ]
        let cases = try Self.cases()
        for (code, quantity) in expected {
            let example = try #require(cases[code])
            var target = try chip(example.chip)
            example.change(&target)
            do {
                _ = try Compiler.compile(example.network, for: target, options: example.options)
                Issue.record("\(code.rawValue) is accepted")
            } catch let error as CompilerError {
                let diagnostic = error.diagnostic
                #expect(diagnostic.path == quantity.path, "\(code.rawValue)")
                #expect(diagnostic.resource == quantity.resource, "\(code.rawValue)")
                #expect(diagnostic.needed == quantity.needed, "\(code.rawValue)")
                #expect(diagnostic.limit == quantity.limit, "\(code.rawValue)")
            }
        }
    }
}
