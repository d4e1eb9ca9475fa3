package import ChipSpec
package import NetworkIR

/// A population in the difference equation of a soma, still in real numbers.
///
/// With a current: i ← (1 − αs)·i + gain·Σ w·s + currentBias, v ← (1 − αm)·v + i + membraneBias, where
/// i is already scaled to what it adds to v. Without: v ← (1 − αm)·v + gain·Σ w·s + membraneBias.
/// `noisyLIF`: v ← v + αm·(i + membraneBias − v), i without the factor αm. `sampling`: v = u +
/// membraneBias. v counts from `origin`. All arrays hold one value a neuron.
package struct LoweredPopulation: Sendable, Equatable {
    /// Index in `Network.populations`.
    package var population: Int
    /// Soma arithmetic.
    package var model: NeuronModel
    /// What a spike does to v.
    package var reset: SomaReset
    /// Whether the current register is used.
    package var hasCurrent: Bool
    /// Charge per author's weight of 1.
    package var gain: [Double]
    /// αm: share of v lost in a step, 0...1.
    package var membraneLoss: [Double]
    /// αs: share of i lost in a step, 0...1; 1 without a synaptic current.
    package var currentLoss: [Double]
    /// Constant added to v.
    package var membraneBias: [Double]
    /// Constant added to i.
    package var currentBias: [Double]
    /// Threshold above `origin`; empty for `li`.
    package var threshold: [Double]
    /// Reset potential above `origin`.
    package var resetPotential: [Double]
    /// The author's potential at v = 0.
    package var origin: [Double]
    /// Refractory period in steps.
    package var refractorySteps = 0
    /// Noise on the membrane.
    package var noise: [NoiseSource] = []
    /// Potential of a `sampling` soma; nil for other models.
    package var psp: PostsynapticPotential?
    /// Highest potential that one spike of weight 1 reaches where the soma does not scale it to 1.
    package var responsePeak = 1.0
    /// What each neuron's v was divided by, so that all use the full range of the weights; empty is 1.
    package var normalisation: [Double] = []

    /// Divides the equation of each neuron by a number of its own.
    ///
    /// v obeys the same equation in other units.
    ///
    /// - Parameter scales: Positive, one a neuron.
    package mutating func normalise(_ scales: [Double]) {
        func divided(_ values: [Double]) -> [Double] { zip(values, scales).map { $0 / $1 } }
        normalisation = scales
        gain = divided(gain)
        membraneBias = divided(membraneBias)
        currentBias = divided(currentBias)
        threshold = divided(threshold)
        resetPotential = divided(resetPotential)
        origin = divided(origin)
    }
}

/// A network in the difference equations of a chip's somas.
package struct LoweredNetwork: Sendable, Equatable {
    /// The network it came from.
    package var canonical: CanonicalNetwork
    /// Populations on the chip, in the order of `CanonicalNetwork.onChip`.
    package var populations: [LoweredPopulation]
    /// What the chip does only approximately.
    package var notes: [String]
}
