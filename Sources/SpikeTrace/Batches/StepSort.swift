import Events

extension [Spike] {
    /// Whether the steps never decrease.
    var isSortedByStep: Bool {
        for index in indices.dropFirst() where self[index].step < self[index - 1].step {
            return false
        }
        return true
    }

    /// Sorts the spikes of each step, which stand together.
    mutating func sortWithinSteps() {
        var start = 0
        while start < count {
            var end = start + 1
            var isSorted = true
            while end < count, self[end].step == self[start].step {
                isSorted = isSorted && !(self[end] < self[end - 1])
                end += 1
            }
            if !isSorted { self[start..<end].sort() }
            start = end
        }
    }

    /// Sorts by step and keeps the order within a step (radix sort).
    ///
    /// Channels that follow each other in order of their cores, each in order of (step, neuron),
    /// come out in canonical order.
    mutating func sortByStep() {
        guard var low = first?.step else { return }
        var high = low
        for spike in self {
            low = Swift.min(low, spike.step)
            high = Swift.max(high, spike.step)
        }
        // Passes of up to 14 bits: 16,384 buckets stay in the second-level cache.
        let bits = 64 - (high - low).leadingZeroBitCount
        let passes = (bits + 13) / 14
        guard passes > 0 else { return }
        let width = (bits + passes - 1) / passes
        for pass in 0..<passes {
            self = sorted(byBits: width, at: UInt64(pass * width), of: low)
        }
    }

    /// One pass: a stable counting sort by some bits of the distance to the lowest step.
    private func sorted(byBits width: Int, at shift: UInt64, of low: UInt64) -> [Spike] {
        let mask = UInt64(1) << UInt64(width) - 1
        var places = [Int](repeating: 0, count: 1 << width + 1)
        for spike in self { places[Int((spike.step &- low) &>> shift & mask) &+ 1] &+= 1 }
        for bucket in 1...1 << width { places[bucket] &+= places[bucket - 1] }
        return unsafe [Spike](unsafeUninitializedCapacity: count) { output, initialized in
            for spike in self {
                let bucket = Int((spike.step &- low) &>> shift & mask)
                // Each place below `count` is taken exactly once: the buckets were counted above.
                unsafe output.initializeElement(at: places[bucket], to: spike)
                places[bucket] &+= 1
            }
            initialized = count
        }
    }
}
