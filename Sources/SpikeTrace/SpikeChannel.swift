import Events

/// One source of spikes in a spike trace: a core of the chip, or an input port.
public struct SpikeChannel: Sendable, Hashable {
    /// Physical core, or the virtual core of an input port (`NeuronAddress`).
    public var core: UInt32
    /// Neurons or input channels: every spike of the channel has a smaller index.
    public var neuronCount: UInt32
    /// What a reader of the file should see: paths of the populations, or the name of the input.
    public var label: String

    /// Describes a source.
    ///
    /// - Parameters:
    ///   - core: Physical or virtual core.
    ///   - neuronCount: Number of neurons or input channels, at least 1.
    ///   - label: Paths of the populations on the core, or the name of the input.
    public init(core: UInt32, neuronCount: UInt32, label: String) {
        self.core = core
        self.neuronCount = neuronCount
        self.label = label
    }

    /// Name of the channel in the file: `/spikes/core/3` or `/spikes/input/NAME`.
    public var topic: String {
        core < NeuronAddress.firstInputCore ? "/spikes/core/\(core)" : "/spikes/input/\(label)"
    }
}
