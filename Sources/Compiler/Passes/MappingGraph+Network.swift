import ChipImage
package import ChipSpec
package import Mapping
import NetworkIR

extension MappingGraph {
    /// The graph of a network: a vertex a neuron on the chip, in the order of the network, and a net
    /// for whatever axons listen to.
    ///
    /// Where a sender has rows of several kinds, a net has the headers of all of them: what a core
    /// really needs is less or equal. A filter that several neurons share is a net as well, one that sends
    /// nothing and takes no axon: its kernel is the header that a core pays once. There is no graph of more senders than 32 bits can number.
    ///
    /// - Parameters:
    ///   - quantised: The network.
    ///   - chip: The chip.
    ///   - choice: Which cores of the chip neurons may lie on; nil for all.
    package init?(_ quantised: QuantisedNetwork, chip: ChipSpec, choice: CoreChoice? = nil) {
        let sources = AxonSources(quantised)
        let canonical = quantised.canonical
        let populations = canonical.network.populations
        guard sources.count < Int(Int32.max) else { return nil }
        var nets: [Net] = []
        var headers: [Int32] = []
        nets.reserveCapacity(sources.count)
        var vertex = 0
        var firstVertex = [Int](repeating: -1, count: populations.count)
        for population in canonical.onChip {
            firstVertex[population] = vertex
            vertex += populations[population].count
        }
        guard vertex < Int(Int32.max) else { return nil }
        var label: [Int32] = []
        if let choice, !choice.pinned.isEmpty {
            for (index, population) in canonical.onChip.enumerated() {
                label += [Int32](
                    repeating: Int32(choice.label[index]),
                    count: populations[population].count
                )
            }
        }
        for population in populations.indices {
            let kinds = sources.hasPlanes ? 1 : max(sources.kinds(of: population).count, 1)
            let header = Int32(clamping: kinds * chip.synapse.bytesPerRowHeader)
            for neuron in 0..<populations[population].count {
                let home = firstVertex[population] < 0 ? -1 : firstVertex[population] + neuron
                for _ in sources.numbers(of: neuron, in: population) {
                    nets.append(Net(weight: 1, home: Int32(home), axons: 1))
                    headers.append(header)
                }
            }
        }
        var firstFilter: [Int] = []
        for projection in quantised.projections {
            firstFilter.append(nets.count)
            guard let kernels = projection.sharedKernels else { continue }
            let size = kernels.weightsPerFilter * chip.synapse.bytesPerSynapse
            for _ in 0..<kernels.filters {
                nets.append(Net(weight: 0, home: -1, axons: 0))
                headers.append(Int32(clamping: size))
            }
        }
        guard nets.count < Int(Int32.max) else { return nil }
        var bytes: [Int64] = []
        bytes.reserveCapacity(vertex)
        var inOffsets = [0]
        inOffsets.reserveCapacity(vertex + 1)
        var inNets: [Int32] = []
        if let shared = quantised.onlyList, canonical.onChip.count == 1,
            !sources.hasPlanes, sources.numbers(of: shared.source).lowerBound == 0
        {
            // The list of synapses is the list of pins: it need not be there twice.
            let bytesOfOne = chip.synapse.bytes(synapses: 1, plastic: 0, rows: 0)
            for neuron in 0..<vertex {
                let count = shared.offsets[neuron + 1] - shared.offsets[neuron]
                bytes.append(Int64(count * bytesOfOne))
            }
            self.init(
                neurons: [Int32](repeating: 1, count: vertex),
                bytes: bytes,
                ownAxons: [Int32](repeating: 0, count: vertex),
                inOffsets: shared.offsets,
                inNets: shared.sources,
                nets: nets,
                headerBytes: headers,
                label: label
            )
            return
        }
        inNets.reserveCapacity(quantised.projections.reduce(0) { $0 + $1.synapses })
        for population in canonical.onChip {
            for neuron in 0..<populations[population].count {
                let start = inNets.count
                var (synapses, plastic, shared) = (0, 0, 0)
                var isAscending = true
                quantised.forEachSynapse(of: neuron, in: population) {
                    projection,
                    plane,
                    source,
                    _ in
                    synapses += 1
                    if quantised.projections[projection].rule != nil { plastic += 1 }
                    if quantised.projections[projection].isShared { shared += 1 }
                    let number = Int32(
                        truncatingIfNeeded: sources.number(
                            of: source,
                            in: canonical.network.projections[projection].source,
                            kind: sources.kindsOfProjection[projection][plane]
                        )
                    )
                    if inNets.count > start, inNets[inNets.count - 1] >= number {
                        isAscending = false
                    }
                    inNets.append(number)
                }
                if !isAscending {
                    let distinct = Set(inNets[start...]).sorted()
                    inNets.replaceSubrange(start..., with: distinct)
                }
                // Behind all senders, projections ascending.
                for (projection, filter) in quantised.filters(of: neuron, in: population).sorted(
                    by: <
                ) {
                    inNets.append(Int32(truncatingIfNeeded: firstFilter[projection] + filter))
                }
                inOffsets.append(inNets.count)
                bytes.append(
                    Int64(
                        chip.synapse.bytes(
                            synapses: synapses,
                            plastic: plastic,
                            rows: 0,
                            shared: shared
                        )
                    )
                )
            }
        }
        self.init(
            neurons: [Int32](repeating: 1, count: vertex),
            bytes: bytes,
            ownAxons: [Int32](repeating: 0, count: vertex),
            inOffsets: inOffsets,
            inNets: inNets,
            nets: nets,
            headerBytes: headers,
            label: label
        )
    }

    /// Weighs each net by how often its sender spiked.
    ///
    /// - Parameters:
    ///   - rates: Spikes of a run.
    ///   - quantised: The network of which this is the graph.
    mutating func weigh(by rates: SenderRates, _ quantised: QuantisedNetwork) {
        let sources = AxonSources(quantised)
        let populations = quantised.canonical.network.populations
        for population in populations.indices {
            for neuron in 0..<populations[population].count {
                for number in sources.numbers(of: neuron, in: population) {
                    nets[number].weight = rates.weight(of: neuron, in: population)
                }
            }
        }
        weightUnit = rates.unit
    }
}

extension QuantisedNetwork {
    /// The list of synapses of a network of one projection that keeps all of them; nil for any other.
    fileprivate var onlyList: (source: Int, offsets: [Int], sources: [Int32])? {
        guard projections.count == 1, let only = projections.first, only.rule == nil,
            only.hasWeightRegisters, only.isPresent == nil,
            case .sparse(let offsets, let sources) = only.layout
        else { return nil }
        return (canonical.network.projections[0].source, offsets, sources)
    }
}
