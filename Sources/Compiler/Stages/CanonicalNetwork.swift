package import NetworkIR

/// A checked network with everything that follows from its graph.
package struct CanonicalNetwork: Sendable, Equatable {
    /// The network; projections sorted by (target, source, delay).
    package var network: Network
    /// Steps by which each population runs late on the chip.
    package var depth: [Int]
    /// Delay of each projection on the chip, at least 1.
    package var delay: [Int]
    /// Indices of the projections into each population, ascending.
    package var incoming: [[Int]]
    /// Populations that are inputs, ascending: port p is `inputs[p]`.
    package var inputs: [Int]
    /// Populations that run on the chip, ascending.
    package var onChip: [Int]
    /// Index of each population in `onChip`; nil for inputs.
    package var chipIndex: [Int?]
}
