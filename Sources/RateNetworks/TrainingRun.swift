import FixedPoint

/// A training run that goes forward epoch by epoch.
public struct TrainingRun: Sendable {
    /// What it does.
    public let plan: TrainingPlan
    /// What it learns from.
    public let data: DataSplit
    /// The network as it is now.
    public private(set) var network: ReLUNetwork
    /// The epochs so far.
    public private(set) var epochs: [EpochRecord] = []
    private var arm: any FeedbackArm
    private var workspace: BatchWorkspace
    private var probe: BatchWorkspace
    private var velocities: [[Float]]
    /// Of feedback synapses, where noise on spikes tells them another story than their partners.
    private var partnerVelocities: [[Float]]
    private var order: [Int]
    private var update: UInt32 = 0
    private let forwardRounding: [RandomStream]
    private let feedbackRounding: [RandomStream]

    /// Draws the network; nothing is learned yet.
    ///
    /// - Parameters:
    ///   - plan: What to do.
    ///   - data: What to learn from.
    /// - Throws: `RateNetworkError` if the plan is out of range.
    public init(plan: TrainingPlan, data: DataSplit) throws(RateNetworkError) {
        try plan.validate()
        self.plan = plan
        self.data = data
        arm = plan.arm
        let widths =
            [data.training.featureCount] + plan.hiddenWidths + [data.training.classCount]
        network = try ReLUNetwork(
            widths: widths,
            path: plan.arm.path,
            gain: plan.initialGain,
            precision: plan.precision,
            mismatch: plan.mismatch,
            seed: plan.seed
        )
        workspace = BatchWorkspace(
            widths: widths,
            capacity: min(plan.batchSize, data.training.count)
        )
        probe = BatchWorkspace(widths: widths, capacity: min(200, data.training.count))
        velocities = workspace.gradients
        partnerVelocities = workspace.gradients
        order = Array(0..<data.training.count)
        let rounding = RandomStream(seed: plan.seed, purpose: .stochasticRounding)
        forwardRounding = velocities.indices.map {
            rounding.named(RandomStream.id(of: "RateNetworks.forward.\($0)"))
        }
        feedbackRounding = velocities.indices.map {
            rounding.named(RandomStream.id(of: "RateNetworks.feedback.\($0)"))
        }
    }

    /// Learns for one epoch.
    ///
    /// - Throws: What a hook of the arm throws; the run cannot go on then.
    public mutating func advance() throws {
        let epoch = epochs.count
        if epoch == 0 { try arm.beforeTraining(&network, moment) }
        try arm.beforeEpoch(&network, moment)
        order = Array(0..<data.training.count)
        RandomStream(seed: plan.seed, purpose: .stimulus)
            .named(RandomStream.id(of: "RateNetworks.order"))
            .shuffle(&order, UInt32(epoch))
        var loss = 0.0
        var agreement: [WeightAgreement] = []
        var angles: [Double] = []
        let size = plan.batchSize
        for start in stride(from: 0, to: order.count, by: size) {
            arm.beforeBatch(&network, moment)
            if start + size >= order.count {
                agreement = network.agreement
                angles = gradientAngles()
            }
            workspace.load(
                data.training,
                order,
                start..<min(start + size, order.count),
                noise: noise("training", epoch)
            )
            workspace.propagate(network)
            loss += workspace.compareOutputs().loss
            workspace.propagateBack(network, path: arm.path, tracks: arm.tracks)
            applyUpdate()
        }
        epochs.append(
            EpochRecord(
                trainingLoss: loss / Double(order.count),
                validationAccuracy: accuracy(on: data.validation, noise("validation", epoch)),
                agreement: agreement,
                gradientAngles: angles
            )
        )
    }

    /// Reads the test samples: once, at the end.
    ///
    /// - Returns: The course of the run so far.
    public consuming func finished() -> TrainingResult {
        let accuracy = accuracy(on: data.test, noise("test", epochs.count))
        return TrainingResult(epochs: epochs, testAccuracy: accuracy, network: network)
    }

    private var moment: TrainingMoment {
        TrainingMoment(seed: plan.seed, epoch: epochs.count, update: update)
    }

    private func noise(_ name: String, _ epoch: Int) -> PassNoise? {
        guard plan.inputNoise > 0 || plan.spikeNoise > 0 || plan.thresholdNoise > 0 else {
            return nil
        }
        var noise = PassNoise(seed: plan.seed, name: name, presentation: UInt32(epoch))
        noise.inputs = plan.inputNoise
        noise.spikes = plan.spikeNoise
        noise.thresholds = plan.thresholdNoise
        return noise
    }

    private mutating func accuracy(on part: LabelledData, _ noise: PassNoise?) -> Double? {
        guard part.count > 0 else { return nil }
        return network.evaluated(on: part, noise: noise, workspace: &probe).accuracy
    }

    /// Momentum and the writing of weights, forward first; registers round on both sides by themselves.
    private mutating func applyUpdate() {
        let last = velocities.count - 1
        let learned = arm.path == .blocked ? last..<last + 1 : 0..<last + 1
        let shrink = plan.learningRate * arm.decay
        for layer in learned {
            accumulate(
                workspace.gradients[layer],
                into: &velocities[layer],
                momentum: plan.momentum,
                rate: plan.learningRate
            )
            network.forward[layer].add(
                velocities[layer],
                shrink: layer == 0 ? 0 : shrink,
                stream: forwardRounding[layer],
                update: update
            )
            // The partner sees the same error and activity and keeps a velocity of its own, which holds the
            // same numbers: one array serves both. Noise on spikes ends that: each side knows its own
            // neuron's value, and counts the other's.
            if arm.tracks, layer > 0 {
                if plan.spikeNoise > 0 {
                    accumulate(
                        workspace.partnerGradients[layer],
                        into: &partnerVelocities[layer],
                        momentum: plan.momentum,
                        rate: plan.learningRate
                    )
                }
                network.feedback[layer - 1].add(
                    plan.spikeNoise > 0 ? partnerVelocities[layer] : velocities[layer],
                    transposed: true,
                    shrink: shrink,
                    stream: feedbackRounding[layer],
                    update: update
                )
            }
        }
        update &+= 1
    }

    private mutating func gradientAngles() -> [Double] {
        probe.load(
            data.training,
            order,
            0..<min(probe.capacity, order.count),
            noise: noise("probe", epochs.count)
        )
        probe.propagate(network)
        _ = probe.compareOutputs()
        probe.propagateBack(network, path: .exact, isReference: true)
        let exact = probe.gradients
        if arm.path == .exact, plan.spikeNoise == 0 { return exact.map { _ in 0 } }
        probe.propagateBack(network, path: arm.path)
        return exact.indices.map { layer in
            arm.path == .blocked && layer < exact.count - 1
                ? .nan : angle(between: probe.gradients[layer], exact[layer])
        }
    }
}
