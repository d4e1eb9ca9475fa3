/// How often neurons and input channels spiked in a run: what the packets of each sender are worth.
public struct SpikeRates: Sendable, Equatable {
    /// Steps of the run.
    public var steps: UInt64
    /// Spikes of each neuron or channel, by the path of its population or input.
    public var spikes: [String: [UInt64]]

    /// Makes rates.
    ///
    /// - Parameters:
    ///   - steps: Steps of the run.
    ///   - spikes: Spikes of each neuron or channel, by the path of its population or input.
    public init(steps: UInt64, spikes: [String: [UInt64]]) {
        self.steps = steps
        self.spikes = spikes
    }
}
