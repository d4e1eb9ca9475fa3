import FixedPoint

/// A feed-forward network of rectified linear neurons, softmax and cross entropy, without biases.
///
/// u_l = W_l a_{l−1}, a_l = max(u_l, 0), the last layer linear under the softmax. Feedback matrix k is
/// the partner of forward matrix k + 1: it brings errors to the output of layer k.
public struct ReLUNetwork: Sendable, Equatable {
    /// Neurons of each layer, inputs and outputs included; at least 2 entries.
    public let widths: [Int]
    /// How errors travel.
    public let path: FeedbackPath
    /// W of each layer, `[post][pre]`.
    public var forward: [WeightMatrix]
    /// B of each hidden layer: `[lower][upper]` if layered, `[lower][class]` if direct, else none.
    public var feedback: [WeightMatrix]

    /// Draws a network: weights uniform in ±√(gain/fanIn), fanIn the columns of the matrix.
    ///
    /// Forward weights are the same for all paths and precisions (purpose `network`).
    ///
    /// - Parameters:
    ///   - widths: Neurons of each layer, inputs and outputs included.
    ///   - path: How errors travel.
    ///   - gain: 4.5 in the studies of this project, after a uniform initialisation of Kaiming's kind.
    ///   - precision: How all weights are kept.
    ///   - mismatch: Gains of the synapses.
    ///   - seed: Of the weights.
    /// - Throws: `RateNetworkError` if a width is not in 1...65536 or given gains do not fit.
    public init(
        widths: [Int],
        path: FeedbackPath,
        gain: Double = 4.5,
        precision: WeightPrecision = .float,
        mismatch: SynapseMismatch = .none,
        seed: UInt64
    ) throws(RateNetworkError) {
        guard widths.count >= 2 else {
            throw .outOfRange(
                name: "number of layers",
                value: "\(widths.count)",
                limit: "at least 2, inputs included"
            )
        }
        if let bad = widths.first(where: { !(1...65_536).contains($0) }) {
            throw .outOfRange(name: "width of a layer", value: "\(bad)", limit: "in 1...65536")
        }
        if case .registers(let fullScale) = precision, !(fullScale > 0 && fullScale.isFinite) {
            throw .outOfRange(name: "fullScale", value: "\(fullScale)", limit: "above 0")
        }
        self.widths = widths
        self.path = path
        forward = []
        feedback = []
        let stream = RandomStream(seed: seed, purpose: .network)
        func drawn(_ rows: Int, _ columns: Int, _ name: String, _ layer: Int) -> [Float] {
            let stream = stream.named(RandomStream.id(of: "RateNetworks." + name))
            let limit = (gain / Double(columns)).squareRoot()
            return (0..<rows * columns).map {
                Float(limit * (2 * stream.uniform(UInt32($0), UInt32(layer), 0) - 1))
            }
        }
        for layer in 0..<widths.count - 1 {
            let (rows, columns) = (widths[layer + 1], widths[layer])
            forward.append(
                WeightMatrix(
                    weights: drawn(rows, columns, "forward", layer),
                    rows: rows,
                    columns: columns,
                    precision: precision,
                    gains: try mismatch.gains(forwardLayer: layer, count: rows * columns)
                )
            )
        }
        guard path == .layered || path == .direct else { return }
        for layer in 0..<widths.count - 2 {
            let rows = widths[layer + 1]
            let columns = path == .direct ? widths[widths.count - 1] : widths[layer + 2]
            feedback.append(
                WeightMatrix(
                    weights: drawn(rows, columns, "feedback", layer),
                    rows: rows,
                    columns: columns,
                    precision: precision,
                    gains: try mismatch.gains(feedbackLayer: layer, count: rows * columns)
                )
            )
        }
    }

    /// Number of weight matrices.
    public var layerCount: Int { forward.count }

    /// Agreement of each feedback matrix with its partner, the lowest first.
    ///
    /// Angle 0 and slope 1 on the exact path; empty where B has no partner (direct, blocked).
    public var agreement: [WeightAgreement] {
        switch path {
        case .exact:
            Array(repeating: WeightAgreement(angle: 0, slope: 1), count: layerCount - 1)
        case .layered:
            feedback.indices.map {
                WeightAgreement(forward: forward[$0 + 1], feedback: feedback[$0])
            }
        case .direct, .blocked: []
        }
    }

    /// Mean cross entropy in nats, and the share of samples whose class has the largest output.
    ///
    /// - Parameter data: At least one sample, of as many inputs and classes as the network.
    /// - Returns: Loss, NaN if outputs are; accuracy 0...1.
    public func evaluated(on data: LabelledData) -> (loss: Double, accuracy: Double) {
        precondition(data.count > 0, "a mean needs samples")
        var workspace = BatchWorkspace(widths: widths, capacity: min(data.count, 200))
        return evaluated(on: data, noise: nil, workspace: &workspace)
    }

    func evaluated(
        on data: LabelledData,
        noise: PassNoise?,
        workspace: inout BatchWorkspace
    ) -> (loss: Double, accuracy: Double) {
        let order = Array(0..<data.count)
        var loss = 0.0
        var hits = 0
        for start in stride(from: 0, to: data.count, by: workspace.capacity) {
            let end = min(start + workspace.capacity, data.count)
            workspace.load(data, order, start..<end, noise: noise)
            workspace.propagate(self)
            let (batchLoss, batchHits) = workspace.compareOutputs()
            loss += batchLoss
            hits += batchHits
        }
        return (loss / Double(data.count), Double(hits) / Double(data.count))
    }

    /// What the error that a path brings says is the gradient of the mean loss, as one batch.
    ///
    /// On the path `exact` it is the gradient with respect to the effective weights.
    ///
    /// - Parameters:
    ///   - data: At least one sample.
    ///   - path: Of this network, or `exact`.
    /// - Returns: One matrix a layer, `[post][pre]`; 0 in layers that no error reaches.
    public func gradients(on data: LabelledData, path: FeedbackPath) -> [[Float]] {
        precondition(data.count > 0, "a mean needs samples")
        precondition(path == self.path || path == .exact, "only its own path has feedback weights")
        var workspace = BatchWorkspace(widths: widths, capacity: data.count)
        workspace.load(data, Array(0..<data.count), 0..<data.count, noise: nil)
        workspace.propagate(self)
        _ = workspace.compareOutputs()
        workspace.propagateBack(self, path: path)
        return workspace.gradients
    }
}
