package import NetworkIR

/// Spikes of every sender of a network in a run, and the weights of its packets that follow.
package struct SenderRates: Sendable, Equatable {
    /// Steps of the run.
    package let steps: UInt64
    /// Spikes, `[population of the network][neuron]`.
    package let spikes: [[UInt64]]
    /// Spikes of all senders.
    package let total: Double
    /// Weight of a sender that spikes as often as the mean.
    package let unit: Int64
    private let scale: Double

    /// Sum that all weights together stay below, so that sums of them fit 32 bits.
    private static let mostWeight: Int64 = 1 << 29
    /// Spikes of a sender that count; a recording of more does not fit a disk.
    private static let mostSpikes: UInt64 = 1 << 36

    /// Finds the senders of a network in the rates.
    ///
    /// - Parameters:
    ///   - rates: Spikes by path.
    ///   - network: The network.
    /// - Throws: `CompilerError.ratesDoNotFit` if the rates are those of another network.
    package init(_ rates: SpikeRates, of network: Network) throws {
        var spikes: [[UInt64]] = []
        for population in network.populations {
            let counts = rates.spikes[population.path]
            guard let counts, counts.count == population.count else {
                throw CompilerError.ratesDoNotFit(
                    population: population.path,
                    recorded: counts?.count ?? 0,
                    neurons: population.count
                )
            }
            spikes.append(counts.map { min($0, Self.mostSpikes) })
        }
        self.spikes = spikes
        steps = max(rates.steps, 1)
        let senders = Int64(spikes.reduce(0) { $0 + $1.count })
        total = spikes.joined().reduce(0) { $0 + Double($1) }
        unit = min(256, max(Self.mostWeight / max(senders, 1), 2))
        scale = total == 0 ? 0 : Double(unit) * Double(senders) / total
    }

    /// Weight of the packets of a sender.
    ///
    /// One that never spiked in the run weighs a little: it may do so in another.
    ///
    /// - Parameters:
    ///   - neuron: Index within the population.
    ///   - population: Index in `Network.populations`.
    /// - Returns: 1 more than `unit` times spikes over the mean of all senders.
    package func weight(of neuron: Int, in population: Int) -> Int64 {
        1 + Int64(min(Double(spikes[population][neuron]) * scale, Double(Self.mostWeight)))
    }
}
