/// Spikes of a model that coincide with those of a reference, and what that is worth.
public struct Coincidences: Sendable, Hashable {
    /// Pairs of spikes, each spike in one pair at the most.
    public var count: Int
    /// The coincidence factor Γ; nil where it is not defined.
    public var factor: Double?
}

extension SpikeTrain {
    /// Coincidence factor Γ of a model's train with this one as reference.
    ///
    /// Γ = (N − ⟨N⟩) / (½ (N₁ + N₂)) / (1 − 2 ν Δ): N pairs within Δ, less the 2 ν Δ N₁ that a Poisson
    /// process of the model's rate ν would hit, as a share of what there is to hit. 1 for equal trains,
    /// 0 for chance, below 0 for less than chance (Kistler, Gerstner and van Hemmen, Neural Computation
    /// 9, 1997). Pairs are made in the order of time, one spike in one pair at the most, and a distance
    /// of exactly Δ counts.
    ///
    /// - Parameters:
    ///   - model: The train that is judged, over the same window.
    ///   - precision: Δ ≥ 0, in the unit of the times.
    /// - Returns: Γ is nil where both trains are empty, the window has no length, or 2 ν Δ is 1.
    public func coincidences(with model: SpikeTrain, within precision: Double) -> Coincidences {
        var (i, j, pairs) = (0, 0, 0)
        while i < times.count, j < model.times.count {
            if abs(times[i] - model.times[j]) <= precision {
                pairs += 1
                i += 1
                j += 1
            } else if times[i] < model.times[j] {
                i += 1
            } else {
                j += 1
            }
        }
        let chance = 2 * Double(model.count) * precision / duration
        guard count + model.count > 0, duration > 0, chance != 1 else {
            return Coincidences(count: pairs, factor: nil)
        }
        let excess = Double(pairs) - chance * Double(count)
        return Coincidences(
            count: pairs,
            factor: excess / (Double(count + model.count) / 2) / (1 - chance)
        )
    }

    /// SPIKE-synchronisation: share of all spikes that have a partner in the other train.
    ///
    /// Two spikes are partners if they are nearer than half of the shortest of the intervals beside
    /// them, strictly; an interval that an edge cuts off counts as the whole window (Kreuz, Mulansky
    /// and Bozanic, J. Neurophysiology 113, 2015). A likeness, not a distance.
    ///
    /// - Parameter other: A train of the same window.
    /// - Returns: 0 to 1; 1 for two empty trains.
    public func spikeSynchronisation(with other: SpikeTrain) -> Double {
        guard count + other.count > 0 else { return 1 }
        var (i, j) = (0, 0)
        var partners = 0
        while i < count, j < other.count {
            let (a, b) = (times[i], other.times[j])
            let reach = min(shortestInterval(beside: i), other.shortestInterval(beside: j)) / 2
            if a == b || abs(a - b) < reach {
                partners += 2
                i += 1
                j += 1
            } else if a < b {
                i += 1
            } else {
                j += 1
            }
        }
        return Double(partners) / Double(count + other.count)
    }

    private func shortestInterval(beside index: Int) -> Double {
        let before = index > 0 ? times[index] - times[index - 1] : duration
        let after = index + 1 < count ? times[index + 1] - times[index] : duration
        return min(before, after)
    }
}
