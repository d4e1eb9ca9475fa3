import Events

/// The columns of a `gap` batch while it grows.
///
/// Spikes go in one after the other and are never held: each becomes a symbol byte and some raw
/// bits at once.
@safe
struct GapEncoder {
    /// Spikes so far.
    private(set) var count = 0
    /// Step of the first spike.
    private(set) var firstStep: UInt64 = 0
    /// Step of the last spike.
    private(set) var lastStep: UInt64 = 0
    private var lastNeuron: UInt32 = 0
    // Storage; only the first `count` and `rawCount` bytes are in use.
    private var symbols: [UInt8] = []
    private var raw: [UInt8] = []
    private var rawCount = 0
    private var pending: UInt64 = 0
    private var pendingBits: UInt64 = 0

    /// Bytes of the batch, header included.
    var byteCount: Int {
        BatchHeader.byteCount + count + rawCount + Int(pendingBits + 7) / 8
    }

    /// Adds spikes of one core.
    ///
    /// The caller has checked that they are in order of (step, neuron), none before the last one,
    /// that every neuron is below `neuronCount` and that all steps are within 2³² − 1 of the first.
    ///
    /// - Parameters:
    ///   - spikes: Spikes of the channel.
    ///   - neuronCount: N of the keys.
    mutating func append(_ spikes: Span<Spike>, neuronCount: UInt32) {
        guard !spikes.isEmpty else { return }
        if count == 0 {
            firstStep = spikes[0].step
            lastStep = firstStep
            lastNeuron = 0
        }
        Self.grow(&symbols, to: count + spikes.count)
        // At most 61 raw bits a spike, and stores of 8 bytes.
        Self.grow(&raw, to: rawCount + 8 * spikes.count + 16)
        let n = UInt64(neuronCount)
        var (step, neuron) = (lastStep, UInt64(lastNeuron))
        var (bits, bitCount) = (pending, pendingBits)
        let base = count
        var position = rawCount
        unsafe symbols.withUnsafeMutableBufferPointer { symbols in
            unsafe raw.withUnsafeMutableBytes { raw in
                for index in spikes.indices {
                    let spike = unsafe spikes[unchecked: index]
                    // No overflow: the distance to firstStep is below 2^32, and so is N.
                    let gap = (spike.step &- step) &* n &+ UInt64(spike.neuron) &- neuron
                    (step, neuron) = (spike.step, UInt64(spike.neuron))
                    let exponent = UInt64(63 &- (gap | 16).leadingZeroBitCount)
                    let width = gap < 16 ? 0 : exponent &- 2
                    let symbol = gap < 16 ? gap : 4 &* exponent &- 4 &+ (gap &>> width)
                    unsafe symbols[base &+ index] = UInt8(truncatingIfNeeded: symbol)
                    var low = gap & ((1 &<< width) &- 1)
                    var lowWidth = width
                    if width > 56 {
                        // 7 bits may be pending: put 32 of more than 56 away first.
                        bits |= (low & 0xFFFF_FFFF) &<< bitCount
                        unsafe raw.storeBytes(
                            of: bits.littleEndian,
                            toByteOffset: position,
                            as: UInt64.self
                        )
                        position &+= 4
                        bits &>>= 32
                        low &>>= 32
                        lowWidth &-= 32
                    }
                    bits |= low &<< bitCount
                    bitCount &+= lowWidth
                    unsafe raw.storeBytes(
                        of: bits.littleEndian,
                        toByteOffset: position,
                        as: UInt64.self
                    )
                    position &+= Int(truncatingIfNeeded: bitCount &>> 3)
                    bits &>>= bitCount & ~7
                    bitCount &= 7
                }
            }
        }
        count += spikes.count
        rawCount = position
        (lastStep, lastNeuron) = (step, UInt32(truncatingIfNeeded: neuron))
        (pending, pendingBits) = (bits, bitCount)
    }

    /// Writes the batch and starts an empty one.
    ///
    /// - Parameters:
    ///   - bytes: Where to.
    ///   - neuronCount: N of the keys.
    ///   - kept: Bytes of storage to keep for the next batch; more is given back.
    /// - Returns: Where in `bytes` the raw bits begin.
    mutating func finish(
        to bytes: inout ByteWriter,
        neuronCount: UInt32,
        keeping kept: Int
    ) -> Int {
        BatchHeader(
            neuronCount: neuronCount,
            firstStep: firstStep,
            stepCount: UInt32(truncatingIfNeeded: lastStep &- firstStep &+ 1),
            spikeCount: UInt32(truncatingIfNeeded: count)
        ).write(to: &bytes)
        bytes.put(symbols[..<count])
        let border = bytes.count
        // The pending bits were stored behind `rawCount` with the last spike.
        bytes.put(raw[..<(rawCount + (pendingBits > 0 ? 1 : 0))])
        if symbols.count > kept { symbols = [] }
        if raw.count > kept { raw = [] }
        (count, rawCount, pending, pendingBits) = (0, 0, 0, 0)
        return border
    }

    private static func grow(_ bytes: inout [UInt8], to count: Int) {
        guard bytes.count < count else { return }
        let wanted = max(count, 2 * bytes.count)
        bytes.append(contentsOf: repeatElement(0, count: wanted - bytes.count))
    }
}
