/// Where a neuron sits on the chip: physical core and slot within the core.
///
/// External inputs have addresses too: input port `p` is the virtual core `0x8000_0000 + p`.
public struct NeuronAddress: Sendable, Hashable, Comparable, Codable {
    /// Physical core, or a virtual core of an input port.
    public var core: UInt32
    /// Slot within the core, or the channel of an input port.
    public var neuron: UInt32

    /// First virtual core; input port p is core `firstInputCore + p`.
    public static let firstInputCore: UInt32 = 0x8000_0000

    /// Makes an address.
    ///
    /// - Parameters:
    ///   - core: Physical or virtual core.
    ///   - neuron: Slot or channel.
    @inlinable
    public init(core: UInt32, neuron: UInt32) {
        self.core = core
        self.neuron = neuron
    }

    /// Whether this is a channel of an input port rather than a neuron of the chip.
    @inlinable
    public var isInput: Bool { core >= Self.firstInputCore }

    /// Order by core, then slot: inputs come after all cores of the chip.
    ///
    /// - Parameters:
    ///   - a: One address.
    ///   - b: Another.
    /// - Returns: Whether a comes first.
    @inlinable
    public static func < (a: Self, b: Self) -> Bool {
        (a.core, a.neuron) < (b.core, b.neuron)
    }
}

/// One spike: when and where.
///
/// On stepped chips the clock tick within the step is 0.
public struct Spike: Sendable, Hashable, Comparable, Codable {
    /// Time step since the start of the run.
    public var step: UInt64
    /// Clock ticks within the step; 0 on stepped chips.
    public var tick: UInt32
    /// Core, physical or virtual (`NeuronAddress`).
    public var core: UInt32
    /// Slot within the core.
    public var neuron: UInt32

    /// Makes a spike.
    ///
    /// - Parameters:
    ///   - step: Time step since the start of the run.
    ///   - tick: Clock ticks within the step.
    ///   - core: Physical or virtual core.
    ///   - neuron: Slot within the core.
    @inlinable
    public init(step: UInt64, tick: UInt32 = 0, core: UInt32, neuron: UInt32) {
        self.step = step
        self.tick = tick
        self.core = core
        self.neuron = neuron
    }

    /// Where the spike came from.
    @inlinable
    public var address: NeuronAddress { NeuronAddress(core: core, neuron: neuron) }

    /// The canonical order: step, tick, core, neuron.
    ///
    /// - Parameters:
    ///   - a: One spike.
    ///   - b: Another.
    /// - Returns: Whether a comes first.
    @inlinable
    public static func < (a: Self, b: Self) -> Bool {
        (a.step, a.tick, a.core, a.neuron) < (b.step, b.tick, b.core, b.neuron)
    }
}

/// Length of a time step as an exact rational of a second.
public struct TimeBase: Sendable, Hashable, Codable {
    /// Seconds per step, numerator; positive.
    public let numerator: UInt64
    /// Seconds per step, denominator; positive.
    public let denominator: UInt64

    /// Makes a time base in lowest terms.
    ///
    /// - Parameters:
    ///   - numerator: Positive.
    ///   - denominator: Positive.
    public init(numerator: UInt64, denominator: UInt64) {
        precondition(numerator > 0 && denominator > 0, "a time base is a positive rational")
        var (a, b) = (numerator, denominator)
        while b != 0 { (a, b) = (b, a % b) }
        self.numerator = numerator / a
        self.denominator = denominator / a
    }

    /// Reads a time base, in lowest terms or not.
    ///
    /// - Parameter decoder: Where from.
    /// - Throws: `DecodingError` if either part is missing or 0.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let numerator = try values.decode(UInt64.self, forKey: .numerator)
        let denominator = try values.decode(UInt64.self, forKey: .denominator)
        guard numerator > 0, denominator > 0 else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "a time base is a positive rational"
                )
            )
        }
        self.init(numerator: numerator, denominator: denominator)
    }

    /// Seconds per step, rounded to a Double.
    public var seconds: Double { Double(numerator) / Double(denominator) }

    /// Start of a step in nanoseconds, rounded down; wraps after 584 years.
    ///
    /// - Parameter step: Time step since the start of the run.
    /// - Returns: Nanoseconds since the start of the run.
    public func nanoseconds(atStep step: UInt64) -> UInt64 {
        let product = step.multipliedFullWidth(by: numerator)
        // (step * numerator) * 1e9 / denominator, exactly, in two divisions that cannot overflow
        // for runs below 2^64 / 1e9 seconds; beyond that the label wraps, the step stays exact.
        guard product.high < denominator else { return .max }
        let (seconds, rest) = denominator.dividingFullWidth(product)
        let nanos = denominator.dividingFullWidth(rest.multipliedFullWidth(by: 1_000_000_000))
        return seconds &* 1_000_000_000 &+ nanos.quotient
    }
}
