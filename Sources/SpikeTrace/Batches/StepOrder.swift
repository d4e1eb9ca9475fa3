import CPrefetch

/// Puts spikes that are in order of neurons into order of (step, neuron).
///
/// First by the upper bits of the step into groups, then each group by the 8 or 16 bits below them:
/// counting sorts of 8 bits, which keep the order of neurons, and whose time does not hang on where
/// the spikes are. Within a group a spike is a word of 16 bits of the step above 16 bits of the
/// neuron, so that all shifts are constants, and groups of some thousands stay in the first-level
/// cache. Where that does not fit, spikes are sorted by all bits of the step, 8 at a time.
@safe
package final class StepOrder {
    // Scratch storage.
    private var ends: [UInt32] = []
    private var words: [UInt32] = []
    private var others: [UInt32] = []
    private var wide: [BatchSpike] = []

    /// Groups, at most: each has a line of memory that is being filled.
    private static let mostGroups: UInt64 = 1 << 10
    /// Spikes of a group, at least, on average: its counters cost time, too.
    private static let fewestSpikes: UInt64 = 64

    /// Makes one without storage.
    package init() {}

    /// Sorts spikes by their steps, keeping the order of neurons.
    ///
    /// - Parameters:
    ///   - steps: Of each spike, train after train; at least one.
    ///   - trains: In order of their neurons; their counts add up to the spikes.
    ///   - stepCount: Every step is below.
    ///   - neuronCount: Every neuron is below.
    ///   - output: As many places as there are spikes.
    package func place(
        _ steps: UnsafeBufferPointer<UInt32>,
        of trains: UnsafeBufferPointer<Train>,
        stepCount: UInt32,
        neuronCount: UInt32,
        output: UnsafeMutableBufferPointer<BatchSpike>
    ) {
        let most = min(Self.mostGroups, UInt64(steps.count) / Self.fewestSpikes + 1)
        let isNarrow = neuronCount <= 1 << 16
        if isNarrow && UInt64(stepCount) <= most << 8 {
            unsafe placeGroups(steps, of: trains, stepCount: stepCount, bits: 8, output: output)
        } else if isNarrow && UInt64(stepCount) <= most << 16 {
            unsafe placeGroups(steps, of: trains, stepCount: stepCount, bits: 16, output: output)
        } else {
            unsafe placeWide(steps, of: trains, stepCount: stepCount, output: output)
        }
    }

    /// Sorts by groups of steps that have all but the lowest bits in common.
    ///
    /// - Parameters:
    ///   - steps: Of each spike, train after train.
    ///   - trains: In order of their neurons, all of them below 2¹⁶.
    ///   - stepCount: Every step is below.
    ///   - bits: The lowest bits, 8 or 16: a constant to be folded.
    ///   - output: As many places as there are spikes.
    @inline(__always)
    private func placeGroups(
        _ steps: UnsafeBufferPointer<UInt32>,
        of trains: UnsafeBufferPointer<Train>,
        stepCount: UInt32,
        bits: UInt32,
        output: UnsafeMutableBufferPointer<BatchSpike>
    ) {
        let groups = Int((stepCount - 1) >> bits) + 1
        ends.grow(to: groups, with: 0)
        words.grow(to: steps.count, with: 0)
        others.grow(to: steps.count, with: 0)
        unsafe ends.withUnsafeMutableBufferPointer { ends in
            let ends = unsafe UnsafeMutableBufferPointer(rebasing: ends[..<groups])
            unsafe words.withUnsafeMutableBufferPointer { words in
                unsafe others.withUnsafeMutableBufferPointer { others in
                    unsafe group(steps, of: trains, bits: bits, ends: ends, to: words)
                    var first = 0
                    for group in 0..<groups {
                        // Grouping has left where each group ends.
                        let end = unsafe Int(ends[group])
                        guard end > first else { continue }
                        let part = unsafe UnsafeMutableBufferPointer(rebasing: words[first..<end])
                        let other = unsafe UnsafeMutableBufferPointer(
                            rebasing: others[..<(end - first)]
                        )
                        unsafe sort(part, at: 16, to: other)
                        if bits == 16 { unsafe sort(other, at: 24, to: part) }
                        unsafe spread(
                            bits == 16 ? part : other,
                            base: UInt64(group) << UInt64(bits),
                            mask: 1 << UInt64(bits) - 1,
                            to: UnsafeMutableBufferPointer(rebasing: output[first..<end])
                        )
                        first = end
                    }
                }
            }
        }
    }

    /// Sorts spikes by all bits of the step, the lowest ones first.
    private func placeWide(
        _ steps: UnsafeBufferPointer<UInt32>,
        of trains: UnsafeBufferPointer<Train>,
        stepCount: UInt32,
        output: UnsafeMutableBufferPointer<BatchSpike>
    ) {
        let bits = UInt32.bitWidth - (stepCount - 1).leadingZeroBitCount
        let passes = (bits + 7) / 8
        wide.grow(to: output.count, with: BatchSpike(step: 0, neuron: 0))
        unsafe wide.withUnsafeMutableBufferPointer { wide in
            var from = unsafe UnsafeMutableBufferPointer(rebasing: wide[..<output.count])
            var to = unsafe output
            // The last pass ends in the output.
            if passes.isMultiple(of: 2) { unsafe swap(&from, &to) }
            var spike = 0
            for index in 0..<trains.count {
                let train = unsafe trains[index]
                for _ in 0..<train.count {
                    unsafe from[spike] = unsafe BatchSpike(
                        step: UInt64(steps[spike]),
                        neuron: UInt64(train.neuron)
                    )
                    spike += 1
                }
            }
            for pass in 0..<passes {
                unsafe countingSort(from, to: to) {
                    Int(truncatingIfNeeded: $0.step &>> UInt64(8 * pass) & 0xFF)
                }
                unsafe swap(&from, &to)
            }
        }
    }
}

/// Makes counts the places where what is counted begins.
@inline(__always)
private func sumUp(_ counts: UnsafeMutableBufferPointer<UInt32>) {
    var sum: UInt32 = 0
    for index in 0..<counts.count {
        let count = unsafe counts[index]
        unsafe counts[index] = sum
        sum &+= count
    }
}

/// Puts spikes into groups of equal upper bits of the step.
///
/// - Parameters:
///   - steps: Of each spike, train after train.
///   - trains: In order of their neurons.
///   - bits: Bits of the step below the upper ones.
///   - ends: A place for each group; takes where it ends.
///   - words: Takes 16 bits of the step above the neuron; at least as many places as spikes.
@inline(__always)
private func group(
    _ steps: UnsafeBufferPointer<UInt32>,
    of trains: UnsafeBufferPointer<Train>,
    bits: UInt32,
    ends: UnsafeMutableBufferPointer<UInt32>,
    to words: UnsafeMutableBufferPointer<UInt32>
) {
    guard let target = unsafe UnsafePointer(words.baseAddress) else { return }
    unsafe ends.update(repeating: 0)
    for index in 0..<steps.count { unsafe ends[Int(steps[index] &>> bits)] &+= 1 }
    unsafe sumUp(ends)
    var spike = 0
    for index in 0..<trains.count {
        let neuron = unsafe trains[index].neuron
        let end = unsafe spike &+ Int(trains[index].count)
        while spike < end {
            let step = unsafe steps[spike]
            let group = Int(step &>> bits)
            // Each place is taken once: the groups were counted. The group's next line is asked for,
            // which may lie behind all.
            let place = unsafe ends[group]
            unsafe prefetch_line(target + (Int(place) &+ 16))
            unsafe words[Int(place)] = step &<< 16 | neuron
            unsafe ends[group] = place &+ 1
            spike &+= 1
        }
    }
}

/// A stable counting sort by 8 bits.
///
/// - Parameters:
///   - items: What is sorted.
///   - output: As many places.
///   - digit: The bits of an item: below 256.
@inline(__always)
private func countingSort<Item>(
    _ items: UnsafeMutableBufferPointer<Item>,
    to output: UnsafeMutableBufferPointer<Item>,
    by digit: (Item) -> Int
) {
    unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { counters in
        unsafe counters.initialize(repeating: 0)
        for index in 0..<items.count { unsafe counters[digit(items[index])] &+= 1 }
        unsafe sumUp(counters)
        for index in 0..<items.count {
            let item = unsafe items[index]
            let digit = digit(item)
            // Each place below the count is taken once: counted just before.
            let place = unsafe counters[digit]
            unsafe output[Int(place)] = item
            unsafe counters[digit] = place &+ 1
        }
    }
}

/// Sorts words by 8 bits.
///
/// A function by itself, so that its loops have all registers.
///
/// - Parameters:
///   - words: What is sorted.
///   - shift: 16 or 24: bits below those that count.
///   - output: As many places.
@inline(never)
private func sort(
    _ words: UnsafeMutableBufferPointer<UInt32>,
    at shift: UInt32,
    to output: UnsafeMutableBufferPointer<UInt32>
) {
    if shift == 16 {
        unsafe countingSort(words, to: output) { Int($0 &>> 16 & 0xFF) }
    } else {
        unsafe countingSort(words, to: output) { Int($0 &>> 24) }
    }
}

/// Makes spikes of the words of a group.
///
/// - Parameters:
///   - words: 16 bits of the step above the neuron.
///   - base: The upper bits of the step.
///   - mask: Of the lower ones.
///   - output: As many places.
@inline(never)
private func spread(
    _ words: UnsafeMutableBufferPointer<UInt32>,
    base: UInt64,
    mask: UInt64,
    to output: UnsafeMutableBufferPointer<BatchSpike>
) {
    for index in 0..<words.count {
        let word = unsafe UInt64(words[index])
        unsafe output[index] = BatchSpike(
            step: base | word &>> 16 & mask,
            neuron: word & 0xFFFF
        )
    }
}
