import FixedPoint

/// The gains of a device's synapses.
public enum SynapseMismatch: Sendable, Equatable {
    /// All gains are 1.
    case none
    /// Log-normal gains of mean 1, forward and feedback independent: exp(σz − σ²/2), σ² = ln(1 + c²).
    case drawn(variation: Double, deviceSeed: UInt64)
    /// Gains of a device that somebody else has drawn.
    ///
    /// `forward` holds one matrix a layer, `[post][pre]`; `feedback` one for each layer but the first,
    /// `[lower][upper]`.
    case given(forward: [[Float]], feedback: [[Float]])

    func gains(forwardLayer layer: Int, count: Int) throws(RateNetworkError) -> [Float] {
        switch self {
        case .none: []
        case .drawn(let variation, let seed):
            Self.draw(count, variation, seed, name: "forward", layer)
        case .given(let forward, _):
            try Self.checked(forward, layer, count, name: "forward gains")
        }
    }

    func gains(feedbackLayer layer: Int, count: Int) throws(RateNetworkError) -> [Float] {
        switch self {
        case .none: []
        case .drawn(let variation, let seed):
            Self.draw(count, variation, seed, name: "feedback", layer)
        case .given(_, let feedback):
            try Self.checked(feedback, layer, count, name: "feedback gains")
        }
    }

    private static func checked(
        _ gains: [[Float]],
        _ layer: Int,
        _ count: Int,
        name: String
    ) throws(RateNetworkError) -> [Float] {
        let found = layer < gains.count ? gains[layer] : []
        guard found.count == count else {
            throw .lengthMismatch(
                name: "\(name) of layer \(layer)",
                count: found.count,
                expected: count
            )
        }
        return found
    }

    private static func draw(
        _ count: Int,
        _ variation: Double,
        _ seed: UInt64,
        name: String,
        _ layer: Int
    ) -> [Float] {
        guard variation > 0 else { return [] }
        let variance = PortableMath.log(1 + variation * variation)
        let deviation = variance.squareRoot()
        let stream = RandomStream(seed: seed, purpose: .fixedPattern)
            .named(RandomStream.id(of: "RateNetworks." + name))
        return (0..<count).map {
            let z = stream.normal(UInt32($0), UInt32(layer), 0)
            return Float(PortableMath.exp(deviation * z - variance / 2))
        }
    }
}
