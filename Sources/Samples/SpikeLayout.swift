/// Where the elements of a spike array lie in its file.
struct SpikeLayout {
    let shape: [Int]
    let isFortranOrder: Bool
    let channelCount: Int

    init(shape: [Int], isFortranOrder: Bool) {
        self.shape = shape
        self.isFortranOrder = isFortranOrder
        channelCount = shape[2...].reduce(1, *)
    }

    /// Row (sample · steps + step) and channel (C order) of an element of the file.
    func position(of element: Int) -> (row: Int, channel: Int) {
        guard isFortranOrder else { return (element / channelCount, element % channelCount) }
        var rest = element
        var indices: [Int] = []
        for dimension in shape {
            indices.append(rest % dimension)
            rest /= dimension
        }
        let channel = zip(indices, shape).dropFirst(2).reduce(0) { $0 * $1.1 + $1.0 }
        return (indices[0] * shape[1] + indices[1], channel)
    }

    /// The indices of a channel.
    func channelIndices(of channel: Int) -> [Int] {
        var rest = channel
        var indices: [Int] = []
        for dimension in shape[2...].reversed() {
            indices.append(rest % dimension)
            rest /= dimension
        }
        return indices.reversed()
    }
}

/// Spikes as they come from a file: ordered by row and channel (C order), or not (Fortran order).
struct SpikeList {
    private let isOrdered: Bool
    private var channels: [UInt32] = []
    /// Where each row so far starts, if ordered.
    private var offsets: [Int] = []
    /// Row of each spike, if not ordered.
    private var rows: [UInt32] = []

    init(isOrdered: Bool) { self.isOrdered = isOrdered }

    var count: Int { channels.count }

    mutating func append(row: Int, channel: Int) {
        if isOrdered {
            while offsets.count <= row { offsets.append(channels.count) }
        } else {
            rows.append(UInt32(row))
        }
        channels.append(UInt32(channel))
    }

    /// The channels of each row, ascending, and where each row starts.
    consuming func rows(count rowCount: Int) -> (offsets: [Int], channels: [UInt32]) {
        if isOrdered {
            while offsets.count <= rowCount { offsets.append(channels.count) }
            return (offsets, channels)
        }
        offsets = [Int](repeating: 0, count: rowCount + 1)
        for row in rows { offsets[Int(row) + 1] += 1 }
        for row in 0..<rowCount { offsets[row + 1] += offsets[row] }
        var next = offsets
        var sorted = [UInt32](repeating: 0, count: channels.count)
        for (row, channel) in zip(rows, channels) {
            sorted[next[Int(row)]] = channel
            next[Int(row)] += 1
        }
        for row in 0..<rowCount { sorted[offsets[row]..<offsets[row + 1]].sort() }
        return (offsets, sorted)
    }
}
