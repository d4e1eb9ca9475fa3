import Events

/// Decodes `gap` batches.
enum GapDecoder {
    /// Decodes a batch; traps on no columns, however hostile.
    ///
    /// - Parameters:
    ///   - header: Header of the batch; its spike count is at most the bytes of the columns.
    ///   - columns: The columns; `SymbolDecoder.padding` bytes more can be read behind them.
    ///   - core: Core of all spikes.
    ///   - output: Takes the spikes; as many places as the header counts.
    /// - Returns: What is wrong, or nil if all spikes were decoded.
    static func decode(
        _ header: BatchHeader,
        columns: UnsafeRawBufferPointer,
        core: UInt32,
        output: UnsafeMutableBufferPointer<Spike>
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
        var decoder = unsafe SymbolDecoder(symbols: first, raw: start + spikeCount)
        let n = UInt64(header.neuronCount)
        // mulhi(x, reciprocal) is x / n or one less.
        let reciprocal = UInt64.max / n
        var (key, rest, step) = (UInt64(0), UInt64(0), header.firstStep)
        var overflow = false
        for index in 0..<spikeCount {
            let gap = unsafe decoder.next()
            let (sum, carry) = key.addingReportingOverflow(gap)
            key = sum
            overflow = overflow || carry
            // rest <= key, so this overflows only when key does.
            rest &+= gap
            if rest >= n {
                var steps = rest.multipliedFullWidth(by: reciprocal).high
                rest &-= steps &* n
                if rest >= n {
                    rest &-= n
                    steps &+= 1
                }
                step &+= steps
            }
            unsafe output.initializeElement(
                at: index,
                to: Spike(step: step, core: core, neuron: UInt32(truncatingIfNeeded: rest))
            )
        }
        // Both factors are below 2^32.
        guard !overflow, key < UInt64(header.stepCount) &* n else {
            return "a spike of a batch lies after its last step"
        }
        return nil
    }
}
