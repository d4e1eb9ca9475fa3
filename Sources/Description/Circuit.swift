public import NetworkIR

/// A circuit study: a network of `sampling` neurons with dendrites that learns all on the chip
/// (`docs/CIRCUITS.md`).
///
/// Layers run from the inputs up. Each hidden layer has apical dendrites, reached from the layer above and
/// from interneurons that predict it.
public struct Circuit: Sendable {
    /// Name.
    public var name: String
    /// One sentence.
    public var summary: String
    /// Name or path of the chip.
    public var chip: String
    /// Changes to the chip's spec, by key.
    public var chipSettings: [ChipSetting]
    /// Seeds of samples, weights and run; one run each.
    public var seeds: [UInt64]
    /// What is learned.
    public var task: CircuitTask
    /// Neurons of each hidden layer, the lowest first.
    public var hidden: [Int]
    /// τ_ref in steps, and length of the rectangular postsynaptic potential.
    public var refractorySteps: Int
    /// τ of an exponential potential of the inputs' synapses in steps; nil is rectangular, as everywhere else.
    public var inputTau: Double?
    /// Bias of the neurons of each layer but the inputs, log-odds.
    public var biases: [Double]
    /// Weight at the upper end of the registers of each layer of forward weights, log-odds; feedback weights
    /// onto a layer have that of the layer above.
    public var fullScales: [Double]
    /// Initial forward weights of each layer are uniform between minus and plus this.
    public var initialLimits: [Double]
    /// Initial feedback weights are uniform between minus and plus this.
    public var initialFeedbackLimit: Double
    /// What a hidden soma feels of its apical potential.
    public var apicalCoupling: Double
    /// How strongly targets pull the outputs.
    public var nudging: Double
    /// k of the running averages over 2^k steps.
    public var averagingShift: Int
    /// When what happens.
    public var schedule: CircuitSchedule
    /// Rule of the forward weights, amplitude `rate`.
    public var rule: LearningRule
    /// Rate of each layer of forward weights, the lowest first.
    public var rates: [Double]
    /// What is left of the rates in the last epoch: they fall geometrically.
    public var rateDecay: Double
    /// Where feedback weights come from.
    public var feedback: CircuitFeedback
    /// Rule of the feedback weights in alignment patterns, amplitude `eta`; nil if no arm needs it.
    public var alignment: CircuitAlignment?
    /// Whether the circuit is computed in floating point numbers on the host instead.
    public var isFloat: Bool
    /// Name of the arm that was read; nil for the document as it stands.
    public var arm: String?

    /// Neurons of every layer.
    public var widths: [Int] { [task.inputCount] + hidden + [task.outputCount] }
}

/// Where the feedback weights of a circuit come from.
public enum CircuitFeedback: String, Sendable, CaseIterable {
    /// A rule aligns them in patterns of their own.
    case aligned
    /// They read the registers of the forward weights: back-propagation.
    case shared
    /// Random and fixed: feedback alignment.
    case random
    /// Hidden layers do not learn.
    case frozen
}

/// What a circuit learns.
public enum CircuitTask: Sendable, Equatable {
    /// The mean output potential of a circuit of the same shape with given weights: one input, one output.
    case teacher(weights: [Double], training: [Double], validation: [Double])
    /// Points of the yin-yang symbol in three classes.
    case yinYang(YinYangTask)

    /// Neurons of the input layer.
    public var inputCount: Int {
        switch self {
        case .teacher: 1
        case .yinYang(let task): task.constant == nil ? 4 : 5
        }
    }

    /// Neurons of the output layer.
    public var outputCount: Int {
        switch self {
        case .teacher: 1
        case .yinYang: 3
        }
    }

    /// Largest magnitude of an input potential, log-odds.
    public var largestInput: Double {
        switch self {
        case .teacher(_, let training, let validation):
            (training + validation).map(\.magnitude).max() ?? 0
        case .yinYang(let task): max(task.scale, task.constant?.magnitude ?? 0)
        }
    }
}

/// Yin-yang on a circuit.
public struct YinYangTask: Sendable, Equatable {
    /// Samples to learn from, drawn anew for each pattern.
    public var training: Int
    /// Samples that are read once.
    public var test: Int
    /// Input potential at the upper end of a coordinate, minus it at the lower one; log-odds.
    public var scale: Double
    /// Potential of a fifth input that never changes; nil without.
    public var constant: Double?
    /// Target potential of the output of the right class, log-odds.
    public var target: Double
    /// Target potential of the other outputs.
    public var otherTarget: Double
}

/// When what happens to a circuit.
public struct CircuitSchedule: Sendable, Equatable {
    /// Rounds of patterns, alignment and validation.
    public var epochs: Int
    /// Patterns of an epoch that forward weights learn from.
    public var patterns: Int
    /// Steps of a pattern.
    public var steps: Int
    /// First steps of a pattern in which forward weights do not learn, and outputs are not read.
    public var lag: Int
    /// Steps of a test sample.
    public var testSteps: Int
    /// First steps of a test sample in which outputs are not read.
    public var testLag: Int
}

/// How the feedback weights of a circuit are aligned: in patterns after those of an epoch, in which the rule of
/// the feedback weights alone works.
public struct CircuitAlignment: Sendable, Equatable {
    /// The rule.
    public var rule: LearningRule
    /// Its amplitude, in the unit of the weights.
    public var eta: Double
    /// What is left of the amplitude in the last epoch: it falls geometrically.
    public var etaDecay: Double
    /// Alignment patterns after each epoch.
    public var patterns: Int
    /// Alignment patterns before the first epoch.
    public var firstPatterns: Int
    /// Steps of an alignment pattern.
    public var steps: Int
    /// Whether inputs are silent and targets are the potential 0; otherwise patterns are training samples.
    public var isSilent: Bool
}

extension Circuit {
    /// The network on the chip.
    ///
    /// Populations `layer0` … and, for hidden layer l, `apicalL` and `interL`; projections `upL` onto layer l,
    /// `downL` onto the apical dendrites of l, `predictL` from layer l to its interneurons and `cancelL` from
    /// there. All weights begin at 0: the host writes the registers, which only projections with a rule have.
    public var network: Network {
        let rectangular = PostsynapticPotential.rectangular(steps: refractorySteps)
        func population(
            _ path: String,
            _ count: Int,
            bias: Double,
            _ psp: PostsynapticPotential? = nil
        ) -> PopulationRecipe {
            PopulationRecipe(
                path: path,
                shape: [count],
                neuron: .sampling(
                    SamplingNeuron(refractorySteps: refractorySteps, psp: psp ?? rectangular)
                ),
                bias: .constant(bias),
                compartments: []
            )
        }
        func projection(
            _ name: String,
            _ source: String,
            _ target: String,
            _ rule: LearningRule,
            fullScale: Double
        ) -> ProjectionRecipe {
            ProjectionRecipe(
                name: name,
                source: source,
                target: target,
                compartment: 0,
                feedbackOf: nil,
                pairs: .all,
                allowsAutapses: true,
                weights: .constant(0),
                fullScale: fullScale,
                delays: .fixed(1),
                rule: rule.name
            )
        }
        let feedbackRule = alignment?.rule ?? rule
        var populations: [PopulationRecipe] = []
        var projections: [ProjectionRecipe] = []
        // The compiler takes the unit of the inputs' potentials from their biases: with room for silence.
        populations.append(population("layer0", widths[0], bias: max(20, 2 * task.largestInput)))
        for (layer, width) in widths.enumerated().dropFirst() {
            let (soma, scale) = ("layer\(layer)", fullScales[layer - 1])
            let psp = layer == 1 ? inputTau.map(PostsynapticPotential.exponential) : nil
            populations.append(population(soma, width, bias: biases[layer - 1], psp))
            projections.append(
                projection("up\(layer)", "layer\(layer - 1)", soma, rule, fullScale: scale)
            )
            guard layer < widths.count - 1 else { continue }
            let (apical, inter, above) = ("apical\(layer)", "inter\(layer)", fullScales[layer])
            populations.append(population(apical, width, bias: 0))
            populations.append(population(inter, widths[layer + 1], bias: biases[layer]))
            projections += [
                projection(
                    "down\(layer)",
                    "layer\(layer + 1)",
                    apical,
                    feedbackRule,
                    fullScale: above
                ),
                projection("predict\(layer)", soma, inter, rule, fullScale: above),
                projection("cancel\(layer)", inter, apical, rule, fullScale: above),
            ]
        }
        let rules = feedbackRule.name == rule.name ? [rule] : [rule, feedbackRule]
        let recipe = NetworkRecipe(
            name: "circuit",
            timeStep: 1,
            populations: populations,
            projections: projections,
            rules: rules
        )
        return recipe.network(seed: 0)
    }
}
