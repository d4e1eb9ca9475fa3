import Events

/// How times in some unit become ticks: of 1 µs, or of the unit where that is shorter than 1 ms.
struct TimeScale {
    /// Length of a tick.
    let timeBase: TimeBase
    /// Decimal digits behind the point of a time that ticks keep.
    let digits: Int
    /// Ticks of a unit.
    let perUnit: Double

    /// Chooses ticks for times in a unit.
    init(of unit: TimeBase) {
        let digits = unit.seconds >= 1 ? 6 : unit.seconds >= 0.001 ? 3 : 0
        let power: UInt64 = digits == 6 ? 1_000_000 : digits == 3 ? 1000 : 1
        let (denominator, overflow) = unit.denominator.multipliedReportingOverflow(by: power)
        // An odd unit whose ticks have no exact length is its own tick.
        self.digits = overflow ? 0 : digits
        perUnit = overflow ? 1 : Double(power)
        timeBase = TimeBase(
            numerator: unit.numerator,
            denominator: overflow ? unit.denominator : denominator
        )
    }

    /// Ticks that are the unit itself, for whole times.
    init(exactly unit: TimeBase) {
        timeBase = unit
        digits = 0
        perUnit = 1
    }

    /// The tick nearest to a time; nil if it is no finite number or does not fit 61 bits.
    @inline(__always)
    func ticks(_ time: Double) -> Int64? { Self.ticks(time, perUnit: perUnit) }

    /// The tick nearest to a time; nil if it is no finite number or does not fit 61 bits.
    @inline(__always)
    static func ticks(_ time: Double, perUnit: Double) -> Int64? {
        let ticks = (time * perUnit).rounded()
        return abs(ticks) < 0x1p61 ? Int64(ticks) : nil
    }
}
