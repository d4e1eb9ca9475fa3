import Events

/// Decodes `isi2` and `mean` batches.
@safe
final class IntervalDecoder {
    // Scratch storage.
    private var neurons: [UInt32] = []
    private var counts: [UInt32] = []
    private var firsts: [UInt64] = []
    private var keys: [UInt64] = []
    private let order = StepOrder()

    /// Decodes a batch into canonical order; traps on no columns, however hostile.
    ///
    /// - Parameters:
    ///   - header: Header of the batch.
    ///   - columns: The columns; `SymbolDecoder.padding` bytes more can be read behind them.
    ///   - isMean: Whether intervals are predicted by a running mean.
    ///   - core: Core of all spikes.
    ///   - output: Takes the spikes; as many places as the header counts.
    /// - Returns: What is wrong, or nil if all spikes were decoded.
    func decode(
        _ header: BatchHeader,
        columns: UnsafeRawBufferPointer,
        isMean: Bool,
        core: UInt32,
        output: UnsafeMutableBufferPointer<Spike>
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
        var decoder = unsafe SymbolDecoder(symbols: first, raw: start + 4 + symbolCount)
        guard
            unsafe readTrains(
                neuronCount,
                below: UInt64(header.neuronCount),
                spikeCount: spikeCount,
                from: &decoder
            )
        else { return "the neurons of a batch do not fit its spikes" }
        if keys.count < spikeCount {
            keys.append(contentsOf: repeatElement(0, count: spikeCount - keys.count))
        }
        guard unsafe readSteps(below: UInt64(header.stepCount), isMean: isMean, from: &decoder)
        else { return "a spike of a batch lies after its last step" }
        unsafe order.place(keys, header: header, core: core, output: output)
        return nil
    }

    /// Reads which neurons spike how often, and when first.
    private func readTrains(
        _ neuronCount: Int,
        below limit: UInt64,
        spikeCount: Int,
        from decoder: inout SymbolDecoder
    ) -> Bool {
        neurons.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
        firsts.removeAll(keepingCapacity: true)
        var next: UInt64 = 0
        for _ in 0..<neuronCount {
            let gap = unsafe decoder.next()
            guard gap < limit, next + gap < limit else { return false }
            neurons.append(UInt32(truncatingIfNeeded: next + gap))
            next += gap + 1
        }
        var left = UInt64(spikeCount)
        for _ in 0..<neuronCount {
            let more = unsafe decoder.next()
            guard more < left else { return false }
            counts.append(UInt32(truncatingIfNeeded: more + 1))
            left -= more + 1
        }
        guard left == 0 else { return false }
        for _ in 0..<neuronCount { firsts.append(unsafe decoder.next()) }
        return true
    }

    /// Makes keys, in order of neurons; false if a step is not below the limit.
    private func readSteps(
        below limit: UInt64,
        isMean: Bool,
        from decoder: inout SymbolDecoder
    ) -> Bool {
        // First intervals come before all differences: they wait in the places of second spikes.
        var isInside = true
        unsafe keys.withUnsafeMutableBufferPointer { keys in
            var place = 0
            for index in counts.indices {
                // The counts add up to the number of places.
                if counts[index] > 1 { unsafe keys[place &+ 1] = unsafe decoder.next() }
                place &+= Int(counts[index])
            }
            place = 0
            for index in counts.indices {
                let neuron = UInt64(neurons[index])
                var step = firsts[index]
                isInside = isInside && step < limit
                unsafe keys[place] = step &<< 32 | neuron
                let end = place &+ Int(counts[index])
                place &+= 1
                guard place < end else { continue }
                var interval = unsafe Int64(truncatingIfNeeded: keys[place])
                var predictor = IntervalPredictor(first: interval, isMean: isMean)
                while true {
                    let (next, carry) = step.addingReportingOverflow(UInt64(bitPattern: interval))
                    isInside = isInside && interval >= 0 && !carry && next < limit
                    step = next
                    unsafe keys[place] = step &<< 32 | neuron
                    place &+= 1
                    guard place < end else { break }
                    let coded = unsafe decoder.next()
                    let difference = Int64(bitPattern: coded &>> 1) ^ -Int64(coded & 1)
                    interval = predictor.next &+ difference
                    predictor.take(interval)
                }
            }
        }
        return isInside
    }
}

/// Puts spikes that are in order of neurons into order of (step, neuron).
@safe
final class StepOrder {
    // Scratch storage.
    private var ends: [UInt32] = []
    private var neurons: [UInt32] = []
    private var other: [UInt64] = []

    /// Sorts keys by their steps, keeping the order of neurons (counting or radix sort).
    ///
    /// - Parameters:
    ///   - keys: Step (32 bits, below the step count) and neuron (32 bits), neurons ascending; the
    ///     first ones count.
    ///   - header: First step and step count.
    ///   - core: Core of all spikes.
    ///   - output: As many places as there are spikes.
    func place(
        _ keys: [UInt64],
        header: BatchHeader,
        core: UInt32,
        output: UnsafeMutableBufferPointer<Spike>
    ) {
        let count = output.count
        guard Int(header.stepCount) <= count / 2 + 65_536 else {
            return unsafe placeByRadix(keys, header: header, core: core, output: output)
        }
        let steps = Int(header.stepCount)
        ends.removeAll(keepingCapacity: true)
        ends.append(contentsOf: repeatElement(0, count: steps + 1))
        if neurons.count < count {
            neurons.append(contentsOf: repeatElement(0, count: count - neurons.count))
        }
        unsafe keys.withUnsafeBufferPointer { keys in
            unsafe ends.withUnsafeMutableBufferPointer { ends in
                // Every step is below `steps`, so all of this lies within.
                for index in 0..<count {
                    unsafe ends[Int(truncatingIfNeeded: keys[index] &>> 32) &+ 1] &+= 1
                }
                for step in 0..<steps { unsafe ends[step &+ 1] &+= ends[step] }
                unsafe neurons.withUnsafeMutableBufferPointer { neurons in
                    for index in 0..<count {
                        let key = unsafe keys[index]
                        let step = Int(truncatingIfNeeded: key &>> 32)
                        let place = unsafe Int(ends[step])
                        unsafe neurons[place] = UInt32(truncatingIfNeeded: key)
                        unsafe ends[step] = UInt32(truncatingIfNeeded: place &+ 1)
                    }
                    // Now ends[step] is where the next step begins.
                    var index = 0
                    for step in 0..<steps {
                        let end = unsafe Int(ends[step])
                        let time = header.firstStep &+ UInt64(step)
                        while index < end {
                            unsafe output.initializeElement(
                                at: index,
                                to: Spike(step: time, core: core, neuron: neurons[index])
                            )
                            index &+= 1
                        }
                    }
                }
            }
        }
    }

    private func placeByRadix(
        _ keys: [UInt64],
        header: BatchHeader,
        core: UInt32,
        output: UnsafeMutableBufferPointer<Spike>
    ) {
        let count = output.count
        let bits = 32 - (header.stepCount - 1).leadingZeroBitCount
        let passes = max(2, (bits + 10) / 11)
        let width = (bits + passes - 1) / passes
        if other.count < count {
            other.append(contentsOf: repeatElement(0, count: count - other.count))
        }
        var sorted = keys
        unsafe sorted.withUnsafeMutableBufferPointer { sorted in
            unsafe other.withUnsafeMutableBufferPointer { other in
                var (from, to) = unsafe (sorted, other)
                for pass in 0..<passes {
                    let shift = UInt64(32 + pass * width)
                    let mask = UInt64(1) << UInt64(width) - 1
                    var places = unsafe Self.places(from, count, at: shift, width)
                    unsafe places.withUnsafeMutableBufferPointer { places in
                        for index in 0..<count {
                            let key = unsafe from[index]
                            let bucket = Int(truncatingIfNeeded: key &>> shift & mask)
                            // Places below `count`, each taken once: counted just before.
                            let place = unsafe Int(places[bucket])
                            unsafe to[place] = key
                            unsafe places[bucket] = UInt32(truncatingIfNeeded: place &+ 1)
                        }
                    }
                    unsafe swap(&from, &to)
                }
                // Spikes are three times as large as keys: they are made in order.
                for index in 0..<count {
                    let key = unsafe from[index]
                    unsafe output.initializeElement(
                        at: index,
                        to: Spike(
                            step: header.firstStep &+ key &>> 32,
                            core: core,
                            neuron: UInt32(truncatingIfNeeded: key)
                        )
                    )
                }
            }
        }
    }

    /// Where the keys of each bucket begin.
    private static func places(
        _ keys: UnsafeMutableBufferPointer<UInt64>,
        _ count: Int,
        at shift: UInt64,
        _ width: Int
    ) -> [UInt32] {
        var places = [UInt32](repeating: 0, count: 1 << width + 1)
        let mask = UInt64(1) << UInt64(width) - 1
        unsafe places.withUnsafeMutableBufferPointer { places in
            for index in 0..<count {
                let bucket = unsafe Int(truncatingIfNeeded: keys[index] &>> shift & mask)
                unsafe places[bucket &+ 1] &+= 1
            }
        }
        for bucket in 1...1 << width { places[bucket] &+= places[bucket - 1] }
        return places
    }
}
