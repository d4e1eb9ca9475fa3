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
    /// Of each layer, inputs first.
    private var activations: [[Lanes]]
    /// Of each layer but the inputs.
    private var deltas: [[Lanes]]
    private var transposes: [[Float]]
    private var probabilities: [Double]
    /// Mean over the batch, one matrix a layer, `[post][pre]`.
    private(set) var gradients: [[Float]]

    init(widths: [Int], capacity: Int) {
        self.capacity = capacity
        self.widths = widths
        let width = (capacity + 3) / 4
        self.width = width
        labels = Array(repeating: 0, count: capacity)
        activations = widths.map { Array(repeating: .zero, count: $0 * width) }
        deltas = widths.dropFirst().map { Array(repeating: .zero, count: $0 * width) }
        gradients = zip(widths, widths.dropFirst()).map { Array(repeating: 0, count: $0 * $1) }
        transposes = gradients
        probabilities = Array(repeating: 0, count: widths[widths.count - 1])
    }

    /// Puts samples into the input layer.
    ///
    /// - Parameters:
    ///   - data: Of the network's shape.
    ///   - order: Indices of samples.
    ///   - range: Which of the order, at most `capacity`.
    ///   - noise: Added to each input.
    mutating func load(
        _ data: LabelledData,
        _ order: [Int],
        _ range: Range<Int>,
        noise: InputNoise?
    ) {
        precondition(range.count <= capacity, "the batch fits the workspace")
        precondition(
            data.featureCount == widths[0] && data.classCount == widths[widths.count - 1],
            "the data have the network's shape"
        )
        count = range.count
        for slot in 0..<count { labels[slot] = data.labels[order[range.lowerBound + slot]] }
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
        noise: InputNoise?,
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
                if let noise {
                    let z = noise.stream.normal(
                        UInt32(truncatingIfNeeded: feature),
                        UInt32(truncatingIfNeeded: sample),
                        noise.presentation
                    )
                    value += Float(noise.deviation * z)
                }
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
                by: activations[layer],
                width: width,
                into: &activations[layer + 1]
            )
            if layer < widths.count - 2 { rectify(&activations[layer + 1]) }
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
    mutating func propagateBack(_ network: borrowing ReLUNetwork, path: FeedbackPath) {
        let last = widths.count - 2
        for layer in stride(from: last - 1, through: 0, by: -1) where path != .blocked {
            let lower = widths[layer + 1]
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
                    by: deltas[layer + 1],
                    width: width,
                    into: &deltas[layer]
                )
            case .layered, .direct:
                let from = path == .direct ? last : layer + 1
                multiply(
                    network.feedback[layer].effective,
                    rows: lower,
                    columns: widths[from + 1],
                    by: deltas[from],
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
                activations[layer],
                rows: widths[layer + 1],
                columns: widths[layer],
                width: width,
                scale: 1 / Float(count),
                into: &gradients[layer]
            )
        }
    }
}
