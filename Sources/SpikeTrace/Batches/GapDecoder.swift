import Events

/// Decodes `gap` batches.
enum GapDecoder {
    /// Bytes behind the columns that may be read (and ignored).
    static let padding = 16

    /// Decodes a batch.
    ///
    /// Never traps on hostile columns and never reads beyond them by more than `padding` bytes.
    ///
    /// - Parameters:
    ///   - header: Header of the batch.
    ///   - columns: Offset of the columns in `bytes`.
    ///   - count: Bytes of the columns; `columns + count + padding` lies within `bytes`.
    ///   - bytes: Storage.
    ///   - core: Core of all spikes.
    ///   - output: Takes the spikes; as many places as the header counts.
    /// - Returns: What is wrong, or nil if all spikes were decoded.
    static func decode(
        _ header: BatchHeader,
        columns: Int,
        count: Int,
        bytes: UnsafeRawBufferPointer,
        core: UInt32,
        output: UnsafeMutableBufferPointer<Spike>
    ) -> String? {
        let spikeCount = Int(header.spikeCount)
        guard spikeCount <= count else { return "a batch is shorter than its symbols" }
        guard spikeCount > 0 else { return count == 0 ? nil : "an empty batch has columns" }
        guard header.neuronCount > 0, header.stepCount > 0 else {
            return "a batch of spikes has no neurons or no steps"
        }
        guard
            !header.firstStep.addingReportingOverflow(UInt64(header.stepCount) - 1).overflow
        else { return "a batch ends after the last time step" }
        precondition(
            columns >= 0 && columns + count + padding <= bytes.count
                && output.count == spikeCount,
            "columns and padding lie within the bytes"
        )
        let symbols = unsafe UnsafeRawBufferPointer(rebasing: bytes[columns..<columns + spikeCount])
        var rawBits = 0
        for index in 0..<spikeCount {
            let symbol = unsafe symbols[index]
            rawBits &+= symbol < 16 ? 0 : Int(symbol >> 2) &- 2
        }
        // From here on no read of raw bits leaves the column by more than the padding.
        guard (rawBits + 7) / 8 == count - spikeCount else {
            return "the raw bits of a batch do not fit its symbols"
        }
        let n = UInt64(header.neuronCount)
        // mulhi(x, reciprocal) is x / n or one less.
        let reciprocal = UInt64.max / n
        let raw = columns + spikeCount
        var bit: UInt64 = 0
        var (key, rest, step) = (UInt64(0), UInt64(0), header.firstStep)
        var overflow = false
        for index in 0..<spikeCount {
            let symbol = unsafe UInt64(symbols[index])
            var gap = symbol
            if symbol >= 16 {
                let width = (symbol &>> 2) &- 2
                let offset = raw &+ Int(truncatingIfNeeded: bit &>> 3)
                var low = unsafe UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                )
                let shift = bit & 7
                low &>>= shift
                if width > 57 {
                    let next = unsafe UInt64(bytes[offset &+ 8])
                    low |= (next &<< 1) &<< (63 &- shift)
                }
                gap = (4 &+ (symbol & 3)) &<< width | low & ((1 &<< width) &- 1)
                bit &+= width
            }
            let (sum, carry) = key.addingReportingOverflow(gap)
            key = sum
            overflow = overflow || carry
            // rest <= key, so this overflows only when key does.
            rest &+= gap
            var steps = rest.multipliedFullWidth(by: reciprocal).high
            rest &-= steps &* n
            if rest >= n {
                rest &-= n
                steps &+= 1
            }
            step &+= steps
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
