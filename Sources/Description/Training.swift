public import NetworkIR

/// A training study: a deep rate network that learns on the host, with feedback weights from one answer to weight
/// transport, aligned on a chip where the answer is a chip's (`docs/TRAINING.md`).
public struct Training: Sendable {
    /// Name.
    public var name: String
    /// One sentence.
    public var summary: String
    /// Name or path of the chip.
    public var chip: String
    /// Changes to the chip's spec, by key.
    public var chipSettings: [ChipSetting]
    /// Seeds of data split, weights, run and device; one run each.
    public var seeds: [UInt64]
    /// What is learned.
    public var data: TrainingData
    /// Neurons of each hidden layer, the lowest first.
    public var hidden: [Int]
    /// g in the limits ±√(g/fanIn) of the initial weights.
    public var initialGain: Double
    /// Weight at the upper end of the 16-bit registers; nil keeps weights as floating point numbers.
    public var fullScale: Double?
    /// Passes over the training data.
    public var epochs: Int
    /// Samples of a batch.
    public var batchSize: Int
    /// Steps of the descent that are tried; the one of the best validation accuracy counts.
    public var learningRates: [Double]
    /// Share of the velocity that is kept.
    public var momentum: Double
    /// Where feedback weights come from.
    public var feedback: FeedbackSource
    /// Whether feedback synapses apply the updates of their forward partners.
    public var tracking: Bool
    /// Weight decay of both partners (Kolen-Pollack).
    public var decay: Double
    /// Coefficient of variation of the synapses' gains.
    public var mismatch: Double
    /// Deviation of the noise on the inputs.
    public var inputNoise: Double
    /// Deviation of a transmitted value of 1, as activities and errors travel as spike counts.
    public var spikeNoise: Double
    /// Deviation of the thresholds of hidden neurons, fresh at each presentation.
    public var thresholdNoise: Double
    /// How a chip aligns feedback weights; nil if no arm needs it.
    public var alignment: AlignmentPlan?
    /// Name of the arm that was read; nil for the document as it stands.
    public var arm: String?
    /// Value of the arm on the axis, if it is on one.
    public var axisValue: Double?
}

/// Samples of a training study.
public enum TrainingSamples: Sendable, Equatable {
    /// Images and labels of an NPZ file.
    case images(inputs: [Double], featureCount: Int, labels: [Int], classCount: Int)
    /// Points of the yin-yang symbol, made by each seed.
    case yinYang(count: Int)
    /// Order of four spikes, made by each seed.
    case temporalXOR(count: Int)
}

/// Samples, and how many are kept back.
public struct TrainingData: Sendable, Equatable {
    /// All samples.
    public var samples: TrainingSamples
    /// Samples that learning rates are chosen by.
    public var validation: Int
    /// Samples that are read once.
    public var test: Int
}

/// An answer to weight transport.
public enum FeedbackSource: String, Sendable, CaseIterable {
    /// Back-propagation through the exact transpose of what the passes feel; under mismatch an oracle.
    case exact
    /// Registers copied before each batch.
    case copy
    /// Feedback alignment: random and fixed.
    case random
    /// Direct feedback alignment.
    case direct
    /// Random magnitudes, the signs of the forward weights.
    case signConcordant
    /// Kolen and Pollack: equal updates and decay.
    case kolenPollack
    /// Weight mirror.
    case mirror
    /// Spike-timing-dependent weight inference.
    case stdwi
    /// Regression discontinuity design.
    case rdd
    /// No error arrives: lower layers stay as they are.
    case frozen
    /// A chip aligns them by the rule of `alignment`.
    case aligned
}

/// How a chip aligns the feedback weights of a rate network: its hidden layers and outputs as sampling neurons.
public struct AlignmentPlan: Sendable {
    /// Neurons of every layer; weights and biases are log-odds.
    public var neuron: SamplingNeuron
    /// Rule of the feedback projections.
    public var rule: LearningRule
    /// Once, before training.
    public var warmUp: RunPhase
    /// Before each epoch but the first; nil aligns once.
    public var everyEpoch: RunPhase?
}

extension AlignmentPlan {
    /// The network on the chip: population `input`, a population `layerN` for each hidden layer from 1 on, and
    /// `output`; projections `forwardN` from layer N on and their partners `feedbackN`, but for the input's.
    ///
    /// All weights begin at 0: the host writes the registers. Forward projections have registers of the same kind,
    /// which only a projection with a rule has; phases switch on the rules of feedback projections alone.
    ///
    /// - Parameters:
    ///   - widths: Neurons of each layer, inputs first.
    ///   - fullScale: Weight at the upper end of the registers.
    /// - Returns: The network; a step is 1 ms of its time.
    public func network(widths: [Int], fullScale: Double) -> Network {
        var recipe = Self.recipe(neuron, rule, widths: widths, fullScale: fullScale)
        for index in recipe.projections.indices { recipe.projections[index].rule = rule.name }
        return recipe.network(seed: 0)
    }

    /// The network as phases see it: feedback projections have the rule.
    static func recipe(
        _ neuron: SamplingNeuron,
        _ rule: LearningRule,
        widths: [Int],
        fullScale: Double
    ) -> NetworkRecipe {
        let paths = widths.indices.map { layer in
            layer == 0 ? "input" : layer == widths.count - 1 ? "output" : "layer\(layer)"
        }
        func projection(_ from: Int, _ to: Int, feedbackOf: String? = nil) -> ProjectionRecipe {
            ProjectionRecipe(
                name: feedbackOf == nil ? "forward\(from)" : "feedback\(to)",
                source: paths[from],
                target: paths[to],
                compartment: 0,
                feedbackOf: feedbackOf,
                pairs: .all,
                allowsAutapses: false,
                weights: .constant(0),
                fullScale: fullScale,
                delays: .fixed(1),
                rule: feedbackOf == nil ? nil : rule.name
            )
        }
        var projections: [ProjectionRecipe] = []
        for layer in 0..<widths.count - 1 {
            projections.append(projection(layer, layer + 1))
            guard layer > 0 else { continue }
            projections.append(projection(layer + 1, layer, feedbackOf: "forward\(layer)"))
        }
        let populations = paths.indices.map { layer in
            PopulationRecipe(
                path: paths[layer],
                shape: [widths[layer]],
                neuron: layer == 0 ? .input : .sampling(neuron),
                bias: .constant(0),
                compartments: []
            )
        }
        return NetworkRecipe(
            name: "alignment",
            timeStep: 1,
            populations: populations,
            projections: projections,
            rules: [rule]
        )
    }
}
