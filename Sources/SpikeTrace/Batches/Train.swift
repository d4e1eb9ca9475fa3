/// The spikes of a neuron in a batch.
package struct Train {
    package var neuron: UInt32 = 0
    /// Spikes: at least one.
    package var count: UInt32 = 0
    /// Step of the first spike.
    package var first: UInt64 = 0
    /// From the first to the second spike, if there is one.
    package var interval: UInt64 = 0

    /// How many differences of intervals there are.
    package var differences: Int {
        @inline(__always) get { max(2, Int(count)) &- 2 }
    }

    /// Makes one without spikes, to be filled in.
    package init() {}
}

/// Whether steps lie within a batch.
struct StepCheck {
    /// Bits of all steps and intervals: signs and carries gather in the highest.
    var bits: UInt64 = 0
    /// The latest last step of a train.
    var latest: UInt64 = 0

    /// Whether all steps are below the limit, and none comes before the one before it.
    func isInside(_ limit: UInt32) -> Bool {
        // Where all steps and intervals are below 2^32, steps of a train never decrease.
        bits >> 32 == 0 && latest < UInt64(limit)
    }
}

/// Works out the steps of trains whose intervals are predicted by the last one.
///
/// - Parameters:
///   - trains: The trains.
///   - differences: How intervals differ from those predicted; two fewer than spikes for each train.
///   - steps: As many places as there are spikes. Steps that are outside are stored wrongly.
///   - check: Notes the steps.
/// - Returns: The number of spikes.
@inline(never)
func putIntervals(
    _ trains: UnsafeBufferPointer<Train>,
    _ differences: UnsafePointer<UInt64>,
    to steps: UnsafeMutablePointer<UInt32>,
    check: inout StepCheck
) -> Int {
    unsafe put(trains, differences, to: steps, check: &check) { train, differences, steps in
        var (step, interval) = (train.first &+ train.interval, train.interval)
        var bits: UInt64 = 0
        for index in 0..<train.differences {
            interval &+= unsafe signed(differences[index])
            step &+= interval
            bits |= interval | step
            unsafe steps[index &+ 2] = UInt32(truncatingIfNeeded: step)
        }
        return (step, bits)
    }
}

/// Works out the steps of trains whose intervals are predicted by a running mean.
@inline(never)
func putMeans(
    _ trains: UnsafeBufferPointer<Train>,
    _ differences: UnsafePointer<UInt64>,
    to steps: UnsafeMutablePointer<UInt32>,
    check: inout StepCheck
) -> Int {
    unsafe put(trains, differences, to: steps, check: &check) { train, differences, steps in
        var step = train.first &+ train.interval
        var bits: UInt64 = 0
        var predictor = IntervalPredictor(first: Int64(bitPattern: train.interval), isMean: true)
        let early = min(train.differences, IntervalPredictor.settled)
        for index in 0..<early {
            let interval = unsafe UInt64(bitPattern: predictor.next) &+ signed(differences[index])
            predictor.take(Int64(bitPattern: interval))
            step &+= interval
            bits |= interval | step
            unsafe steps[index &+ 2] = UInt32(truncatingIfNeeded: step)
        }
        var mean = predictor.mean
        for index in early..<train.differences {
            let (interval, next) = unsafe IntervalPredictor.settledStep(
                mean,
                difference: Int64(bitPattern: signed(differences[index]))
            )
            mean = next
            step &+= UInt64(bitPattern: interval)
            bits |= UInt64(bitPattern: interval) | step
            unsafe steps[index &+ 2] = UInt32(truncatingIfNeeded: step)
        }
        return (step, bits)
    }
}

/// Goes through trains.
///
/// - Parameters:
///   - trains: The trains.
///   - differences: How intervals differ from those predicted; two fewer than spikes for each train.
///   - steps: As many places as there are spikes.
///   - check: Notes the steps.
///   - rest: Works out the steps of a train from the third one on, and returns the last step and the
///     bits of all of them and of the intervals.
/// - Returns: The number of spikes.
@inline(__always)
private func put(
    _ trains: UnsafeBufferPointer<Train>,
    _ differences: UnsafePointer<UInt64>,
    to steps: UnsafeMutablePointer<UInt32>,
    check: inout StepCheck,
    rest: (Train, UnsafePointer<UInt64>, UnsafeMutablePointer<UInt32>) -> (UInt64, UInt64)
) -> Int {
    var (place, used) = (0, 0)
    var (bits, latest) = (UInt64(0), UInt64(0))
    for index in 0..<trains.count {
        let train = unsafe trains[index]
        var step = train.first
        bits |= step
        unsafe steps[place] = UInt32(truncatingIfNeeded: step)
        if train.count > 1 {
            step &+= train.interval
            bits |= train.interval | step
            unsafe steps[place &+ 1] = UInt32(truncatingIfNeeded: step)
            let (last, more) = unsafe rest(train, differences + used, steps + place)
            step = last
            bits |= more
        }
        latest = max(latest, step)
        place &+= Int(train.count)
        used &+= train.differences
    }
    check.bits |= bits
    check.latest = max(check.latest, latest)
    return place
}

/// The signed number, as bits, of one whose lowest bit says the sign.
@inline(__always)
private func signed(_ coded: UInt64) -> UInt64 {
    coded &>> 1 ^ (0 &- (coded & 1))
}
