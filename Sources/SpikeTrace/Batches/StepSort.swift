import Events

extension [Spike] {
    /// Whether the steps never decrease.
    var isSortedByStep: Bool {
        for index in indices.dropFirst() where self[index].step < self[index - 1].step {
            return false
        }
        return true
    }

    /// Sorts by step and keeps the order within a step (radix sort, 2048 buckets a pass).
    ///
    /// Channels that follow each other in order of their cores, each in order of (step, neuron),
    /// come out in canonical order.
    mutating func sortByStep() {
        guard let low = self.lazy.map(\.step).min(), let high = self.lazy.map(\.step).max() else {
            return
        }
        let bits = 64 - (high - low).leadingZeroBitCount
        var other = self
        for shift in stride(from: 0, to: bits, by: 11) {
            var places = [Int](repeating: 0, count: 2049)
            for spike in self { places[Self.digit(spike.step &- low, shift) + 1] += 1 }
            for bucket in 1...2048 { places[bucket] += places[bucket - 1] }
            for spike in self {
                let bucket = Self.digit(spike.step &- low, shift)
                other[places[bucket]] = spike
                places[bucket] += 1
            }
            swap(&self, &other)
        }
    }

    private static func digit(_ offset: UInt64, _ shift: Int) -> Int {
        Int(truncatingIfNeeded: (offset >> UInt64(shift)) & 2047)
    }
}
