import FixedPoint

/// Everything that a batch writes, allocated once.
///
/// Activations and errors are `[neuron][lane]`, four samples a lane; unused samples have inputs and
/// errors 0. All arrays stay in place: a batch allocates nothing.
struct BatchWorkspace {
    /// Most samples of a batch.
    let capacity: Int
    /// Lanes a neuron.
    let width: Int
    private let widths: [Int]
    private var count = 0
    private var labels: [Int]
    /// Index of each sample of the batch in its data, and the noise of its presentation.
    private var samples: [Int] = []
    private var noise: PassNoise?
    /// Of each layer, inputs first.
    private var activations: [[Lanes]]
    /// Of each layer but the inputs.
    private var deltas: [[Lanes]]
    /// Activities and errors as they arrive; only with noise on spikes.
    private var sentActivations: [[Lanes]]
    private var sentDeltas: [[Lanes]]
    private var transposes: [[Float]]
    private var probabilities: [Double]
    /// Mean over the batch, one matrix a layer, `[post][pre]`.
    private(set) var gradients: [[Float]]
    /// What feedback synapses make of the same samples, in the layout of `gradients`.
    ///
    /// Of the error that arrives and their own neuron's activity; only with noise on spikes and `tracks`.
    private(set) var partnerGradients: [[Float]]

    init(widths: [Int], capacity: Int) {
        self.capacity = capacity
        self.widths = widths
        let width = (capacity + 3) / 4
        self.width = width
        labels = Array(repeating: 0, count: capacity)
        activations = widths.map { Array(repeating: .zero, count: $0 * width) }
        deltas = widths.dropFirst().map { Array(repeating: .zero, count: $0 * width) }
        gradients = zip(widths, widths.dropFirst()).map { Array(repeating: 0, count: $0 * $1) }
        partnerGradients = gradients
        transposes = gradients
        sentActivations = activations
        sentDeltas = deltas
        probabilities = Array(repeating: 0, count: widths[widths.count - 1])
    }

    /// Puts samples into the input layer.
    ///
    /// - Parameters:
    ///   - data: Of the network's shape.
    ///   - order: Indices of samples.
    ///   - range: Which of the order, at most `capacity`.
    ///   - noise: Of this presentation: added to the inputs here, and to what the passes do with them.
    mutating func load(
        _ data: LabelledData,
        _ order: [Int],
        _ range: Range<Int>,
        noise: PassNoise?
    ) {
        precondition(range.count <= capacity, "the batch fits the workspace")
        precondition(
            data.featureCount == widths[0] && data.classCount == widths[widths.count - 1],
            "the data have the network's shape"
        )
        count = range.count
        for slot in 0..<count { labels[slot] = data.labels[order[range.lowerBound + slot]] }
        self.noise = noise
        if noise != nil {
            samples.removeAll(keepingCapacity: true)
            samples.append(contentsOf: order[range])
        }
        Self.gather(
            data,
            order.span.extracting(range),
            width: width,
            noise: noise,
            into: &activations[0]
        )
    }

    private static func gather(
        _ data: LabelledData,
        _ samples: Span<Int>,
        width: Int,
        noise: PassNoise?,
        into output: inout [Lanes]
    ) {
        let inputs = data.inputs.span
        let features = data.featureCount
        var target = output.mutableSpan
        for slot in 0..<width * 4 {
            let lane = slot >> 2
            guard slot < samples.count else {
                for feature in 0..<features { target[feature &* width &+ lane][slot & 3] = 0 }
                continue
            }
            let sample = samples[slot]
            for feature in 0..<features {
                var value = inputs[sample &* features &+ feature]
                if let noise, noise.inputs > 0 { value += noise.input(feature, sample) }
                target[feature &* width &+ lane][slot & 3] = value
            }
        }
    }

    /// Forward pass: activations of all layers.
    mutating func propagate(_ network: borrowing ReLUNetwork) {
        for layer in 0..<widths.count - 1 {
            multiply(
                network.forward[layer].effective,
                rows: widths[layer + 1],
                columns: widths[layer],
                by: layer > 0 && hasSpikeNoise ? sentActivations[layer] : activations[layer],
                width: width,
                into: &activations[layer + 1]
            )
            guard layer < widths.count - 2 else { continue }
            if let noise, noise.thresholds > 0 {
                Self.raiseThresholds(
                    noise,
                    samples,
                    layer: layer + 1,
                    width: width,
                    of: &activations[layer + 1]
                )
            }
            rectify(&activations[layer + 1])
            if let noise, noise.spikes > 0 {
                Self.send(
                    activations[layer + 1],
                    samples,
                    layer: layer + 1,
                    width: width,
                    by: noise.activity,
                    into: &sentActivations[layer + 1]
                )
            }
        }
    }

    private var hasSpikeNoise: Bool { (noise?.spikes ?? 0) > 0 }

    /// Subtracts the threshold of each neuron and sample.
    private static func raiseThresholds(
        _ noise: PassNoise,
        _ samples: [Int],
        layer: Int,
        width: Int,
        of values: inout [Lanes]
    ) {
        for neuron in 0..<values.count / width {
            let place = PassNoise.place(layer: layer, neuron: neuron)
            for (slot, sample) in samples.enumerated() {
                values[neuron * width + (slot >> 2)][slot & 3] -= noise.threshold(place, sample)
            }
        }
    }

    /// Writes what arrives of the values of a layer; 0 for unused samples.
    private static func send(
        _ values: [Lanes],
        _ samples: [Int],
        layer: Int,
        width: Int,
        by arrival: (Float, UInt32, Int) -> Float,
        into output: inout [Lanes]
    ) {
        for neuron in 0..<values.count / width {
            let place = PassNoise.place(layer: layer, neuron: neuron)
            for slot in 0..<width * 4 {
                let index = neuron * width + (slot >> 2)
                output[index][slot & 3] =
                    slot < samples.count
                    ? arrival(values[index][slot & 3], place, samples[slot]) : 0
            }
        }
    }

    /// Softmax and cross entropy: writes the error of the output, p − [class].
    ///
    /// - Returns: The sum of the losses in nats, and how many samples have their class on top.
    mutating func compareOutputs() -> (loss: Double, hits: Int) {
        let last = widths.count - 1
        return Self.compare(
            activations[last],
            labels: labels,
            count: count,
            classes: widths[last],
            width: width,
            probabilities: &probabilities,
            deltas: &deltas[last - 1]
        )
    }

    private static func compare(
        _ outputs: [Lanes],
        labels: [Int],
        count: Int,
        classes: Int,
        width: Int,
        probabilities: inout [Double],
        deltas: inout [Lanes]
    ) -> (loss: Double, hits: Int) {
        var loss = 0.0
        var hits = 0
        for slot in 0..<width * 4 {
            let (lane, element) = (slot >> 2, slot & 3)
            guard slot < count else {
                for k in 0..<classes { deltas[k * width + lane][element] = 0 }
                continue
            }
            var top = 0
            for k in 1..<classes
            where outputs[k * width + lane][element] > outputs[top * width + lane][element] {
                top = k
            }
            let highest = Double(outputs[top * width + lane][element])
            var sum = 0.0
            for k in 0..<classes {
                let p = PortableMath.exp(Double(outputs[k * width + lane][element]) - highest)
                probabilities[k] = p
                sum += p
            }
            let label = labels[slot]
            for k in 0..<classes {
                deltas[k * width + lane][element] =
                    Float(probabilities[k] / sum - (k == label ? 1 : 0))
            }
            loss +=
                PortableMath.log(sum)
                - (Double(outputs[label * width + lane][element]) - highest)
            if top == label { hits += 1 }
        }
        return (loss, hits)
    }

    /// Backward pass: errors and gradients of all layers that the path reaches.
    ///
    /// - Parameters:
    ///   - network: Of the workspace's shape.
    ///   - path: How errors travel.
    ///   - isReference: Whether errors arrive without noise; what the forward pass did stays.
    ///   - tracks: Whether feedback synapses take gradients of their own, if there is noise on spikes.
    mutating func propagateBack(
        _ network: borrowing ReLUNetwork,
        path: FeedbackPath,
        isReference: Bool = false,
        tracks: Bool = false
    ) {
        let last = widths.count - 2
        let hasNoise = hasSpikeNoise && !isReference
        for layer in stride(from: last - 1, through: 0, by: -1) where path != .blocked {
            let lower = widths[layer + 1]
            let from = path == .direct ? last : layer + 1
            if hasNoise, let noise {
                Self.send(
                    deltas[from],
                    samples,
                    layer: from + 1,
                    width: width,
                    by: noise.error,
                    into: &sentDeltas[from]
                )
            }
            let errors = hasNoise ? sentDeltas[from] : deltas[from]
            switch path {
            case .exact:
                transpose(
                    network.forward[layer + 1].effective,
                    rows: widths[layer + 2],
                    columns: lower,
                    into: &transposes[layer + 1]
                )
                multiply(
                    transposes[layer + 1],
                    rows: lower,
                    columns: widths[layer + 2],
                    by: errors,
                    width: width,
                    into: &deltas[layer]
                )
            case .layered, .direct:
                multiply(
                    network.feedback[layer].effective,
                    rows: lower,
                    columns: widths[from + 1],
                    by: errors,
                    width: width,
                    into: &deltas[layer]
                )
            case .blocked: break
            }
            gate(&deltas[layer], by: activations[layer + 1])
        }
        for layer in path == .blocked ? last..<last + 1 : 0..<last + 1 {
            outerProducts(
                deltas[layer],
                layer > 0 && hasSpikeNoise ? sentActivations[layer] : activations[layer],
                rows: widths[layer + 1],
                columns: widths[layer],
                width: width,
                scale: 1 / Float(count),
                into: &gradients[layer]
            )
        }
        guard tracks, hasNoise else { return }
        for layer in 1..<last + 1 {
            outerProducts(
                sentDeltas[layer],
                activations[layer],
                rows: widths[layer + 1],
                columns: widths[layer],
                width: width,
                scale: 1 / Float(count),
                into: &partnerGradients[layer]
            )
        }
    }
}
