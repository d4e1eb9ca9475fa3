/// Decodes `isi2` and `mean` batches.
@safe
final class IntervalDecoder {
    // Scratch storage.
    private var trains: [Train] = []
    private var values: [UInt64] = []
    private var keys: [BatchSpike] = []
    private let order = StepOrder()

    /// Differences that are decoded at a time, at least: they stay in the first-level cache.
    private static let block = 1024

    /// Decodes a batch into canonical order; traps on no columns, however hostile.
    ///
    /// - Parameters:
    ///   - header: Header of the batch.
    ///   - columns: The columns; `SymbolDecoder.padding` bytes more can be read behind them.
    ///   - isMean: Whether intervals are predicted by a running mean.
    ///   - shapes: Of the symbols.
    ///   - output: Takes the spikes; as many places as the header counts.
    /// - Returns: What is wrong, or nil if all spikes were decoded.
    func decode(
        _ header: BatchHeader,
        columns: UnsafeRawBufferPointer,
        isMean: Bool,
        shapes: SymbolShapes,
        output: UnsafeMutableBufferPointer<BatchSpike>
    ) -> String? {
        guard columns.count >= 4, let start = columns.baseAddress else {
            return "a batch is shorter than its columns"
        }
        let spikeCount = output.count
        let neuronCount = Int(unsafe UInt32(littleEndian: columns.loadUnaligned(as: UInt32.self)))
        let symbolCount = 2 * neuronCount + spikeCount
        guard neuronCount <= spikeCount, symbolCount <= columns.count - 4 else {
            return "a batch is shorter than its symbols"
        }
        let symbols = unsafe UnsafeBufferPointer(
            start: (start + 4).assumingMemoryBound(to: UInt8.self),
            count: symbolCount
        )
        // From here on no read of raw bits leaves the column by more than the padding.
        guard
            unsafe SymbolDecoder.rawBytes(of: symbols) == columns.count - 4 - symbolCount,
            let first = symbols.baseAddress
        else { return "the raw bits of a batch do not fit its symbols" }
        var decoder = unsafe SymbolDecoder(
            symbols: first,
            raw: start + 4 + symbolCount,
            shapes: shapes
        )
        guard
            unsafe readTrains(
                neuronCount,
                below: UInt64(header.neuronCount),
                spikeCount: spikeCount,
                from: &decoder
            )
        else { return "the neurons of a batch do not fit its spikes" }
        if keys.count < spikeCount {
            keys.append(
                contentsOf: repeatElement(
                    BatchSpike(step: 0, neuron: 0),
                    count: spikeCount - keys.count
                )
            )
        }
        let limit = UInt64(header.stepCount)
        // Specialised, so that the kind of prediction is no question in the loop.
        let isInside =
            isMean
            ? unsafe readSteps(below: limit, isMean: true, from: &decoder)
            : unsafe readSteps(below: limit, isMean: false, from: &decoder)
        guard isInside else { return "a spike of a batch lies after its last step" }
        unsafe order.place(keys, stepCount: Int(header.stepCount), output: output)
        return nil
    }

    /// Reads which neurons spike how often, when first, and their first intervals.
    private func readTrains(
        _ neuronCount: Int,
        below limit: UInt64,
        spikeCount: Int,
        from decoder: inout SymbolDecoder
    ) -> Bool {
        unsafe read(neuronCount, from: &decoder)
        trains.removeAll(keepingCapacity: true)
        var next: UInt64 = 0
        for gap in values.prefix(neuronCount) {
            guard gap < limit, next + gap < limit else { return false }
            trains.append(Train(neuron: next + gap))
            next += gap + 1
        }
        unsafe read(neuronCount, from: &decoder)
        var left = UInt64(spikeCount)
        var withIntervals = 0
        for index in trains.indices {
            guard values[index] < left else { return false }
            trains[index].count = Int(values[index]) + 1
            left -= values[index] + 1
            if trains[index].count > 1 { withIntervals += 1 }
        }
        guard left == 0 else { return false }
        unsafe read(neuronCount, from: &decoder)
        for index in trains.indices { trains[index].first = values[index] }
        unsafe read(withIntervals, from: &decoder)
        var place = 0
        for index in trains.indices where trains[index].count > 1 {
            trains[index].interval = Int64(bitPattern: values[place])
            place += 1
        }
        return true
    }

    /// Reads numbers into the first places of `values`.
    private func read(_ count: Int, from decoder: inout SymbolDecoder) {
        if values.count < count {
            values.append(contentsOf: repeatElement(0, count: count - values.count))
        }
        unsafe values.withUnsafeMutableBufferPointer {
            unsafe decoder.read(UnsafeMutableBufferPointer(rebasing: $0[..<count]))
        }
    }

    /// Makes keys, in order of neurons; false if a step is not below the limit.
    @inline(__always)
    private func readSteps(
        below limit: UInt64,
        isMean: Bool,
        from decoder: inout SymbolDecoder
    ) -> Bool {
        // As many differences as spikes, but the first two of each train.
        var isInside = true
        var place = 0
        var (train, ahead) = (0, 0)
        while train < trains.count {
            // Trains of about a block together.
            var (end, wanted) = (train, 0)
            while end < trains.count, end == train || wanted < Self.block {
                wanted += max(0, trains[end].count - 2)
                end += 1
            }
            unsafe read(wanted, from: &decoder)
            ahead = 0
            unsafe keys.withUnsafeMutableBufferPointer { keys in
                unsafe values.withUnsafeBufferPointer { values in
                    for train in trains[train..<end] {
                        // The counts add up to the number of places, and to `wanted`.
                        let keys = unsafe UnsafeMutableBufferPointer(
                            rebasing: keys[place..<place + train.count]
                        )
                        let inside = unsafe train.put(
                            to: keys,
                            differences: values.baseAddress.map { unsafe $0 + ahead },
                            below: limit,
                            isMean: isMean
                        )
                        isInside = isInside && inside
                        place &+= train.count
                        ahead &+= max(0, train.count &- 2)
                    }
                }
            }
            train = end
        }
        return isInside
    }
}

/// The spikes of a neuron in a batch.
private struct Train {
    var neuron: UInt64
    var count = 0
    /// Step of the first spike.
    var first: UInt64 = 0
    /// From the first to the second spike, if there is one.
    var interval: Int64 = 0

    /// Makes the spikes of the train.
    ///
    /// - Parameters:
    ///   - keys: As many places as there are spikes.
    ///   - differences: How intervals differ from those predicted; one for each spike but two.
    ///   - limit: Steps of the batch.
    ///   - isMean: Whether intervals are predicted by a running mean.
    /// - Returns: Whether all steps are below the limit, and none before the last one.
    @inline(__always)
    func put(
        to keys: UnsafeMutableBufferPointer<BatchSpike>,
        differences: UnsafePointer<UInt64>?,
        below limit: UInt64,
        isMean: Bool
    ) -> Bool {
        unsafe keys[0] = BatchSpike(step: first, neuron: neuron)
        guard count > 1 else { return first < limit }
        // Signs and carries gather in the highest bit: steps below 2^32 with intervals below 2^32
        // have none of them.
        var step = first &+ UInt64(bitPattern: interval)
        var outside = first | UInt64(bitPattern: interval) | step
        unsafe keys[1] = BatchSpike(step: step, neuron: neuron)
        guard count > 2, let differences = unsafe differences else {
            return outside >> 32 == 0 && step < limit
        }
        var predictor = IntervalPredictor(first: interval, isMean: isMean)
        for index in 2..<count {
            let coded = unsafe differences[index &- 2]
            let difference = Int64(bitPattern: coded &>> 1) ^ -Int64(bitPattern: coded & 1)
            let interval = predictor.next &+ difference
            predictor.take(interval)
            step &+= UInt64(bitPattern: interval)
            outside |= UInt64(bitPattern: interval) | step
            unsafe keys[index] = BatchSpike(step: step, neuron: neuron)
        }
        // Steps never decrease where all of them and all intervals are below 2^32.
        return outside >> 32 == 0 && step < limit
    }
}
