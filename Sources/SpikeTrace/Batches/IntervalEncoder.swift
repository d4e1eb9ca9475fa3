import CPrefetch

/// Encodes `isi2` and `mean` batches: neuron by neuron, how inter-spike intervals differ from what
/// those before predict.
@safe
final class IntervalEncoder {
    // Scratch storage.
    private var offsets: [UInt32] = []
    private var present: [UInt32] = []
    private var steps: [UInt32] = []
    private var values: [UInt64] = []
    private var symbols: [UInt8] = []
    private var raw: [UInt8] = []

    /// Numbers that are encoded at a time, at least: they stay in the first-level cache.
    private static let block = 1024

    /// Whether the layout is worth a trial: its tables have an entry a neuron.
    static func suits(neuronCount: UInt32, spikeCount: Int) -> Bool {
        Int(neuronCount) <= 4 * spikeCount + 4096
    }

    /// Writes the columns of a batch.
    ///
    /// - Parameters:
    ///   - batch: Spikes in order of (step, neuron).
    ///   - neuronCount: Every neuron is below; `suits` holds.
    ///   - isMean: Whether the prediction is a running mean rather than the last interval.
    ///   - bytes: Where to.
    /// - Returns: Where in `bytes` columns of another kind begin.
    func encode(
        _ batch: HeldBatch,
        neuronCount: UInt32,
        isMean: Bool,
        to bytes: inout ByteWriter
    ) -> [Int] {
        sort(batch, neuronCount: Int(neuronCount))
        let symbolCount = 2 * present.count + batch.count
        symbols.grow(to: symbolCount)
        unsafe raw.grow(
            to: SymbolEncoder.mostRawBytes * symbolCount + SymbolEncoder.rawSlack
        )
        var border = 0
        let rawCount = unsafe symbols.withUnsafeMutableBufferPointer { symbols in
            unsafe raw.withUnsafeMutableBytes { raw -> Int in
                guard let symbols = symbols.baseAddress, let raw = raw.baseAddress else { return 0 }
                var encoder = unsafe SymbolEncoder(symbols: symbols, raw: raw)
                border = unsafe put(to: &encoder, isMean: isMean)
                return unsafe encoder.rawBytes
            }
        }
        bytes.put(UInt32(present.count))
        let start = bytes.count
        bytes.put(symbols[..<symbolCount])
        let end = bytes.count
        bytes.put(raw[..<rawCount])
        return [start + border, end]
    }

    /// Puts the steps in order of neurons; `offsets` then says where each neuron's end.
    private func sort(_ batch: HeldBatch, neuronCount: Int) {
        offsets.removeAll(keepingCapacity: true)
        offsets.append(contentsOf: repeatElement(0, count: neuronCount + 1))
        if steps.count < batch.count {
            steps.append(contentsOf: repeatElement(0, count: batch.count - steps.count))
        }
        present.removeAll(keepingCapacity: true)
        let count = batch.count
        let spikeSteps = batch.steps.span
        let neurons = batch.neurons.span
        unsafe offsets.withUnsafeMutableBufferPointer { offsets in
            // Every neuron is below `neuronCount`: the writer has checked it.
            for index in 0..<count {
                let neuron = unsafe Int(neurons[unchecked: index])
                unsafe offsets[neuron &+ 1] &+= 1
            }
            for neuron in 0..<neuronCount {
                if unsafe offsets[neuron &+ 1] > 0 {
                    present.append(UInt32(truncatingIfNeeded: neuron))
                }
                unsafe offsets[neuron &+ 1] &+= offsets[neuron]
            }
            unsafe steps.withUnsafeMutableBufferPointer { steps in
                guard let target = unsafe UnsafePointer(steps.baseAddress) else { return }
                for index in 0..<count {
                    // The places of a neuron were counted above, so each is taken exactly once. The
                    // neuron's next line is asked for, which may lie behind all.
                    let neuron = unsafe Int(neurons[unchecked: index])
                    let place = unsafe Int(offsets[neuron])
                    unsafe prefetch_line(target + (place &+ 16))
                    unsafe steps[place] = spikeSteps[unchecked: index]
                    unsafe offsets[neuron] = UInt32(truncatingIfNeeded: place &+ 1)
                }
            }
        }
    }

    /// Writes all numbers; returns how many come before the differences.
    private func put(to encoder: inout SymbolEncoder, isMean: Bool) -> Int {
        unsafe putTrains(to: &encoder)
        let border = unsafe encoder.count
        // Specialised, so that the kind of prediction is no question in the loop.
        if isMean {
            unsafe putDifferences(to: &encoder, isMean: true)
        } else {
            unsafe putDifferences(to: &encoder, isMean: false)
        }
        return border
    }

    /// Writes which neurons spike, how often, when first, and their first intervals.
    private func putTrains(to encoder: inout SymbolEncoder) {
        let trains = present.count
        reserve(4 * trains)
        unsafe values.withUnsafeMutableBufferPointer { values in
            unsafe steps.withUnsafeBufferPointer { steps in
                // Three numbers a train, kind by kind, and the first interval of those that have one.
                var (next, first, intervals) = (UInt32(0), UInt32(0), 3 * trains)
                for (train, neuron) in present.enumerated() {
                    let end = offsets[Int(neuron)]
                    unsafe values[train] = UInt64(neuron &- next)
                    unsafe values[trains &+ train] = UInt64(end &- first &- 1)
                    // A train has at least one spike, and all lie below `end`.
                    let step = unsafe steps[Int(first)]
                    unsafe values[2 &* trains &+ train] = UInt64(step)
                    if end &- first > 1 {
                        unsafe values[intervals] = UInt64(steps[Int(first) &+ 1] &- step)
                        intervals &+= 1
                    }
                    (next, first) = (neuron &+ 1, end)
                }
                unsafe encoder.put(UnsafeBufferPointer(rebasing: values[..<intervals]))
            }
        }
    }

    /// Makes room for numbers.
    private func reserve(_ count: Int) {
        guard values.count < count else { return }
        values.append(contentsOf: repeatElement(0, count: count - values.count))
    }

    /// Writes how the intervals of each train differ from those predicted.
    @inline(__always)
    private func putDifferences(to encoder: inout SymbolEncoder, isMean: Bool) {
        let count = offsets.last.map(Int.init) ?? 0
        reserve(count)
        unsafe values.withUnsafeMutableBufferPointer { values in
            unsafe steps.withUnsafeBufferPointer { steps in
                var (first, filled) = (0, 0)
                for neuron in present {
                    let end = Int(offsets[Int(neuron)])
                    if end - first > 2 {
                        // All below `end`, which is at most the number of spikes.
                        var last = unsafe steps[first &+ 1]
                        let interval = unsafe Int64(last &- steps[first])
                        var predictor = IntervalPredictor(first: interval, isMean: isMean)
                        for index in first &+ 2..<end {
                            let step = unsafe steps[index]
                            let interval = Int64(step &- last)
                            let difference = interval &- predictor.next
                            unsafe values[filled] = UInt64(
                                bitPattern: difference &<< 1 ^ difference &>> 63
                            )
                            filled &+= 1
                            predictor.take(interval)
                            last = step
                        }
                    }
                    first = end
                    if filled >= Self.block {
                        unsafe encoder.put(UnsafeBufferPointer(rebasing: values[..<filled]))
                        filled = 0
                    }
                }
                unsafe encoder.put(UnsafeBufferPointer(rebasing: values[..<filled]))
            }
        }
    }
}
