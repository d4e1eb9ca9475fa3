/// Adds the charges of one step's spikes to the accumulators of a partition.
///
/// `docs/NUMERICS.md`, sections 1 and 2. Targets lie inside the accumulators by the loader's
/// construction (`HostLayout.Loader`); the order of additions is senders ascending, then image order.
///
/// - Parameters:
///   - senders: Ascending.
///   - tables: Rows by sender.
///   - charges: One a synapse, in units of the accumulator.
///   - accumulators: `[slot][accumulator]`, a ring of `slots` steps.
///   - slots: Longest delay.
///   - slot: Ring slot of the running step.
///   - rails: Lowest and highest value of an accumulator. Nil adds without looking: the loader has
///     proved that no sum reaches a rail, or the accumulator wraps when it is read.
@inline(__always)
func deliver<Charge: FixedWidthInteger & SignedInteger, Sum: FixedWidthInteger & SignedInteger>(
    senders: UnsafeBufferPointer<UInt32>,
    tables: HostTables,
    charges: UnsafePointer<Charge>,
    accumulators: UnsafeMutablePointer<Sum>,
    slots: Int,
    slot: Int,
    rails: (low: Sum, high: Sum)?
) {
    let rows = unsafe tables.senderRows.base
    let starts = unsafe tables.rowSynapses.base
    let delays = unsafe tables.rowDelay.base
    let targets = unsafe tables.targets.base
    let stride = tables.accumulatorCount
    for index in senders.indices {
        let sender = unsafe Int(senders[index])
        for row in unsafe Int(rows[sender])..<Int(rows[sender + 1]) {
            var base = unsafe accumulators
            if slots > 1 {
                var ring = unsafe slot + Int(delays[row]) - 1
                if ring >= slots { ring -= slots }
                unsafe base += ring * stride
            }
            let first = unsafe Int(starts[row])
            let end = unsafe Int(starts[row + 1])
            if let rails {
                for synapse in first..<end {
                    let target = unsafe Int(targets[synapse])
                    // Rails are within 2^29 and charges within 2^30: see HostLayout.proveRanges.
                    let sum = unsafe base[target] &+ Sum(truncatingIfNeeded: charges[synapse])
                    unsafe base[target] = min(max(sum, rails.low), rails.high)
                }
            } else {
                for synapse in first..<end {
                    let target = unsafe Int(targets[synapse])
                    unsafe base[target] &+= Sum(truncatingIfNeeded: charges[synapse])
                }
            }
        }
    }
}

/// Sums the compartments of a segment's neurons into the soma's input, and empties them.
///
/// - Parameters:
///   - accumulators: First accumulator of the segment in the slot of the running step.
///   - count: Neurons of the segment.
///   - exponents: Exponent of each compartment.
///   - fractionBits: Fraction bits of the accumulators.
///   - wrapBits: Width at which an accumulator wraps; nil where it saturates.
///   - input: Receives one sum a neuron.
@inline(__always)
func gather<Sum: FixedWidthInteger & SignedInteger, Input: FixedWidthInteger & SignedInteger>(
    accumulators: UnsafeMutablePointer<Sum>,
    count: Int,
    exponents: UnsafeBufferPointer<Int>,
    fractionBits: Int,
    wrapBits: Int?,
    input: UnsafeMutablePointer<Input>
) {
    let half = fractionBits > 0 ? Sum(1) << Sum(fractionBits - 1) : 0
    for compartment in exponents.indices {
        let exponent = unsafe exponents[compartment]
        let first = unsafe accumulators + compartment * count
        for neuron in 0..<count {
            var sum = unsafe first[neuron]
            if let wrapBits {
                // A sum that provably fits is not wider than its integer: nothing to wrap.
                let unused = Sum(max(0, Sum.bitWidth - wrapBits))
                sum = (sum &<< unused) &>> unused
            }
            let rounded = Input(truncatingIfNeeded: (sum &+ half) &>> Sum(fractionBits))
            let shifted =
                exponent >= 0 ? rounded &<< Input(exponent) : rounded &>> Input(-exponent)
            unsafe input[neuron] = compartment == 0 ? shifted : input[neuron] &+ shifted
        }
        unsafe first.update(repeating: 0, count: count)
    }
}
