/// Kernels that the synapses of a projection share: a convolution or a pool in the chip's integers.
///
/// Sources and targets are planes of neurons, channel by channel; a plane of one axis has one row. All
/// neurons of a channel of the target share a filter: the one at (row, column) hears the source at channel
/// `firstChannels[filter]` + c, row `origin[0]` + row · `strides[0]` + i · `dilation[0]`, and likewise
/// column, with the weight of element (c, i, j). What lies outside of `extents`, and what has weight 0, is
/// no synapse.
public struct KernelTable: Sendable, Equatable, Codable {
    /// Number of filters: channels of the target.
    public var filters: Int
    /// Channels of the source that a filter hears.
    public var channels: Int
    /// First of them for each filter; nil where it is 0 for all.
    public var firstChannels: [Int]?
    /// Rows and columns of a kernel.
    public var size: [Int]
    /// Rows and columns by which the kernel moves for the next target.
    public var strides: [Int]
    /// Rows and columns from one element of the kernel to the next.
    public var dilation: [Int]
    /// Row and column of the first element for the target at (0, 0); negative where zeros surround a plane.
    public var origin: [Int]
    /// Rows and columns of the source that are heard, from the first.
    public var extents: [Int]
    /// Exponent of the rows that hold the synapses.
    public var exponent: Int
    /// Raw weights, `[filter][channel][row][column]`, row-major; not a part of the JSON.
    public var weights: [Int16] = []

    private enum CodingKeys: String, CodingKey {
        case filters, channels, firstChannels, size, strides, dilation, origin, extents, exponent
    }

    /// Makes the table.
    ///
    /// - Parameters:
    ///   - filters: Channels of the target.
    ///   - channels: Channels of the source that a filter hears.
    ///   - firstChannels: First of them for each filter.
    ///   - size: Rows and columns of a kernel.
    ///   - strides: Rows and columns to the next target.
    ///   - dilation: Rows and columns to the next element.
    ///   - origin: Row and column of the first element for the first target.
    ///   - extents: Rows and columns of the source that are heard.
    ///   - exponent: Exponent of the rows.
    ///   - weights: Raw weights.
    public init(
        filters: Int,
        channels: Int,
        firstChannels: [Int]? = nil,
        size: [Int],
        strides: [Int],
        dilation: [Int],
        origin: [Int],
        extents: [Int],
        exponent: Int,
        weights: [Int16]
    ) {
        self.filters = filters
        self.channels = channels
        self.firstChannels = firstChannels
        self.size = size
        self.strides = strides
        self.dilation = dilation
        self.origin = origin
        self.extents = extents
        self.exponent = exponent
        self.weights = weights
    }

    /// Weights of one filter; the table must be verified.
    public var weightsPerFilter: Int { channels * size.reduce(1, *) }

    /// Most pairs of a target and an element of its filter, of all kernels of an image together.
    ///
    /// It bounds time and memory of unrolling, whatever a small file claims.
    package static let mostPairs = 1 << 26
}

/// Channels, rows and columns of neurons; a plane of one axis has one row.
package struct KernelPlane: Sendable, Equatable {
    /// Channels.
    package var channels: Int
    /// Rows of a channel.
    package var rows: Int
    /// Columns of a row.
    package var columns: Int

    /// Reads a shape.
    ///
    /// - Parameter shape: Channels first, then one axis or two; nil comes of any other.
    package init?(_ shape: [Int]) {
        switch shape.count {
        case 2: (channels, rows, columns) = (shape[0], 1, shape[1])
        case 3: (channels, rows, columns) = (shape[0], shape[1], shape[2])
        default: return nil
        }
    }

    /// Neurons of a channel.
    package var area: Int { rows * columns }
}

/// Kernels between two planes, checked: what unrolls them.
package struct KernelGeometry: Sendable {
    /// The kernels.
    package let table: KernelTable
    /// Where spikes come from.
    package let source: KernelPlane
    /// Where they go.
    package let target: KernelPlane
    /// Weights of one filter.
    private let perFilter: Int

    /// Checks kernels against the shapes they lie between.
    ///
    /// - Parameters:
    ///   - table: The kernels.
    ///   - source: Shape of the source, whose product is below 2³¹.
    ///   - target: Shape of the target, likewise.
    ///   - place: Where they are, for the error.
    /// - Throws: `ChipImageError.invalid`.
    package init(
        _ table: KernelTable,
        from source: [Int],
        to target: [Int],
        _ place: String
    ) throws(ChipImageError) {
        func invalid(_ what: String, _ limit: String) -> ChipImageError {
            .invalid(place: place + ", kernels", what: what, limit: limit)
        }
        guard let from = KernelPlane(source), let onto = KernelPlane(target) else {
            throw invalid(
                "they lead from shape \(source) to \(target)",
                "Both have channels and one axis or two"
            )
        }
        guard table.filters == onto.channels else {
            throw invalid(
                "there are \(table.filters) filters",
                "Each of the \(onto.channels) channels of the target has one"
            )
        }
        let first = table.firstChannels ?? []
        let highest = first.max() ?? 0
        guard table.channels >= 1, table.channels <= from.channels,
            first.isEmpty || first.count == table.filters, first.min() ?? 0 >= 0,
            highest <= from.channels - table.channels
        else {
            throw invalid(
                "a filter hears \(table.channels) channels from \(highest) on",
                "The source has \(from.channels), and each filter names its first one, or none does"
            )
        }
        let isPair = [table.size, table.strides, table.dilation, table.origin, table.extents]
            .allSatisfy { $0.count == 2 }
        guard isPair, zip(table.extents, [from.rows, from.columns]).allSatisfy({ 1...$1 ~= $0 })
        else {
            throw invalid(
                "they see \(table.extents) of the source",
                "It has \(from.rows) rows and \(from.columns) columns; all lists have two entries"
            )
        }
        let largest = 1 << 31
        guard (table.size + table.strides + table.dilation).allSatisfy({ 1..<largest ~= $0 }),
            table.origin.allSatisfy({ -largest..<largest ~= $0 })
        else {
            throw invalid(
                "size, strides or dilation are \(table.size), \(table.strides), \(table.dilation)",
                "They and the origin are below 2³¹, the first three at least 1"
            )
        }
        // Each factor is below 2³¹, so one product at a time fits.
        var weights = table.filters
        for factor in [table.channels] + table.size where weights <= table.weights.count {
            weights *= factor
        }
        guard weights == table.weights.count else {
            throw invalid(
                "they have \(table.weights.count) weights",
                "Filters, channels, rows and columns say \(weights) or more"
            )
        }
        self.table = table
        self.source = from
        self.target = onto
        perFilter = weights / max(table.filters, 1)
    }

    /// Pairs of a target and an element of its filter; at most 2³¹ · 2³¹.
    package var pairs: Int { target.channels * target.area * perFilter }

    /// Filter of a target.
    ///
    /// - Parameter index: Index within the target population, C order.
    /// - Returns: The filter, its channel.
    @inline(__always)
    package func filter(of index: Int) -> Int { index / target.area }

    /// Calls for each synapse of a target, sources ascending.
    ///
    /// - Parameters:
    ///   - index: Index within the target population, which has it.
    ///   - body: Receives the index within the source population and the raw weight.
    @inline(__always)
    package func forEachSynapse(
        of index: Int,
        _ body: (_ source: Int, _ weight: Int16) -> Void
    ) {
        let filter = filter(of: index)
        let place = index - filter * target.area
        let row = place / target.columns
        let (rows, top) = taps(axis: 0, of: row)
        let (columns, left) = taps(axis: 1, of: place - row * target.columns)
        let firstChannel = table.firstChannels?[filter] ?? 0
        for channel in 0..<table.channels {
            let image = (firstChannel + channel) * source.area
            let kernel = filter * perFilter + channel * table.size[0] * table.size[1]
            for i in rows {
                let line = image + (top + i * table.dilation[0]) * source.columns + left
                for j in columns {
                    let weight = table.weights[kernel + i * table.size[1] + j]
                    if weight != 0 { body(line + j * table.dilation[1], weight) }
                }
            }
        }
    }

    /// Elements of the kernel that lie on the source, and where the first would lie.
    private func taps(axis: Int, of target: Int) -> (taps: Range<Int>, start: Int) {
        let start = table.origin[axis] + target * table.strides[axis]
        let dilation = table.dilation[axis]
        let extent = table.extents[axis]
        let first = start >= 0 ? 0 : (dilation - 1 - start) / dilation
        let end = start >= extent ? 0 : min(table.size[axis], (extent - 1 - start) / dilation + 1)
        return (min(first, max(end, 0))..<max(end, 0), start)
    }
}
