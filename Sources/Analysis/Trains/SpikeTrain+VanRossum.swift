import FixedPoint

/// What a van Rossum distance of 1 means.
public enum VanRossumNormalisation: String, Sendable, CaseIterable {
    /// D² = (1/τ) ∫ (f − g)² dt, van Rossum's own: one spike more is √½, two far apart are 1.
    case original
    /// √2 times that, as the Python package elephant has it: one spike more is 1.
    case unitSpike
}

extension SpikeTrain {
    /// Van Rossum distance: the trains as sums of falling exponentials, compared by their square.
    ///
    /// f(t) = Σ H(t − tᵢ) exp(−(t − tᵢ)/τ). With sᵢ = 1 for spikes of one train and −1 for those of the
    /// other, D² = ½ Σᵢⱼ sᵢ sⱼ exp(−|tᵢ − tⱼ|/τ): one pass over the merged trains carries the sum over
    /// earlier spikes along as it decays, so that n + m exponentials of numbers ≤ 0 are all it takes,
    /// and spikes that coincide cancel before anything is rounded (van Rossum, Neural Computation 13,
    /// 2001; Houghton and Kreuz, Network 23, 2012).
    ///
    /// - Parameters:
    ///   - other: The other train.
    ///   - timeConstant: τ, above 0, in the unit of the times.
    ///   - normalisation: What 1 means.
    /// - Returns: At least 0; 0 only for equal trains.
    public func vanRossumDistance(
        to other: SpikeTrain,
        timeConstant: Double,
        normalisation: VanRossumNormalisation = .original
    ) -> Double {
        let (a, b) = (times, other.times)
        var (i, j) = (0, 0)
        var earlier = 0.0
        var last = 0.0
        var square = 0.0
        while i < a.count || j < b.count {
            let left = i < a.count ? a[i] : .infinity
            let right = j < b.count ? b[j] : .infinity
            let time = min(left, right)
            var sign = 0.0
            while i < a.count, a[i] == time {
                sign += 1
                i += 1
            }
            while j < b.count, b[j] == time {
                sign -= 1
                j += 1
            }
            guard sign != 0 else { continue }
            earlier *= PortableMath.exp(-(time - last) / timeConstant)
            last = time
            square += sign * (sign + 2 * earlier)
            earlier += sign
        }
        let distance = max(0, square / 2).squareRoot()
        return normalisation == .original ? distance : distance * 2.0.squareRoot()
    }
}
