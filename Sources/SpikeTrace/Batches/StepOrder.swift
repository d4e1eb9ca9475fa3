import CPrefetch

/// Puts spikes that are in order of neurons into order of (step, neuron).
///
/// First by the upper bits of the step into groups that fit the first-level cache, then each group by
/// the bits below them: both counting sorts, which keep the order of neurons. Where bits are left
/// because steps are many more than spikes, few spikes of a group are out of order, and move by
/// insertion.
@safe
final class StepOrder {
    // Scratch storage.
    private var starts: [UInt32] = []
    private var counters: [UInt32] = []
    private var grouped: [BatchSpike] = []

    /// Spikes of a group, about.
    private static let groupBits = 9
    /// Spikes of a group that are sorted by insertion, at most.
    private static let largestInsertion = 1 << 12

    /// Sorts spikes by their steps, keeping the order of neurons.
    ///
    /// - Parameters:
    ///   - spikes: In order of neurons, and of steps within each; the first ones count.
    ///   - stepCount: Every step is below.
    ///   - output: As many places as there are spikes.
    func place(
        _ spikes: [BatchSpike],
        stepCount: Int,
        output: UnsafeMutableBufferPointer<BatchSpike>
    ) {
        let count = output.count
        let bits = Int.bitWidth - (stepCount - 1).leadingZeroBitCount
        let upper = min(bits, max(1, Int.bitWidth - count.leadingZeroBitCount - Self.groupBits), 11)
        let lower = bits - upper
        if grouped.count < count {
            grouped = [BatchSpike](repeating: BatchSpike(step: 0, neuron: 0), count: count)
        }
        unsafe spikes.withUnsafeBufferPointer { spikes in
            unsafe grouped.withUnsafeMutableBufferPointer { grouped in
                let spikes = unsafe UnsafeBufferPointer(rebasing: spikes[..<count])
                let target = unsafe lower == 0 ? output : grouped
                unsafe Self.scatter(
                    spikes,
                    to: target,
                    shift: lower,
                    width: upper,
                    counters: &starts
                )
                guard lower > 0 else { return }
                var first = 0
                for group in 0..<1 << upper {
                    // The scatter has left where each group ends.
                    let end = Int(starts[group])
                    unsafe sortGroup(
                        UnsafeBufferPointer(rebasing: grouped[first..<end]),
                        to: UnsafeMutableBufferPointer(rebasing: output[first..<end]),
                        bits: lower
                    )
                    first = end
                }
            }
        }
    }

    /// Sorts a group by the lower bits of the steps.
    private func sortGroup(
        _ group: UnsafeBufferPointer<BatchSpike>,
        to output: UnsafeMutableBufferPointer<BatchSpike>,
        bits: Int
    ) {
        guard group.count > 1 else {
            if group.count == 1 { unsafe output[0] = unsafe group[0] }
            return
        }
        // About one to two counters a spike.
        let width = min(bits, 1 + Int.bitWidth - (group.count - 1).leadingZeroBitCount, 16)
        let shift = bits - width
        unsafe Self.scatter(group, to: output, shift: shift, width: width, counters: &counters)
        guard shift > 0 else { return }
        if group.count > Self.largestInsertion {
            // Many spikes in few of the steps: insertion could take forever.
            var spikes = unsafe output
            return unsafe spikes.sort { $0.bits < $1.bits }
        }
        for index in 1..<group.count {
            let spike = unsafe output[index]
            var place = index
            while place > 0, unsafe output[place &- 1].bits > spike.bits {
                unsafe output[place] = unsafe output[place &- 1]
                place &-= 1
            }
            unsafe output[place] = spike
        }
    }

    /// A stable counting sort by some bits of the step.
    ///
    /// - Parameters:
    ///   - spikes: What is sorted.
    ///   - output: As many places.
    ///   - shift: Bits below those that count.
    ///   - width: Bits that count.
    ///   - counters: Storage; afterwards where the spikes of each value of the bits end.
    @inline(__always)
    private static func scatter(
        _ spikes: UnsafeBufferPointer<BatchSpike>,
        to output: UnsafeMutableBufferPointer<BatchSpike>,
        shift: Int,
        width: Int,
        counters: inout [UInt32]
    ) {
        let shift = UInt64(shift)
        let mask = UInt64(1) << UInt64(width) - 1
        let size = 1 << width
        if counters.count < size {
            counters.append(contentsOf: repeatElement(0, count: size - counters.count))
        }
        unsafe counters.withUnsafeMutableBufferPointer { counters in
            unsafe counters[..<size].update(repeating: 0)
            // The mask keeps every value below the size.
            for index in 0..<spikes.count {
                let value = unsafe Int(truncatingIfNeeded: spikes[index].step &>> shift & mask)
                unsafe counters[value] &+= 1
            }
            var sum: UInt32 = 0
            for value in 0..<size {
                let count = unsafe counters[value]
                unsafe counters[value] = sum
                sum &+= count
            }
            guard let target = unsafe UnsafePointer(output.baseAddress) else { return }
            for index in 0..<spikes.count {
                let spike = unsafe spikes[index]
                let value = Int(truncatingIfNeeded: spike.step &>> shift & mask)
                // Each place below the count is taken once: counted just before. The next line of the group
                // is asked for, which may lie behind all.
                let place = unsafe counters[value]
                unsafe prefetch_line(target + (Int(place) &+ 8))
                unsafe output[Int(place)] = spike
                unsafe counters[value] = place &+ 1
            }
        }
    }
}
