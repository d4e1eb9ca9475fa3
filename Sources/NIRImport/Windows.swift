import NetworkIR

/// What a convolution or a pool slides over its input: one number an axis, rows before columns.
struct Windows {
    /// Lengths of the kernel.
    var kernel: [Int]
    var stride: [Int]
    var padding: Padding
    var dilation: [Int]

    /// Zeros around the input.
    enum Padding: Equatable {
        /// On both sides of each axis.
        case zeros([Int])
        /// As many as make the output as large as the input; an odd one goes to the end.
        case same
    }

    /// Lengths of the output.
    ///
    /// - Parameter lengths: Lengths of the input, one an axis.
    /// - Returns: One an axis; nil if there is no room for the kernel.
    func outputs(of lengths: [Int]) -> [Int]? {
        guard lengths.count == kernel.count else { return nil }
        var result: [Int] = []
        for axis in lengths.indices {
            let window = window(axis, length: lengths[axis])
            guard window.outputs >= 1 else { return nil }
            result.append(window.outputs)
        }
        return result
    }

    private func window(_ axis: Int, length: Int) -> Window {
        let span = dilation[axis] * (kernel[axis] - 1)
        let zeros: (before: Int, both: Int) =
            switch padding {
            case .zeros(let zeros): (zeros[axis], 2 * zeros[axis])
            case .same: (span / 2, span)
            }
        let room = length + zeros.both - span - 1
        return Window(
            length: length,
            kernel: kernel[axis],
            stride: stride[axis],
            before: zeros.before,
            dilation: dilation[axis],
            outputs: room < 0 ? 0 : room / stride[axis] + 1
        )
    }

    /// The windows of an image of any number of axes as rows and columns.
    fileprivate func plane(_ lengths: [Int]) -> (rows: Window, columns: Window) {
        let windows = lengths.indices.map { window($0, length: lengths[$0]) }
        return windows.count == 2 ? (windows[0], windows[1]) : (.single, windows[0])
    }
}

/// The windows along one axis; all numbers are below 2³², so that products of two fit.
private struct Window {
    var length: Int
    var kernel: Int
    var stride: Int
    /// Zeros before the input.
    var before: Int
    var dilation: Int
    var outputs: Int

    /// An axis of length 1.
    static let single = Window(
        length: 1,
        kernel: 1,
        stride: 1,
        before: 0,
        dilation: 1,
        outputs: 1
    )

    /// Elements of the kernel that lie on the input, and where the first would lie.
    func taps(of output: Int) -> (taps: Range<Int>, start: Int) {
        let start = output * stride - before
        let first = start >= 0 ? 0 : (-start + dilation - 1) / dilation
        let end = start >= length ? 0 : min(kernel, (length - 1 - start) / dilation + 1)
        return (min(first, max(end, 0))..<max(end, 0), start)
    }

    /// Pairs of an output and an element of the kernel that lies on the input.
    var pairs: Int { (0..<outputs).reduce(0) { $0 + taps(of: $1).taps.count } }
}

/// A linear operator that slides over images: a convolution or a pool.
struct WindowOperator {
    var windows: Windows
    /// Channels of the output.
    var channels: Int
    /// Channels of the input that one channel of the output reads.
    var inputsPerChannel: Int
    /// Groups of channels that read the same inputs.
    var groups: Int
    /// Lengths of the input without its channels.
    var lengths: [Int]
    /// `[channel][input][row][column]`; a single one stands for all.
    var weights: [Double]

    /// Elements of the output.
    var rows: Int { channels * (windows.outputs(of: lengths) ?? []).reduce(1, *) }

    /// Entries of the matrix; `Int.max` if there are more.
    var entries: Int {
        let (rows, columns) = windows.plane(lengths)
        return elementCount([channels, inputsPerChannel, rows.pairs, columns.pairs])
    }

    /// The operator as a matrix from the elements of the input to those of the output, both in C order.
    ///
    /// - Returns: `entries` entries.
    func matrix() -> SparseWeights {
        let (rows, columns) = windows.plane(lengths)
        let isSingle = weights.count == 1
        var offsets = [0]
        var sources: [Int32] = []
        var values: [Double] = []
        offsets.reserveCapacity(self.rows + 1)
        sources.reserveCapacity(entries)
        values.reserveCapacity(entries)
        let area = rows.length * columns.length
        let onColumns = (0..<columns.outputs).map(columns.taps)
        for channel in 0..<channels {
            let firstInput = channel / (channels / groups) * inputsPerChannel
            for row in 0..<rows.outputs {
                let (rowTaps, top) = rows.taps(of: row)
                for (columnTaps, left) in onColumns {
                    for input in 0..<inputsPerChannel {
                        let image = (firstInput + input) * area
                        let kernel = (channel * inputsPerChannel + input) * rows.kernel
                        for tap in rowTaps {
                            let line = image + (top + tap * rows.dilation) * columns.length + left
                            let weight = (kernel + tap) * columns.kernel
                            for column in columnTaps {
                                sources.append(Int32(line + column * columns.dilation))
                                values.append(isSingle ? weights[0] : weights[weight + column])
                            }
                        }
                    }
                    offsets.append(sources.count)
                }
            }
        }
        return SparseWeights(offsets: offsets, sources: sources, weights: values)
    }
}
