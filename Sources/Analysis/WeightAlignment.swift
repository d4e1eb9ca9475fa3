import Foundation

/// How well feedback weights B agree with the transpose of forward weights W.
public struct WeightAlignment: Sendable, Equatable {
    /// Angle between Wᵀ and B in degrees: acos(⟨Wᵀ, B⟩ / (|W| |B|)), 0...180.
    public var angle: Double
    /// Slope of the regression of B on Wᵀ through the origin: ⟨Wᵀ, B⟩ / |W|².
    public var slope: Double
    /// Pearson's correlation of the pairs; 0 if one side is constant.
    public var correlation: Double
    /// Share of pairs with equal signs among those in which neither weight is 0.
    public var equalSigns: Double
    /// Number of pairs.
    public var count: Int

    /// Compares paired weights.
    ///
    /// Nil if there are no pairs, the lengths differ, one side is all 0, or a weight is not finite.
    ///
    /// - Parameters:
    ///   - forward: Forward weight of each pair.
    ///   - feedback: Feedback weight of each pair, as many.
    public init?(forward: [Double], feedback: [Double]) {
        guard forward.count == feedback.count, !forward.isEmpty else { return nil }
        var ww = 0.0
        var bb = 0.0
        var wb = 0.0
        var sumW = 0.0
        var sumB = 0.0
        // Spreads are taken around the first pair: a constant side has exactly none.
        var spreadW = 0.0
        var spreadB = 0.0
        var spreadWB = 0.0
        var signed = 0
        var equal = 0
        for (w, b) in zip(forward, feedback) {
            ww += w * w
            bb += b * b
            wb += w * b
            let (dw, db) = (w - forward[0], b - feedback[0])
            sumW += dw
            sumB += db
            spreadW += dw * dw
            spreadB += db * db
            spreadWB += dw * db
            if w != 0, b != 0 {
                signed += 1
                equal += (w < 0) == (b < 0) ? 1 : 0
            }
        }
        guard ww > 0, bb > 0, ww.isFinite, bb.isFinite else { return nil }
        let n = Double(forward.count)
        angle = Self.degrees(cosine: wb / ww.squareRoot() / bb.squareRoot())
        slope = wb / ww
        let varianceW = max(0, spreadW - sumW * sumW / n)
        let varianceB = max(0, spreadB - sumB * sumB / n)
        let spread = varianceW.squareRoot() * varianceB.squareRoot()
        correlation = spread > 0 ? min(1, max(-1, (spreadWB - sumW * sumB / n) / spread)) : 0
        equalSigns = signed == 0 ? 0 : Double(equal) / Double(signed)
        count = forward.count
    }

    /// Angle between W and a register copy of it when both meet independent gains.
    ///
    /// With gains g, h of mean 1 and coefficient of variation c, independent of w and of each other,
    /// ⟨g w, h w⟩ = Σ w², and |g w|² = |h w|² = (1 + c²) Σ w²: the cosine is 1/(1 + c²).
    ///
    /// - Parameter variation: Coefficient of variation c, 0 or more.
    /// - Returns: Degrees.
    public static func angleOfCopy(variation: Double) -> Double {
        degrees(cosine: 1 / (1 + variation * variation))
    }

    private static func degrees(cosine: Double) -> Double {
        acos(min(1, max(-1, cosine))) * 180 / Double.pi
    }
}
