import Events

/// Decodes `isi2` batches.
enum IntervalDecoder {
    /// Decodes a batch into canonical order; traps on no columns, however hostile.
    ///
    /// - Parameters:
    ///   - header: Header of the batch; its spike count is at most `count`.
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
        guard columns.count >= 4 else { return "a batch is shorter than its columns" }
        let spikeCount = Int(header.spikeCount)
        let neuronCount = Int(unsafe UInt32(littleEndian: columns.loadUnaligned(as: UInt32.self)))
        let symbolCount = 2 * neuronCount + spikeCount
        guard neuronCount <= spikeCount, symbolCount <= columns.count - 4 else {
            return "a batch is shorter than its symbols"
        }
        guard let start = columns.baseAddress else { return "a batch has no columns" }
        let symbols = unsafe UnsafeBufferPointer(
            start: (start + 4).assumingMemoryBound(to: UInt8.self),
            count: symbolCount
        )
        guard
            unsafe SymbolDecoder.rawBytes(of: symbols) == columns.count - 4 - symbolCount,
            let first = symbols.baseAddress
        else { return "the raw bits of a batch do not fit its symbols" }
        var decoder = unsafe SymbolDecoder(symbols: first, raw: start + 4 + symbolCount)
        guard
            let trains = unsafe Trains(
                neuronCount: neuronCount,
                below: UInt64(header.neuronCount),
                spikeCount: spikeCount,
                from: &decoder
            )
        else { return "the neurons of a batch do not fit its spikes" }
        return unsafe trains.decode(header, from: &decoder, core: core, output: output)
    }

    /// Neurons of a batch and how many spikes each has.
    private struct Trains {
        var neurons: [UInt32] = []
        var counts: [UInt32] = []

        init?(
            neuronCount: Int,
            below limit: UInt64,
            spikeCount: Int,
            from decoder: inout SymbolDecoder
        ) {
            neurons.reserveCapacity(neuronCount)
            counts.reserveCapacity(neuronCount)
            var next: UInt64 = 0
            for _ in 0..<neuronCount {
                let gap = unsafe decoder.next()
                guard gap < limit, next + gap < limit else { return nil }
                neurons.append(UInt32(truncatingIfNeeded: next + gap))
                next += gap + 1
            }
            var left = UInt64(spikeCount)
            for _ in 0..<neuronCount {
                let more = unsafe decoder.next()
                guard more < left else { return nil }
                counts.append(UInt32(truncatingIfNeeded: more + 1))
                left -= more + 1
            }
            guard left == 0 else { return nil }
        }

        func decode(
            _ header: BatchHeader,
            from decoder: inout SymbolDecoder,
            core: UInt32,
            output: UnsafeMutableBufferPointer<Spike>
        ) -> String? {
            let limit = UInt64(header.stepCount)
            var firsts: [UInt64] = []
            firsts.reserveCapacity(counts.count)
            for _ in counts { firsts.append(unsafe decoder.next()) }
            var intervals: [UInt64] = []
            intervals.reserveCapacity(counts.count)
            for count in counts { intervals.append(count > 1 ? unsafe decoder.next() : 0) }
            var isInside = true
            var place = 0
            let keys = unsafe [UInt64](unsafeUninitializedCapacity: output.count) { keys, done in
                for index in counts.indices {
                    let neuron = UInt64(neurons[index])
                    var step = firsts[index]
                    var interval = Int64(truncatingIfNeeded: intervals[index])
                    isInside = isInside && step < limit
                    unsafe keys[place] = step &<< 32 | neuron
                    place &+= 1
                    for ordinal in 1..<max(1, Int(counts[index])) {
                        if ordinal > 1 {
                            let coded = unsafe decoder.next()
                            let half = Int64(bitPattern: coded &>> 1)
                            interval &+= half ^ -Int64(bitPattern: coded & 1)
                        }
                        let (next, carry) = step.addingReportingOverflow(
                            UInt64(bitPattern: interval)
                        )
                        isInside = isInside && interval >= 0 && !carry && next < limit
                        step = next
                        // The counts add up to `output.count`: the place exists.
                        unsafe keys[place] = step &<< 32 | neuron
                        place &+= 1
                    }
                }
                done = place
            }
            guard isInside else { return "a spike of a batch lies after its last step" }
            unsafe StepOrder.place(keys, header: header, core: core, output: output)
            return nil
        }
    }
}

/// Puts spikes that are in order of neurons into order of (step, neuron).
enum StepOrder {
    /// Sorts keys by their steps, keeping the order of neurons (counting or radix sort).
    ///
    /// - Parameters:
    ///   - keys: Step (32 bits, below the step count) and neuron (32 bits), neurons ascending.
    ///   - header: First step and step count.
    ///   - core: Core of all spikes.
    ///   - output: As many places as there are keys.
    static func place(
        _ keys: [UInt64],
        header: BatchHeader,
        core: UInt32,
        output: UnsafeMutableBufferPointer<Spike>
    ) {
        let steps = Int(header.stepCount)
        guard steps <= 4 * keys.count + 65_536 else {
            return unsafe placeByRadix(keys, header: header, core: core, output: output)
        }
        var ends = [UInt32](repeating: 0, count: steps + 1)
        for key in keys { ends[Int(truncatingIfNeeded: key &>> 32) &+ 1] &+= 1 }
        for step in 0..<steps { ends[step &+ 1] &+= ends[step] }
        let neurons = unsafe [UInt32](unsafeUninitializedCapacity: keys.count) { neurons, count in
            for key in keys {
                let step = Int(truncatingIfNeeded: key &>> 32)
                // Places of a step were counted above, so each is taken exactly once.
                let place = Int(ends[step])
                unsafe neurons.initializeElement(at: place, to: UInt32(truncatingIfNeeded: key))
                ends[step] &+= 1
            }
            count = keys.count
        }
        // Now ends[step] is where the next step begins.
        var index = 0
        for step in 0..<steps {
            let end = Int(ends[step])
            while index < end {
                unsafe output.initializeElement(
                    at: index,
                    to: Spike(
                        step: header.firstStep &+ UInt64(step),
                        core: core,
                        neuron: neurons[index]
                    )
                )
                index &+= 1
            }
        }
    }

    private static func placeByRadix(
        _ keys: [UInt64],
        header: BatchHeader,
        core: UInt32,
        output: UnsafeMutableBufferPointer<Spike>
    ) {
        let bits = 32 - (header.stepCount - 1).leadingZeroBitCount
        let passes = (bits + 10) / 11
        let width = passes == 0 ? 0 : (bits + passes - 1) / passes
        var sorted = keys
        for pass in 0..<passes {
            let shift = UInt64(32 + pass * width)
            let mask = UInt64(1) << UInt64(width) - 1
            var places = [Int](repeating: 0, count: 1 << width + 1)
            for key in sorted { places[Int(key &>> shift & mask) &+ 1] &+= 1 }
            for bucket in 1...1 << width { places[bucket] &+= places[bucket - 1] }
            sorted = unsafe [UInt64](unsafeUninitializedCapacity: keys.count) { next, count in
                for key in sorted {
                    let bucket = Int(key &>> shift & mask)
                    unsafe next.initializeElement(at: places[bucket], to: key)
                    places[bucket] &+= 1
                }
                count = keys.count
            }
        }
        for index in sorted.indices {
            let key = sorted[index]
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
