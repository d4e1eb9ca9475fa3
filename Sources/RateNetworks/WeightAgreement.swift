/// How well feedback weights agree with the transpose of forward weights, as the passes feel both.
public struct WeightAgreement: Sendable, Equatable {
    /// Angle between Wᵀ and B in degrees, 0...180; NaN if one side is all 0 or not finite.
    public var angle: Double
    /// Slope of the regression of B on Wᵀ through the origin, ⟨Wᵀ, B⟩ / |W|²; NaN if W is all 0.
    public var slope: Double

    /// Agreement by hand.
    ///
    /// - Parameters:
    ///   - angle: Degrees.
    ///   - slope: 1 if the scale is right.
    public init(angle: Double, slope: Double) {
        self.angle = angle
        self.slope = slope
    }

    /// Compares effective weights: gains included.
    ///
    /// - Parameters:
    ///   - forward: W, `[upper][lower]`.
    ///   - feedback: B, `[lower][upper]`.
    public init(forward: WeightMatrix, feedback: WeightMatrix) {
        precondition(
            forward.rows == feedback.columns && forward.columns == feedback.rows,
            "partners"
        )
        var transposed = forward.effective
        transpose(
            forward.effective,
            rows: forward.rows,
            columns: forward.columns,
            into: &transposed
        )
        self.init(products(transposed, feedback.effective))
    }

    private init(_ sums: (aa: Double, bb: Double, ab: Double)) {
        angle = degrees(cosine: sums.ab / sums.aa.squareRoot() / sums.bb.squareRoot())
        slope = sums.ab / sums.aa
    }
}

/// Angle between two lists of numbers, in degrees; NaN if one is all 0 or not finite.
func angle(between a: [Float], _ b: [Float]) -> Double {
    let sums = products(a, b)
    return degrees(cosine: sums.ab / sums.aa.squareRoot() / sums.bb.squareRoot())
}

private func products(_ a: [Float], _ b: [Float]) -> (aa: Double, bb: Double, ab: Double) {
    precondition(a.count == b.count, "pairs")
    var sums = (aa: 0.0, bb: 0.0, ab: 0.0)
    for index in a.indices {
        let (x, y) = (Double(a[index]), Double(b[index]))
        sums.aa += x * x
        sums.bb += y * y
        sums.ab += x * y
    }
    return sums
}

/// acos in degrees, by exactly rounded operations only: 2 atan √((1 − c)/(1 + c)).
private func degrees(cosine: Double) -> Double {
    guard cosine == cosine else { return .nan }
    let c = max(-1, min(1, cosine))
    guard c > -1 else { return 180 }
    var x = ((1 - c) / (1 + c)).squareRoot()
    // atan x = 2 atan (x / (1 + √(1 + x²))): six halvings bring x below tan(90°/64) = 0.0246.
    for _ in 0..<6 { x = x / (1 + (1 + x * x).squareRoot()) }
    let square = x * x
    let series = x * (1 - square * (1.0 / 3 - square * (1.0 / 5 - square * (1.0 / 7 - square / 9))))
    return 2 * 64 * series * 180 / Double.pi
}
