package import ChipImage
import ChipSpec
import Foundation

extension TinyImage {
    /// A valid image that learns, by hand: one core, two noisy neurons and two sampling ones.
    ///
    /// One input channel feeds the noisy neurons, which feed the sampling ones by the static projection
    /// w; they feed back by the static projection beside (delay 2) and the plastic projection b.
    package static func learning() throws -> ChipImage {
        var chip = try TinyChip.plain()
        chip.name = "tiny-learning"
        chip.synapse.hiddenWeightBits = 8
        chip.soma.models += [.noisyLIF, .sampling]
        chip.soma.refractoryBits = 4
        chip.soma.noiseBits = 10
        chip.learning = try JSONDecoder().decode(LearningSpec.self, from: Data(engine.utf8))
        var neurons = NeuronTables()
        neurons.indexInPopulation = [0, 1, 0, 1]
        neurons.threshold = [500, 600, 0, 0]
        neurons.membraneDecay = [390, 390, 0, 0]
        neurons.currentDecay = [742, 742, 400, 400]
        neurons.membraneBias = [100, 200, -300, 40]
        neurons.currentBias = [0, 0, 0, 0]
        neurons.resetPotential = [0, 0, 0, 0]
        neurons.initialPotential = [0, 0, 0, 0]
        var synapses = SynapseTables()
        synapses.axonRows = [0, 1, 2, 3, 5, 6]
        synapses.rowSynapses = [0, 2, 4, 6, 7, 9, 11]
        synapses.rowDelay = [1, 1, 1, 2, 1, 1]
        synapses.rowExponent = [0, 0, 0, 0, 1, 1]
        synapses.rowCompartment = [0, 0, 0, 0, 0, 0]
        synapses.rowProjection = [0, 0, 0, 0, 1, 1]
        synapses.targets = [0, 1, 2, 3, 2, 3, 0, 0, 1, 0, 1]
        synapses.weights = [50, 60, 1, -2, 3, -4, 10, -128, 127, 0, -1]
        synapses.hiddenWeights = [0, 0, 0, 0, 0, 0, 0, 0, 255, 128, 1]
        let projections = [
            projection("post", "pre", 1, synapses: 4, name: "b", rule: 0, feedbackOf: 3),
            projection("in", "pre", 1, synapses: 2),
            projection("post", "pre", 2, synapses: 1, name: "beside"),
            projection("pre", "post", 1, synapses: 4, name: "w"),
        ]
        return ChipImage(
            chip: chip,
            network: NetworkTable(
                name: "tiny-learning",
                timeStep: 1,
                populations: populations,
                projections: projections,
                outputs: [OutputTable(name: "out", population: 1)],
                drainSteps: 1,
                rules: [rule]
            ),
            inputs: [
                InputPort(
                    name: "in",
                    shape: [1],
                    routes: RouteTable(offsets: [0, 1], routes: [Route(core: 3, axon: 0)])
                )
            ],
            cores: [
                CoreTables(
                    core: 3,
                    segments: [
                        Segment(population: 0, firstSlot: 0, count: 2),
                        Segment(population: 1, firstSlot: 2, count: 2),
                    ],
                    neurons: neurons,
                    synapses: synapses,
                    routes: RouteTable(
                        offsets: [0, 1, 2, 3, 4],
                        routes: (1...4).map { Route(core: 3, axon: $0) }
                    )
                )
            ]
        )
    }

    private static let engine = """
        {
            "engine": "pilot", "registers": ["x0", "x1", "y0", "y1", "w", "lastPre", "lastPost"],
            "traceBits": 7, "traceRounding": "stochastic", "traceDecayBits": 16,
            "weightRounding": "stochastic", "tieRule": "exclude", "timestamp": "soma",
            "longestWindowInSteps": 15, "longestEpochInSteps": 4, "maximumProducts": 2,
            "maximumRules": 1, "hasHomeostasis": true, "hasGainServo": true, "longestAttenuation": 7
        }
        """

    private static let rule = RuleProgram(
        name: "sal",
        source: ["x1: impulse 32, tau 10", "dw: eta*x1*y0 - 2^-4*x0*w"],
        traces: [TraceProgram(register: .x1, impulse: 32, tau: 10)],
        products: [
            RuleProduct(
                trigger: .y0,
                mantissa: 1,
                exponent: 0,
                amplitude: 0,
                factors: [RuleFactor(.x1)]
            ),
            RuleProduct(trigger: .x0, mantissa: -1, exponent: -4, factors: [RuleFactor(.w)]),
        ],
        windows: [],
        amplitudes: ["eta"]
    )

    private static let populations = [
        PopulationTable(
            path: "pre",
            shape: [2],
            model: .noisyLIF,
            reset: .zero,
            hasCurrent: true,
            compartmentExponents: [0],
            membraneScale: [0.01],
            depth: 1,
            refractorySteps: 3,
            noise: [
                NoiseTable(amplitude: 200), NoiseTable(amplitude: 30, sharedSource: "common"),
            ]
        ),
        PopulationTable(
            path: "post",
            shape: [2],
            model: .sampling,
            reset: .zero,
            hasCurrent: true,
            compartmentExponents: [-1],
            membraneScale: [0.001],
            depth: 1,
            sampling: SamplingTable(
                logOddsPerRaw: 0.001,
                refractorySteps: 10,
                psp: .exponential,
                pspSteps: 1
            )
        ),
    ]

    private static func projection(
        _ source: String,
        _ target: String,
        _ delay: Int,
        synapses: Int,
        name: String? = nil,
        rule: Int? = nil,
        feedbackOf: Int? = nil
    ) -> ProjectionTable {
        ProjectionTable(
            source: source,
            target: target,
            delay: delay,
            compartment: 0,
            signMode: .mixed,
            weightScale: 0.1,
            synapses: synapses,
            largestError: 0.05,
            rootMeanSquareError: 0.03,
            name: name,
            rule: rule,
            feedbackOf: feedbackOf
        )
    }
}
