import ChipSpec

/// A synapse of a projection, and where it is in the tables.
public struct ProjectionSynapse: Sendable, Hashable {
    /// Index of the presynaptic neuron (channel) in its population (input).
    public let pre: Int
    /// Index of the postsynaptic neuron in its population.
    public let post: Int
    /// Index of the core in `ChipImage.cores`.
    public let core: Int
    /// Index in `SynapseTables.weights` of that core.
    public let synapse: Int
}

extension ChipImage {
    /// The synapses of a projection, found as spikes do: sender, route, axon, row, target.
    ///
    /// Synapses in static rows are told apart by source, target, delay and compartment alone: static
    /// projections that share these are listed together. Where weights have planes of bits, each bit is a
    /// synapse. The image must be verified.
    ///
    /// - Parameter index: Index in `NetworkTable.projections`.
    /// - Returns: Ascending by (pre, post).
    public func synapses(ofProjection index: Int) -> [ProjectionSynapse] {
        let projection = network.projections[index]
        guard let target = network.populations.firstIndex(where: { $0.path == projection.target })
        else { return [] }
        var coreOf: [UInt32: Int] = [:]
        // Index in the target population of each slot; −1 for neurons of others.
        var posts: [[Int]] = []
        for (dense, tables) in cores.enumerated() {
            coreOf[tables.core] = dense
            posts.append(
                tables.segments.flatMap { segment in
                    let slots = Int(segment.firstSlot)..<Int(segment.firstSlot + segment.count)
                    return slots.map {
                        Int(segment.population) == target
                            ? Int(tables.neurons.indexInPopulation[$0]) : -1
                    }
                }
            )
        }
        var found: [ProjectionSynapse] = []
        func follow(_ routes: ArraySlice<Route>, from pre: Int) {
            for route in routes {
                guard let dense = coreOf[route.core] else { continue }
                let tables = cores[dense].synapses
                let axon = Int(route.axon)
                for row in Int(tables.axonRows[axon])..<Int(tables.axonRows[axon + 1])
                where tables.holds(
                    projection,
                    index,
                    inRow: row,
                    hasTypes: chip.synapse.weightPlanes == .bits
                ) {
                    for k in Int(tables.rowSynapses[row])..<Int(tables.rowSynapses[row + 1]) {
                        let post = posts[dense][Int(tables.targets[k])]
                        guard post >= 0 else { continue }
                        found.append(
                            ProjectionSynapse(pre: pre, post: post, core: dense, synapse: k)
                        )
                    }
                }
            }
        }
        for tables in cores {
            for segment in tables.segments
            where network.populations[Int(segment.population)].path == projection.source {
                for slot in Int(segment.firstSlot)..<Int(segment.firstSlot + segment.count) {
                    follow(
                        tables.routes[slot],
                        from: Int(tables.neurons.indexInPopulation[slot])
                    )
                }
            }
        }
        for input in inputs where input.name == projection.source {
            for channel in 0..<input.channelCount { follow(input.routes[channel], from: channel) }
        }
        return found.sorted {
            ($0.pre, $0.post, $0.core, $0.synapse) < ($1.pre, $1.post, $1.core, $1.synapse)
        }
    }

    /// Bits of a projection's weight registers below the weight: 0 where it is static.
    ///
    /// - Parameter index: Index in `NetworkTable.projections`.
    /// - Returns: 0...8.
    public func hiddenBits(ofProjection index: Int) -> Int {
        network.projections[index].rule == nil ? 0 : chip.synapse.hiddenWeightBits
    }

    /// The weight registers of a projection.
    ///
    /// A register of 2^hiddenBits is a weight of 1, which is worth `ProjectionTable.weightScale`.
    ///
    /// - Parameter index: Index in `NetworkTable.projections`.
    /// - Returns: In the order of `synapses(ofProjection:)`.
    public func registers(ofProjection index: Int) -> [Int32] {
        let bits = Int32(hiddenBits(ofProjection: index))
        return synapses(ofProjection: index).map { place in
            let tables = cores[place.core].synapses
            let hidden =
                tables.hiddenWeights.isEmpty ? 0 : Int32(tables.hiddenWeights[place.synapse])
            return Int32(tables.weights[place.synapse]) << bits + hidden
        }
    }

    /// The image with other weights of a projection, for example those a chip has learnt.
    ///
    /// - Parameters:
    ///   - registers: As `registers(ofProjection:)`, in the same order.
    ///   - index: Index in `NetworkTable.projections`.
    /// - Returns: The image; its errors of quantisation remain those of the first weights. A projection
    ///   that shared kernels no longer does: each of its synapses takes memory of its own.
    /// - Throws: `ChipImageError.invalid` for a wrong number of registers, and for values that they
    ///   do not hold.
    public func settingWeights(
        _ registers: [Int32],
        ofProjection index: Int
    ) throws(ChipImageError) -> ChipImage {
        let projection = network.projections[index]
        let places = synapses(ofProjection: index)
        guard registers.count == places.count else {
            throw .wrongLength(
                projection.place,
                "the list of registers",
                registers.count,
                places.count
            )
        }
        let bits = Int32(hiddenBits(ofProjection: index))
        let (range, step) = chip.synapse.weightRange(projection.signMode)
        // Hidden bits count up from the weight: above a weight of 0 they have the wrong sign.
        let highest =
            projection.signMode == .inhibitory
            ? Int32(range.upperBound) << bits : (Int32(range.upperBound) + 1) << bits - 1
        let limit = Int32(range.lowerBound) << bits...highest
        var image = self
        image.network.projections[index].kernels = nil
        for (place, register) in zip(places, registers) {
            let weight = register >> bits
            guard limit.contains(register), Int(weight).isMultiple(of: step) else {
                throw .invalid(
                    place: projection.place,
                    what: "its weight from neuron \(place.pre) to \(place.post) is \(register)",
                    limit: "It must lie in \(limit), the weight a multiple of \(step)"
                )
            }
            image.cores[place.core].synapses.set(
                place.synapse,
                weight: Int16(weight),
                hidden: UInt8(register - weight << bits)
            )
        }
        for core in image.cores.indices
        where image.cores[core].synapses.hiddenWeights.allSatisfy({ $0 == 0 }) {
            image.cores[core].synapses.hiddenWeights = []
        }
        return image
    }
}

extension SynapseTables {
    /// Whether the synapses of a row may be of a projection, if their targets are of its target.
    fileprivate func holds(
        _ projection: ProjectionTable,
        _ index: Int,
        inRow row: Int,
        hasTypes: Bool
    ) -> Bool {
        let learns = rowProjection.isEmpty ? 0 : Int(rowProjection[row])
        guard learns == 0 else { return learns == index + 1 }
        return projection.rule == nil && Int(rowDelay[row]) == projection.delay
            && (hasTypes || Int(rowCompartment[row]) == projection.compartment)
    }

    fileprivate mutating func set(_ synapse: Int, weight: Int16, hidden: UInt8) {
        weights[synapse] = weight
        if hiddenWeights.isEmpty {
            guard hidden != 0 else { return }
            hiddenWeights = [UInt8](repeating: 0, count: weights.count)
        }
        hiddenWeights[synapse] = hidden
    }
}
