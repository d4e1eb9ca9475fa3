import ChipImage
import ChipSpec
import NetworkIR

/// What convolutions cost in synapse memory: with kernels that a core holds once, and unrolled.
public struct KernelReport: Sendable, Equatable, Codable {
    /// A projection whose synapses repeat the weights of kernels.
    public struct Convolution: Sendable, Equatable, Codable {
        /// Source population or input.
        public var source: String
        /// Target population.
        public var target: String
        /// Synapses.
        public var synapses: Int
        /// Weights of its kernels, whatever the cores.
        public var kernelWeights: Int
        /// Bytes of the kernels on all cores, each core with those of its neurons.
        public var sharedBytes: Int
        /// Bytes of the synapses where each takes memory of its own.
        public var unrolledBytes: Int
    }

    /// Whether the chip shares kernels; if not, the synapses are unrolled.
    public var areShared: Bool
    /// Convolutions, in the order of the projections.
    public var convolutions: [Convolution]

    /// Synapses of all.
    public var synapses: Int { convolutions.reduce(0) { $0 + $1.synapses } }
    /// Weights of all kernels.
    public var kernelWeights: Int { convolutions.reduce(0) { $0 + $1.kernelWeights } }
    /// Bytes of all kernels on all cores.
    public var sharedBytes: Int { convolutions.reduce(0) { $0 + $1.sharedBytes } }
    /// Bytes of all synapses, unrolled.
    public var unrolledBytes: Int { convolutions.reduce(0) { $0 + $1.unrolledBytes } }
    /// What was saved by sharing, or what unrolling costs; below 0 where kernels are on so many cores that
    /// they are more than their synapses.
    public var difference: Int { unrolledBytes - sharedBytes }
}

extension KernelReport {
    /// Counts the kernels of a network on its cores; nil where there are none.
    ///
    /// - Parameters:
    ///   - partitioning: Which neurons share a core.
    ///   - chip: The chip.
    init?(_ partitioning: Partitioning, chip: ChipSpec) {
        let quantised = partitioning.quantised
        let network = quantised.canonical.network
        areShared = chip.synapse.hasSharedKernels
        convolutions = []
        for (index, projection) in quantised.projections.enumerated() {
            guard let kernels = projection.kernels else { continue }
            let author = network.projections[index]
            let area = network.populations[author.target].count / kernels.filters
            var held = 0
            for core in partitioning.cores {
                for slice in core.slices
                where quantised.canonical.onChip[slice.population] == author.target {
                    held += Set(slice.neurons.map { Int($0) / area }).count
                }
            }
            let bytes = chip.synapse.bytesPerSynapse
            convolutions.append(
                Convolution(
                    source: network.populations[author.source].path,
                    target: network.populations[author.target].path,
                    synapses: projection.synapses,
                    kernelWeights: kernels.weights.count,
                    sharedBytes: held * kernels.weightsPerFilter * bytes,
                    unrolledBytes: projection.synapses * bytes
                )
            )
        }
        if convolutions.isEmpty { return nil }
    }

    /// Bytes by which kernels that lie on several cores exceed one of each.
    ///
    /// - Parameter chip: The chip.
    /// - Returns: Bytes; 0 where kernels are not shared.
    func repeatedBytes(on chip: ChipSpec) -> Int {
        areShared ? max(sharedBytes - kernelWeights * chip.synapse.bytesPerSynapse, 0) : 0
    }
}
