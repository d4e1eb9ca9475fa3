import ChipImage
import FixedPoint

/// TrueNorth's neurons of a segment in one step: `docs/NUMERICS.md`, section 12.
///
/// Numbers and pointers only, each at the segment's first neuron: the partition owns what they point at.
/// Registers of the model lie `[register][column]` with `stride` columns.
@safe
struct TrueNorth {
    let count: Int
    let stride: Int
    let v: UnsafeMutablePointer<Int32>
    /// α.
    let threshold: UnsafePointer<Int32>
    /// λ.
    let leak: UnsafePointer<Int32>
    /// R.
    let resetPotential: UnsafePointer<Int32>
    let registers: UnsafePointer<Int32>
    let indexInPopulation: UnsafePointer<UInt32>
    /// V while the step goes on.
    let sums: UnsafeMutablePointer<Int64>
    let isActive: UnsafeMutablePointer<UInt8>
    /// Sender number of the first neuron.
    let firstSender: UInt32
    /// Receives the senders that spike, ascending.
    let spikes: UnsafeMutablePointer<UInt32>
    let stream: RandomStream
    let populationID: UInt32
    let step: UInt32
    /// −1 for each neuron that resets whatever it computes, 0 for the others; nil where those reset that
    /// spike.
    let followed: UnsafePointer<Int32>?

    private static let ceiling = Int64(TrueNorthRegisters.ceiling)
    /// Block of the draws of leak and threshold, behind sixteen for each axon type.
    private static let lastBlock: UInt32 = 64

    /// Takes over the potentials of the last step.
    func begin() {
        for k in 0..<count {
            unsafe sums[k] = Int64(v[k])
            unsafe isActive[k] = v[k] | leak[k] == 0 ? 0 : 1
        }
    }

    /// Adds the events of one axon type.
    ///
    /// - Parameters:
    ///   - type: G.
    ///   - events: Events of each neuron; none where negative.
    func integrate(_ type: Int, _ events: UnsafePointer<Int64>) {
        let weights = unsafe registers + type * stride
        let flags = unsafe registers + 4 * stride
        for k in 0..<count {
            let number = unsafe events[k]
            guard number > 0 else { continue }
            unsafe isActive[k] = 1
            let weight = unsafe Int64(weights[k])
            if unsafe flags[k] &>> Int32(type) & 1 == 0 {
                // 9 bits times at most 12.
                unsafe sums[k] &+= weight &* number
            } else {
                let hits = unsafe hits(indexInPopulation[k], type, weight.magnitude, Int(number))
                unsafe sums[k] &+= weight.signum() &* hits
            }
        }
    }

    /// Counts the events whose draw is not above the magnitude of the weight.
    private func hits(_ neuron: UInt32, _ type: Int, _ magnitude: UInt64, _ events: Int) -> Int64 {
        var hits: Int64 = 0
        var word: UInt32 = 0
        var words: Philox4x32.Block = (0, 0, 0, 0)
        for event in 0..<events {
            if event & 15 == 0 {
                let block = UInt32(type &<< 4 | event &>> 4 & 15)
                words = stream.words(neuron &<< 7 | block, populationID, step)
            }
            if event & 3 == 0 {
                word =
                    switch event &>> 2 & 3 {
                    case 0: words.0
                    case 1: words.1
                    case 2: words.2
                    default: words.3
                    }
            }
            if magnitude >= UInt64(word & 0xFF) { hits &+= 1 }
            word &>>= 8
        }
        return hits
    }

    /// Counts the neurons that had a potential, a leak or an event.
    func countActive() -> Int {
        var active = 0
        for k in 0..<count { unsafe active &+= Int(isActive[k]) }
        return active
    }

    /// Leak, threshold and reset.
    ///
    /// - Returns: Number of spikes.
    func fire() -> Int {
        var spikeCount = 0
        for k in 0..<count {
            let flags = unsafe registers[4 * stride + k]
            let mask = unsafe UInt32(bitPattern: registers[5 * stride + k])
            var draws: Philox4x32.Block = (0, 0, 0, 0)
            if flags & 16 != 0 || mask != 0 {
                let neuron = unsafe indexInPopulation[k]
                draws = stream.words(neuron &<< 7 | Self.lastBlock, populationID, step)
            }
            var potential = unsafe leaked(sums[k], Int64(leak[k]), flags, draws.0 & 0xFF)
            let eta = Int64(draws.1 & mask)
            let before = potential
            let countBefore = spikeCount
            if potential > Self.ceiling {
                potential = Self.ceiling
                unsafe spikes[spikeCount] = firstSender &+ UInt32(k)
                spikeCount &+= 1
            } else {
                potential = max(potential, -Self.ceiling)
                let alpha = unsafe Int64(threshold[k]) &+ eta
                let reset = unsafe Int64(resetPotential[k])
                if potential >= alpha {
                    switch flags &>> 7 {
                    case 0: potential = reset
                    case 1: potential &-= alpha
                    default: break
                    }
                    unsafe spikes[spikeCount] = firstSender &+ UInt32(k)
                    spikeCount &+= 1
                } else {
                    let beta = unsafe Int64(registers[6 * stride + k])
                    potential = bounded(potential, beta, eta, flags, reset)
                }
            }
            if let followed = unsafe followed {
                let resets = unsafe followed[k] != 0
                if resets != (spikeCount > countBefore) {
                    potential = corrected(before, k, eta, flags, resets: resets)
                }
            }
            unsafe v[k] = Int32(truncatingIfNeeded: potential)
        }
        return spikeCount
    }

    /// The potential after a step in which the neuron did not do as the recording that it follows.
    private func corrected(
        _ before: Int64,
        _ k: Int,
        _ eta: Int64,
        _ flags: Int32,
        resets: Bool
    ) -> Int64 {
        let potential = min(max(before, -Self.ceiling), Self.ceiling)
        let reset = unsafe Int64(resetPotential[k])
        guard resets else {
            let beta = unsafe Int64(registers[6 * stride + k])
            return bounded(potential, beta, eta, flags, reset)
        }
        switch flags &>> 7 {
        case 0: return reset
        case 1: return unsafe max(potential &- (Int64(threshold[k]) &+ eta), -Self.ceiling)
        default: return potential
        }
    }

    @inline(__always)
    private func leaked(_ v: Int64, _ lambda: Int64, _ flags: Int32, _ draw: UInt32) -> Int64 {
        let isStochastic = flags & 16 != 0
        let size = isStochastic ? (lambda.magnitude >= UInt64(draw) ? 1 : 0) : abs(lambda)
        guard flags & 32 != 0 else { return v &+ lambda.signum() &* size }
        let after = v &+ lambda.signum() &* v.signum() &* size
        return after.signum() == v.signum() ? after : 0
    }

    /// The negative threshold.
    @inline(__always)
    private func bounded(
        _ v: Int64,
        _ beta: Int64,
        _ eta: Int64,
        _ flags: Int32,
        _ reset: Int64
    ) -> Int64 {
        if flags & 64 != 0 { return max(v, -beta) }
        guard v < -(beta &+ eta) else { return v }
        switch flags &>> 7 {
        case 0: return -reset
        case 1: return v &+ beta &+ eta
        default: return v
        }
    }
}
