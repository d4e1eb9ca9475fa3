package import ChipSpec

/// The kernels of an image, checked: they say which synapses of a core take no memory of their own.
package struct ImageKernels: Sendable {
    /// Kernels of one projection.
    package struct Entry: Sendable {
        /// The projection, its names and its delay.
        package let projection: ProjectionTable
        /// Index of the target in `NetworkTable.populations`.
        package let target: Int
        /// What unrolls them.
        package let geometry: KernelGeometry
    }

    /// Ascending by target, then by projection.
    package let entries: [Entry]

    /// Gathers and checks the kernels of an image.
    ///
    /// - Parameters:
    ///   - network: The network; the product of every shape is below 2³¹.
    ///   - inputs: Its inputs, likewise.
    /// - Throws: `ChipImageError.invalid`.
    package init(_ network: NetworkTable, _ inputs: [InputPort]) throws(ChipImageError) {
        var entries: [Entry] = []
        var pairs = 0
        for projection in network.projections {
            guard let table = projection.kernels else { continue }
            let source =
                network.populations.first { $0.path == projection.source }?.shape
                ?? inputs.first { $0.name == projection.source }?.shape
            guard let source,
                let target = network.populations.firstIndex(where: { $0.path == projection.target })
            else { throw .unknownEnd(projection.place, projection.source) }
            guard projection.rule == nil else {
                throw .invalid(
                    place: projection.place,
                    what: "it learns, and shares kernels",
                    limit: "Weights that learn differ from synapse to synapse"
                )
            }
            let geometry = try KernelGeometry(
                table,
                from: source,
                to: network.populations[target].shape,
                projection.place
            )
            let (sum, overflow) = pairs.addingReportingOverflow(geometry.pairs)
            guard !overflow, sum <= KernelTable.mostPairs else {
                throw .invalid(
                    place: projection.place,
                    what:
                        "with its kernels there are \(sum) pairs of a neuron and a kernel's element",
                    limit: "An image has at most \(KernelTable.mostPairs)"
                )
            }
            pairs = sum
            entries.append(Entry(projection: projection, target: target, geometry: geometry))
        }
        // Stable: those of one target keep the order of the projections.
        self.entries = entries.enumerated().sorted {
            ($0.element.target, $0.offset) < ($1.element.target, $1.offset)
        }.map(\.element)
    }

    /// What a core holds of the kernels, and what it need not hold because of them.
    ///
    /// - Parameter core: Tables whose segments and indices are verified.
    /// - Returns: Synapses that follow from kernels; weights of the filters of its neurons.
    package func use(by core: CoreTables) -> (synapses: Int, weights: Int) {
        var (synapses, weights) = (0, 0)
        for entry in entries {
            var isHeld = [Bool](repeating: false, count: entry.geometry.target.channels)
            for index in core.neurons(ofPopulation: entry.target) {
                entry.geometry.forEachSynapse(of: index) { _, _ in synapses += 1 }
                isHeld[entry.geometry.filter(of: index)] = true
            }
            weights += isHeld.count { $0 } * entry.geometry.table.weightsPerFilter
        }
        return (synapses, weights)
    }

    /// Bytes of synapse memory that a core takes: row headers, synapses and kernels.
    ///
    /// - Parameters:
    ///   - core: Verified tables.
    ///   - synapse: What each of them takes.
    /// - Returns: Bytes.
    package func bytes(of core: CoreTables, _ synapse: SynapseSpec) -> Int {
        let use = use(by: core)
        return synapse.bytes(
            synapses: core.synapses.weights.count,
            plastic: core.synapses.plasticSynapses,
            rows: core.synapses.rowDelay.count,
            shared: use.synapses,
            kernelWeights: use.weights
        )
    }
}

extension ChipImage {
    /// The kernels of a verified image.
    package var kernels: ImageKernels {
        get throws(ChipImageError) { try ImageKernels(network, inputs) }
    }

    /// Bytes of synapse memory that each core takes.
    ///
    /// The image must be verified.
    ///
    /// - Returns: One number a core, in the order of `cores`.
    package func synapseBytes() -> [Int] {
        // Those of a verified image are right.
        guard let kernels = try? kernels else { return [Int](repeating: 0, count: cores.count) }
        return cores.map { kernels.bytes(of: $0, chip.synapse) }
    }
}

extension CoreTables {
    /// Indices of the neurons of a population that the core holds, in the order of their slots.
    ///
    /// - Parameter population: Index in `NetworkTable.populations`.
    /// - Returns: Indices within the population.
    func neurons(ofPopulation population: Int) -> [Int] {
        var indices: [Int] = []
        forEachSlot(ofPopulation: population) { _, index in indices.append(index) }
        return indices
    }

    /// Calls for each neuron of a population that the core holds, slots ascending.
    func forEachSlot(ofPopulation population: Int, _ body: (_ slot: Int, _ index: Int) -> Void) {
        for segment in segments where Int(segment.population) == population {
            for slot in Int(segment.firstSlot)..<Int(segment.firstSlot + segment.count) {
                body(slot, Int(neurons.indexInPopulation[slot]))
            }
        }
    }
}
