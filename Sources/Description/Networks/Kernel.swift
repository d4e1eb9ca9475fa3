import FixedPoint

/// A function of the distance between two neurons: a probability, or a weight.
struct Kernel: Sendable, Equatable {
    enum Shape: Sendable, Equatable {
        /// e^(−d² / 2σ²).
        case gaussian(deviation: Double)
        /// e^(−d / λ).
        case exponential(length: Double)
        /// 1 up to a distance, the Euclidean one.
        case disc(radius: Double)
        /// 1 where no coordinate differs by more.
        case box(halfWidth: Double)
    }

    var shape: Shape
    /// Value at distance 0.
    var peak: Double
    /// Distance beyond which the value is 0; infinite without.
    var cutoff: Double

    /// No coordinate of a pair with a value other than 0 differs by more.
    var reach: Double {
        switch shape {
        case .gaussian, .exponential: cutoff
        case .disc(let radius): min(radius, cutoff)
        case .box(let halfWidth): min(halfWidth, cutoff)
        }
    }

    func value(at separation: Separation) -> Double {
        guard separation.distance <= cutoff else { return 0 }
        switch shape {
        case .gaussian(let deviation):
            let z = separation.distance / deviation
            return peak * PortableMath.exp(-0.5 * z * z)
        case .exponential(let length): return peak * PortableMath.exp(-separation.distance / length)
        case .disc(let radius): return separation.distance <= radius ? peak : 0
        case .box(let halfWidth): return separation.widest <= halfWidth ? peak : 0
        }
    }
}

/// How far apart two neurons are.
struct Separation {
    /// Euclidean distance.
    var distance: Double
    /// Largest difference of a coordinate.
    var widest: Double
}
