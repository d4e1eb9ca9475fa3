/// Decodes `gap` batches.
enum GapDecoder {
    /// Gaps that are decoded at a time: 8 bytes each, in the first-level cache.
    private static let block = 1024

    /// Decodes a batch; traps on no columns, however hostile.
    ///
    /// - Parameters:
    ///   - header: Header of the batch; its spike count is at most the bytes of the columns.
    ///   - columns: The columns; `SymbolDecoder.padding` bytes more can be read behind them.
    ///   - shapes: Of the symbols.
    ///   - output: Takes the spikes; as many places as the header counts.
    /// - Returns: What is wrong, or nil if all spikes were decoded.
    static func decode(
        _ header: BatchHeader,
        columns: UnsafeRawBufferPointer,
        shapes: SymbolShapes,
        output: UnsafeMutableBufferPointer<BatchSpike>
    ) -> String? {
        let spikeCount = output.count
        guard let start = columns.baseAddress, spikeCount <= columns.count else {
            return "a batch is shorter than its symbols"
        }
        let symbols = unsafe UnsafeBufferPointer(
            start: start.assumingMemoryBound(to: UInt8.self),
            count: spikeCount
        )
        // From here on no read of raw bits leaves the column by more than the padding.
        guard
            unsafe SymbolDecoder.rawBytes(of: symbols) == columns.count - spikeCount,
            let first = symbols.baseAddress
        else { return "the raw bits of a batch do not fit its symbols" }
        var decoder = unsafe SymbolDecoder(
            symbols: first,
            raw: start + spikeCount,
            shapes: shapes
        )
        let n = UInt64(header.neuronCount)
        let isInside = unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: block) {
            var (key, done): (UInt64, Int) = (0, 0)
            while done < spikeCount {
                let end = min(done + block, spikeCount)
                let gaps = unsafe UnsafeMutableBufferPointer(rebasing: $0[..<(end - done)])
                let places = unsafe UnsafeMutableBufferPointer(rebasing: output[done..<end])
                unsafe decoder.read(gaps)
                guard let next = unsafe place(gaps, after: key, n: n, output: places) else {
                    return false
                }
                (key, done) = (next, end)
            }
            // Keys never decrease, and both factors are below 2^32.
            return key < UInt64(header.stepCount) &* n
        }
        return isInside ? nil : "a spike of a batch lies after its last step"
    }

    /// Adds up gaps and takes the sums apart.
    ///
    /// - Parameters:
    ///   - gaps: At most `block`.
    ///   - key: The sum so far.
    ///   - n: Neurons; below 2³².
    ///   - output: As many places as there are gaps.
    /// - Returns: The sum in the end; nil if it does not fit 64 bits.
    private static func place(
        _ gaps: UnsafeMutableBufferPointer<UInt64>,
        after key: UInt64,
        n: UInt64,
        output: UnsafeMutableBufferPointer<BatchSpike>
    ) -> UInt64? {
        // mulhi(x, reciprocal) is x / n or one less. Each division stands for itself: the next
        // spike waits for one addition only.
        let reciprocal = UInt64.max / n
        var (sum, all) = (key, UInt64(0))
        for index in 0..<gaps.count {
            let gap = unsafe gaps[index]
            all |= gap
            sum &+= gap
            var step = sum.multipliedFullWidth(by: reciprocal).high
            var neuron = sum &- step &* n
            let isLess = UInt64(bitPattern: neuron >= n ? -1 : 0)
            neuron &-= n & isLess
            step &-= isLess
            unsafe output[index] = BatchSpike(step: step, neuron: neuron)
        }
        // Gaps below 2^45 cannot carry a sum below 2^63 over the end of 64 bits.
        guard all >> 45 != 0 || key >> 63 != 0 else { return sum }
        var careful = key
        for index in 0..<gaps.count {
            let (next, overflow) = unsafe careful.addingReportingOverflow(gaps[index])
            if overflow { return nil }
            careful = next
        }
        return careful
    }
}
