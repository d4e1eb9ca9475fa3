/// Puts spikes that are in order of neurons into order of (step, neuron).
@safe
final class StepOrder {
    // Scratch storage.
    private var ends: [UInt32] = []
    private var other: [BatchSpike] = []

    /// Sorts spikes by their steps, keeping the order of neurons (counting or radix sort).
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
        let bits = Int.bitWidth - (stepCount - 1).leadingZeroBitCount
        let passes = max(1, (bits + 10) / 11)
        let width = UInt64((bits + passes - 1) / passes)
        if other.count < output.count {
            other = [BatchSpike](repeating: BatchSpike(step: 0, neuron: 0), count: output.count)
        }
        unsafe spikes.withUnsafeBufferPointer { spikes in
            unsafe other.withUnsafeMutableBufferPointer { other in
                var from = unsafe UnsafeBufferPointer(rebasing: spikes[..<output.count])
                for pass in 0..<passes {
                    // The last pass ends in the output.
                    let isEven = (passes - pass) % 2 == 0
                    let to = unsafe isEven ? other : output
                    unsafe scatter(from, to: to, shift: UInt64(pass) * width, width: width)
                    unsafe from = UnsafeBufferPointer(rebasing: to[..<output.count])
                }
            }
        }
    }

    /// One pass: a stable counting sort by some bits of the step.
    private func scatter(
        _ from: UnsafeBufferPointer<BatchSpike>,
        to: UnsafeMutableBufferPointer<BatchSpike>,
        shift: UInt64,
        width: UInt64
    ) {
        let mask = UInt64(1) << width - 1
        ends.removeAll(keepingCapacity: true)
        ends.append(contentsOf: repeatElement(0, count: 1 << width + 1))
        unsafe ends.withUnsafeMutableBufferPointer { ends in
            for index in 0..<from.count {
                let bucket = unsafe Int(truncatingIfNeeded: from[index].step &>> shift & mask)
                unsafe ends[bucket &+ 1] &+= 1
            }
            for bucket in 0..<1 << Int(width) { unsafe ends[bucket &+ 1] &+= ends[bucket] }
            for index in 0..<from.count {
                let spike = unsafe from[index]
                let bucket = Int(truncatingIfNeeded: spike.step &>> shift & mask)
                // Places below the count, each taken once: counted just before.
                let place = unsafe Int(ends[bucket])
                unsafe to[place] = spike
                unsafe ends[bucket] = UInt32(truncatingIfNeeded: place &+ 1)
            }
        }
    }
}
