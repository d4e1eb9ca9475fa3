/// Decodes `isi2` and `mean` batches.
@safe
final class IntervalDecoder {
    // Scratch storage.
    private var trains: [Train] = []
    private var values: [UInt64] = []
    private var steps: [UInt32] = []
    private let order = StepOrder()

    /// Differences that are decoded at a time, at least: they stay in the first-level cache.
    private static let block = 1024

    /// Decodes a batch into canonical order; traps on no columns, however hostile.
    ///
    /// - Parameters:
    ///   - header: Header of the batch, with steps and neurons.
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
        let trainCount = Int(unsafe UInt32(littleEndian: columns.loadUnaligned(as: UInt32.self)))
        let symbolCount = 2 * trainCount + spikeCount
        guard trainCount <= spikeCount, symbolCount <= columns.count - 4 else {
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
        trains.grow(to: trainCount, with: Train())
        values.grow(to: trainCount, with: 0)
        steps.grow(to: spikeCount, with: 0)
        return unsafe trains.withUnsafeMutableBufferPointer { trains in
            let trains = unsafe UnsafeMutableBufferPointer(rebasing: trains[..<trainCount])
            guard
                unsafe readTrains(
                    trains,
                    below: UInt64(header.neuronCount),
                    spikeCount: spikeCount,
                    from: &decoder
                )
            else { return "the neurons of a batch do not fit its spikes" }
            guard
                unsafe readSteps(
                    trains,
                    below: header.stepCount,
                    isMean: isMean,
                    from: &decoder
                )
            else { return "a spike of a batch lies after its last step" }
            unsafe steps.withUnsafeBufferPointer { steps in
                unsafe order.place(
                    UnsafeBufferPointer(rebasing: steps[..<spikeCount]),
                    of: UnsafeBufferPointer(trains),
                    stepCount: header.stepCount,
                    neuronCount: header.neuronCount,
                    output: output
                )
            }
            return nil
        }
    }

    /// Reads which neurons spike how often, when first, and their first intervals.
    ///
    /// - Returns: Whether the neurons are below the limit and as many spikes as there should be.
    @inline(never)
    private func readTrains(
        _ trains: UnsafeMutableBufferPointer<Train>,
        below limit: UInt64,
        spikeCount: Int,
        from decoder: inout SymbolDecoder
    ) -> Bool {
        unsafe values.withUnsafeMutableBufferPointer { values in
            let values = unsafe UnsafeMutableBufferPointer(rebasing: values[..<trains.count])
            // Sums of less than 2^32 numbers below 2^32 do not overflow.
            var (all, next) = (UInt64(0), UInt64(0))
            unsafe decoder.read(values)
            for index in 0..<trains.count {
                let gap = unsafe values[index]
                all |= gap
                unsafe trains[index].neuron = UInt32(truncatingIfNeeded: next &+ gap)
                next = next &+ gap &+ 1
            }
            var (spikes, withIntervals) = (UInt64(0), 0)
            unsafe decoder.read(values)
            for index in 0..<trains.count {
                let count = unsafe values[index]
                all |= count
                unsafe trains[index].count = UInt32(truncatingIfNeeded: count &+ 1)
                spikes = spikes &+ count &+ 1
                withIntervals &+= count > 0 ? 1 : 0
            }
            guard all >> 32 == 0, next <= limit, spikes == UInt64(spikeCount) else { return false }
            unsafe decoder.read(values)
            for index in 0..<trains.count { unsafe trains[index].first = values[index] }
            unsafe decoder.read(UnsafeMutableBufferPointer(rebasing: values[..<withIntervals]))
            var place = 0
            for index in 0..<trains.count {
                // `place` is at most `index`. Trains of one spike have an interval that means nothing.
                unsafe trains[index].interval = unsafe values[place]
                place &+= unsafe trains[index].count > 1 ? 1 : 0
            }
            return true
        }
    }

    /// Works out the steps, in order of neurons; false if one is not below the limit.
    private func readSteps(
        _ trains: UnsafeMutableBufferPointer<Train>,
        below limit: UInt32,
        isMean: Bool,
        from decoder: inout SymbolDecoder
    ) -> Bool {
        unsafe steps.withUnsafeMutableBufferPointer { steps in
            var check = StepCheck()
            var (train, place) = (0, 0)
            while train < trains.count {
                // Trains of about a block together.
                var (end, wanted) = (train, 0)
                repeat {
                    wanted &+= unsafe trains[end].differences
                    end &+= 1
                } while end < trains.count && wanted < Self.block
                values.grow(to: wanted, with: 0)
                unsafe values.withUnsafeMutableBufferPointer { values in
                    let values = unsafe UnsafeMutableBufferPointer(rebasing: values[..<wanted])
                    unsafe decoder.read(values)
                    // The counts add up to the number of places, and to `wanted`.
                    let part = unsafe UnsafeBufferPointer(rebasing: trains[train..<end])
                    guard let differences = unsafe UnsafePointer(values.baseAddress),
                        let first = unsafe steps.baseAddress.map({ unsafe $0 + place })
                    else { return }
                    place +=
                        isMean
                        ? unsafe putMeans(part, differences, to: first, check: &check)
                        : unsafe putIntervals(part, differences, to: first, check: &check)
                }
                train = end
            }
            return check.isInside(limit)
        }
    }
}
