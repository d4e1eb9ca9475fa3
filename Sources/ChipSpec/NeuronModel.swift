/// The arithmetic of a soma.
///
/// Each is one file in `Emulator/Neurons`; `docs/NUMERICS.md` has the steps.
public enum NeuronModel: String, Sendable, Codable, CaseIterable {
    /// Loihi's current-based LIF, bit-exact (`docs/NUMERICS.md`, section 4).
    case cubaLIF
    /// Generic fixed-point leaky integrate-and-fire, with an optional synaptic current.
    case lif
    /// Generic fixed-point integrate-and-fire: no leak.
    case integrateAndFire = "if"
    /// Generic fixed-point leaky integrator: never spikes, its membrane potential is read.
    case li
    /// Fixed-point LIF with a refractory period and noise on its membrane: leaks towards its input.
    case noisyLIF
    /// Stochastic neuron that samples: spikes with probability σ(u − ln τ_ref), refractory.
    case sampling
    /// TrueNorth's neuron: four weights by axon type, linear leak, six resets, all parts perhaps
    /// stochastic (`docs/NUMERICS.md`, section 12).
    case trueNorth
    /// ODIN's LIF neuron: works off each event in 8 bits as it comes, calcium for its learning rule
    /// (`docs/NUMERICS.md`, section 13).
    case odinLIF

    /// Whether the soma can spike.
    public var isSpiking: Bool { self != .li }

    /// Whether the soma is one of `docs/NUMERICS.md`, section 8: draws random numbers, decays exactly.
    public var isRandom: Bool { self == .noisyLIF || self == .sampling }

    /// Whether the soma spikes at its threshold as well, not only above it.
    public var spikesAtThreshold: Bool { self == .trueNorth || self == .odinLIF }
}
