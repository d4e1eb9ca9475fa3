/// The columns of a `gap` batch while it grows.
///
/// Spikes go in one after the other and are never held: each becomes a symbol byte and some raw
/// bits at once.
@safe
struct GapEncoder {
    /// Spikes so far.
    private(set) var count = 0
    /// Key of the last spike: step after the first one of the batch times N plus neuron.
    private var lastKey: UInt64 = 0
    // Storage; only the first `count` and `rawCount` bytes are in use.
    private var symbols: [UInt8] = []
    private var raw: [UInt8] = []
    private var rawCount = 0
    private var pending: UInt64 = 0
    private var pendingBits: UInt64 = 0

    /// Spikes whose gaps are worked out at a time: 8 bytes each, in the first-level cache.
    private static let block = 1024

    /// Bytes of both columns.
    var byteCount: Int { count + rawCount + Int(pendingBits + 7) / 8 }

    /// Adds spikes of one core.
    ///
    /// The caller has checked that they are in order of (step, neuron), none before the last one,
    /// that every neuron is below `neuronCount` and that all steps are within 2³² − 1 of the first.
    ///
    /// - Parameters:
    ///   - spikes: Spikes of the channel.
    ///   - offset: What to add to their steps, wrapping, to have steps after the first of the batch.
    ///   - neuronCount: N of the keys.
    mutating func append(_ spikes: Span<BatchSpike>, from offset: UInt64, neuronCount: UInt32) {
        let n = UInt64(neuronCount)
        // Keys may wrap on the way, their differences come out right.
        let base = offset &* n
        var key = lastKey
        unsafe put(spikes.count) { first, gaps in
            var last = key
            for index in 0..<gaps.count {
                let spike = unsafe spikes[unchecked: first &+ index]
                let next = spike.step &* n &+ UInt64(spike.neuron) &+ base
                unsafe gaps[index] = next &- last
                last = next
            }
            key = last
        }
        lastKey = key
    }

    /// Adds a held batch to an encoder that is empty.
    mutating func append(_ batch: HeldBatch, neuronCount: UInt32) {
        let n = UInt64(neuronCount)
        var key: UInt64 = 0
        let steps = batch.steps.span
        let neurons = batch.neurons.span
        unsafe put(batch.count) { first, gaps in
            var last = key
            for index in 0..<gaps.count {
                let step = unsafe UInt64(steps[unchecked: first &+ index])
                let next = unsafe step &* n &+ UInt64(neurons[unchecked: first &+ index])
                unsafe gaps[index] = next &- last
                last = next
            }
            key = last
        }
    }

    /// Encodes gaps, block by block.
    ///
    /// - Parameters:
    ///   - more: How many.
    ///   - fill: Works out gaps from one on: as many as there are places.
    @inline(__always)
    private mutating func put(
        _ more: Int,
        _ fill: (Int, UnsafeMutableBufferPointer<UInt64>) -> Void
    ) {
        symbols.grow(to: count + more)
        unsafe raw.grow(to: rawCount + SymbolEncoder.mostRawBytes * more + SymbolEncoder.rawSlack)
        let (first, firstRaw, bits, bitCount) = (count, rawCount, pending, pendingBits)
        let state = unsafe symbols.withUnsafeMutableBufferPointer { symbols in
            unsafe raw.withUnsafeMutableBytes { raw -> (Int, UInt64, UInt64) in
                guard let symbols = symbols.baseAddress, let raw = raw.baseAddress else {
                    return (0, bits, bitCount)
                }
                var encoder = unsafe SymbolEncoder(
                    symbols: symbols + first,
                    raw: raw + firstRaw,
                    pending: bits,
                    pendingBits: bitCount
                )
                unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Self.block) {
                    var done = 0
                    while done < more {
                        let count = min(Self.block, more &- done)
                        let gaps = unsafe UnsafeMutableBufferPointer(rebasing: $0[..<count])
                        unsafe fill(done, gaps)
                        unsafe encoder.put(UnsafeBufferPointer(gaps))
                        done &+= count
                    }
                }
                return unsafe (encoder.rawCount, encoder.pending, encoder.pendingBits)
            }
        }
        count += more
        rawCount += state.0
        (pending, pendingBits) = (state.1, state.2)
    }

    /// Writes the columns and starts an empty batch.
    ///
    /// - Parameters:
    ///   - bytes: Where to.
    ///   - kept: Bytes of storage to keep for the next batch; more is given back.
    /// - Returns: Where in `bytes` the raw bits begin.
    mutating func finish(to bytes: inout ByteWriter, keeping kept: Int) -> Int {
        bytes.put(symbols[..<count])
        let border = bytes.count
        // The pending bits were stored behind `rawCount` with the last spike.
        bytes.put(raw[..<(rawCount + (pendingBits > 0 ? 1 : 0))])
        if symbols.count > kept { symbols = [] }
        if raw.count > kept { raw = [] }
        (count, rawCount, pending, pendingBits, lastKey) = (0, 0, 0, 0, 0)
        return border
    }
}

extension [UInt8] {
    /// Makes an array longer, with zeros, in steps that double.
    mutating func grow(to count: Int) { grow(to: count, with: 0) }
}

extension Array {
    /// Makes an array longer, in steps that double.
    mutating func grow(to count: Int, with element: Element) {
        guard self.count < count else { return }
        let wanted = Swift.max(count, 2 * self.count)
        append(contentsOf: repeatElement(element, count: wanted - self.count))
    }
}
