import ChipImage
import NetworkIR

/// Finds the kernels of a projection in its raw weights.
///
/// Two targets of a channel share a kernel if the synapses of one are those of the other, moved by whole
/// strides. The author's file says by how much (`Projection.windowStrides`); whether it is so, the weights
/// say: rounding, gains that differ, and whatever was folded into the projection are looked at as they
/// are. Linear in the synapses.
struct KernelSearch {
    private let projection: QuantisedProjection
    private let source: KernelPlane
    private let target: KernelPlane
    private let strides: [Int]

    /// Prepares to search.
    ///
    /// - Parameters:
    ///   - projection: Raw weights.
    ///   - author: The projection in the network; nil comes of one that is no convolution.
    ///   - source: Shape of the source.
    ///   - target: Shape of the target.
    init?(
        _ projection: QuantisedProjection,
        _ author: Projection,
        from source: [Int],
        to target: [Int]
    ) {
        let strides = author.windowStrides
        guard !strides.isEmpty, strides.count + 1 == source.count, source.count == target.count,
            strides.allSatisfy({ 1..<(1 << 31) ~= $0 }),
            projection.planes == nil, projection.rule == nil, !projection.hasWeightRegisters,
            let from = KernelPlane(source), let onto = KernelPlane(target)
        else { return nil }
        self.projection = projection
        self.source = from
        self.target = onto
        self.strides = strides.count == 1 ? [1] + strides : strides
    }

    /// Where one synapse lies, seen from its target.
    private struct Offset {
        var filter: Int
        var channel: Int
        var row: Int
        var column: Int
    }

    /// The kernels; nil where the weights are not those of kernels, or sharing would save nothing.
    func run() -> KernelTable? {
        let synapses = projection.synapses
        guard synapses > 0, let table = frame(synapses: synapses), let filled = fill(table) else {
            return nil
        }
        return holds(filled, synapses: synapses) ? filled : nil
    }

    /// Size and place of the smallest kernels that could hold all synapses.
    private func frame(synapses: Int) -> KernelTable? {
        var firstChannels = [Int](repeating: Int.max, count: target.channels)
        var lastChannels = [Int](repeating: -1, count: target.channels)
        var rows = Axis()
        var columns = Axis()
        var extents = [1, 1]
        forEachSynapse { offset, source, _ in
            firstChannels[offset.filter] = min(firstChannels[offset.filter], offset.channel)
            lastChannels[offset.filter] = max(lastChannels[offset.filter], offset.channel)
            rows.add(offset.row)
            columns.add(offset.column)
            let place = source % self.source.area
            extents[0] = max(extents[0], place / self.source.columns + 1)
            extents[1] = max(extents[1], place % self.source.columns + 1)
        }
        let channels = zip(firstChannels, lastChannels).map { $1 < 0 ? 1 : $1 - $0 + 1 }.max() ?? 1
        // A filter that lost its first channel to rounding still has as many as the others.
        let first = firstChannels.map { $0 == Int.max ? 0 : min($0, source.channels - channels) }
        let (size, dilation) = ([rows.count, columns.count], [rows.step, columns.step])
        // Where it saves nothing, nothing that large is made.
        guard size[0] <= synapses, size[1] <= synapses,
            target.channels * channels <= synapses / (size[0] * size[1]),
            target.channels * channels * size[0] * size[1] < synapses
        else { return nil }
        return KernelTable(
            filters: target.channels,
            channels: channels,
            firstChannels: first.allSatisfy { $0 == 0 } ? nil : first,
            size: size,
            strides: strides,
            dilation: dilation,
            origin: [rows.least, columns.least],
            extents: extents,
            exponent: projection.rowExponent,
            weights: []
        )
    }

    /// Puts every weight in its place; nil if two differ.
    private func fill(_ table: KernelTable) -> KernelTable? {
        var table = table
        // No synapse has a weight of 0.
        var weights = [Int16](repeating: 0, count: table.filters * table.weightsPerFilter)
        var isConvolution = true
        forEachSynapse { offset, _, weight in
            let channel = offset.channel - (table.firstChannels?[offset.filter] ?? 0)
            let row = (offset.row - table.origin[0]) / table.dilation[0]
            let column = (offset.column - table.origin[1]) / table.dilation[1]
            let place =
                ((offset.filter * table.channels + channel) * table.size[0] + row) * table.size[1]
                + column
            if weights[place] == 0 {
                weights[place] = weight
            } else if weights[place] != weight {
                isConvolution = false
            }
        }
        guard isConvolution else { return nil }
        table.weights = weights
        return table
    }

    /// Whether the kernels make exactly the synapses that there are.
    ///
    /// Each of these is one of theirs, so that equal numbers decide.
    private func holds(_ table: KernelTable, synapses: Int) -> Bool {
        guard
            let geometry = try? KernelGeometry(
                table,
                from: [source.channels, source.rows, source.columns],
                to: [target.channels, target.rows, target.columns],
                "projection"
            ), geometry.pairs <= KernelTable.mostPairs
        else { return false }
        var made = 0
        for index in 0..<target.channels * target.area {
            geometry.forEachSynapse(of: index) { _, _ in made += 1 }
        }
        return made == synapses
    }

    private func forEachSynapse(_ body: (_ offset: Offset, _ source: Int, _ weight: Int16) -> Void)
    {
        for index in 0..<target.channels * target.area {
            let filter = index / target.area
            let row = index % target.area / target.columns
            let column = index % target.columns
            for k in projection.layout.indices(of: index) where projection.weights[k] != 0 {
                let source = projection.layout.source(of: k, target: index)
                let place = source % self.source.area
                body(
                    Offset(
                        filter: filter,
                        channel: source / self.source.area,
                        row: place / self.source.columns - row * strides[0],
                        column: place % self.source.columns - column * strides[1]
                    ),
                    source,
                    projection.weights[k]
                )
            }
        }
    }

    /// Offsets along one axis that occur.
    private struct Axis {
        private(set) var least = Int.max
        private var most = Int.min
        private var divisor = 0

        mutating func add(_ offset: Int) {
            if least != Int.max {
                divisor = greatestCommonDivisor(divisor, (offset - least).magnitude)
            }
            least = min(least, offset)
            most = max(most, offset)
        }

        /// From one element to the next.
        var step: Int { max(divisor, 1) }

        /// Elements.
        var count: Int { (most - least) / step + 1 }

        private func greatestCommonDivisor(_ a: Int, _ b: UInt) -> Int {
            var (a, b) = (a, Int(b))
            while b != 0 { (a, b) = (b, a % b) }
            return a
        }
    }
}

extension QuantisedNetwork {
    /// Finds the kernels of all projections that are convolutions or pools.
    ///
    /// All kernels together make at most `KernelTable.mostPairs` pairs: those that come later stay
    /// unrolled. So does a projection whose rows hold another one between the same populations.
    ///
    /// - Parameter areShared: Whether the chip holds each kernel of a core once.
    mutating func findKernels(areShared: Bool) {
        var pairsLeft = KernelTable.mostPairs
        for index in projections.indices {
            let author = canonical.network.projections[index]
            guard !author.windowStrides.isEmpty else { continue }
            let isAlone = projections.indices.allSatisfy { other in
                other == index || canonical.network.projections[other].target != author.target
                    || rowKind(of: other) != rowKind(of: index)
            }
            let source = canonical.network.populations[author.source]
            let target = canonical.network.populations[author.target]
            guard isAlone,
                let search = KernelSearch(
                    projections[index],
                    author,
                    from: source.shape,
                    to: target.shape
                ), let kernels = search.run()
            else { continue }
            let pairs = kernels.weightsPerFilter * target.count
            guard pairs <= pairsLeft else { continue }
            pairsLeft -= pairs
            projections[index].kernels = kernels
            projections[index].isShared = areShared
        }
    }
}

extension QuantisedNetwork {
    /// The shared filters that a neuron hears through: one of each convolution that feeds it.
    ///
    /// - Parameters:
    ///   - neuron: Index within the population.
    ///   - population: Index in `Network.populations`.
    /// - Returns: Projection and filter, ascending by projection.
    func filters(of neuron: Int, in population: Int) -> [(projection: Int, filter: Int)] {
        canonical.incoming[population].compactMap { projection in
            guard projections[projection].isShared, let kernels = projections[projection].kernels
            else { return nil }
            let area = canonical.network.populations[population].count / kernels.filters
            return (projection, neuron / area)
        }
    }
}
