/// Sets the scale of a projection's weights by what its own updates say of it: `docs/NUMERICS.md`,
/// section 9.
///
/// An update that pulls weights B towards a target W, E[ΔB] = c(W − B), has E⟨ΔB, B⟩ = 0 exactly where
/// B has the scale that fits W best. A core sums ΔB · B over the synapses it holds of a projection; after
/// a period all of them are multiplied by 1 + κ⟨ΔB, B⟩/⟨B, B⟩. One sum for many synapses knows the scale
/// far sooner than each synapse by itself.
public struct GainServo: Sendable, Equatable {
    /// Fraction bits of the gain of `exact`.
    public static let fractionBits = 12

    /// How the factor follows from the sums.
    public enum Law: Sendable, Equatable {
        /// A multiplier an update and one division a period; κ with 12 fraction bits, 0 or more.
        case exact(gain: Int32)
        /// No multiplier and no divider: signs for weights, powers of two for the rest; κ = 2^exponent.
        case shifts(exponent: Int)
    }

    /// How the factor follows from the sums.
    public var law: Law
    /// Steps of a period, 1 or more.
    public var periodInSteps: Int

    /// Describes a servo.
    ///
    /// - Parameters:
    ///   - law: How the factor follows from the sums.
    ///   - periodInSteps: Steps of a period.
    public init(law: Law, periodInSteps: Int) {
        self.law = law
        self.periodInSteps = max(1, periodInSteps)
    }
}

extension GainServo {
    /// Fraction bits of the change of a factor.
    static let factorBits = 16
    /// Largest value of the registers that hold sums: 48 bits with the sign.
    package static let largestSum = Int64(1) << 47 - 1
    /// Largest change of the factor of `exact`: 0.2.
    static let largestChange = 13_107

    /// φ: a weight B becomes B + B · φ / 2^16.
    ///
    /// - Parameters:
    ///   - sum: S, within ±`largestSum`.
    ///   - size: Q, 0...`largestSum`.
    /// - Returns: The change, with 16 fraction bits.
    package func change(sum: Int64, size: Int64) -> Int64 {
        guard sum != 0, size > 0 else { return 0 }
        let magnitude: Int64
        switch law {
        case .exact(let gain):
            let scaled = UInt64(max(0, gain)) << UInt64(Self.factorBits - Self.fractionBits)
            let product = sum.magnitude.multipliedFullWidth(by: scaled)
            let divisor = UInt64(size)
            // A quotient of more than 64 bits is beyond the limit in any case.
            let quotient =
                product.high >= divisor
                ? UInt64.max : divisor.dividingFullWidth((product.high, product.low)).quotient
            magnitude = Int64(min(quotient, UInt64(Self.largestChange)))
        case .shifts(let exponent):
            let power =
                Self.factorBits + exponent + Self.digits(Int64(sum.magnitude)) - Self.digits(size)
            guard power >= 0 else { return 0 }
            // An eighth at the most.
            magnitude = 1 << Int64(min(power, Self.factorBits - 3))
        }
        return sum < 0 ? -magnitude : magnitude
    }

    /// Number of binary digits of a number of 0 or more.
    private static func digits(_ value: Int64) -> Int { Int64.bitWidth - value.leadingZeroBitCount }
}

/// The registers of a servo while it runs: one a core that holds synapses of the projection.
package struct RunningGainServo {
    let servo: GainServo
    /// Cores with synapses of the projection, as indices of the used ones.
    let cores: [Int]
    /// Steps since the last period.
    var elapsed = 0
    /// S of each used core, saturating.
    package var sums: [Int64]
    /// What the running step adds to S, exactly: |ΔB · B| < 2^33, three times a synapse and step, and a
    /// host has less than 2^28 synapses of a core.
    package var pending: [Int64]

    /// Switches a servo on.
    ///
    /// - Parameters:
    ///   - servo: How.
    ///   - cores: Cores with synapses of the projection, as indices of the used ones.
    package init(_ servo: GainServo, cores: [Int]) {
        self.servo = servo
        self.cores = cores
        sums = .init(repeating: 0, count: (cores.max() ?? -1) + 1)
        pending = sums
    }

    /// Whether updates count by the sign of the weight.
    var takesSigns: Bool {
        if case .shifts = servo.law { true } else { false }
    }

    /// Adds what the step brought; S saturates once a step, so that the order of updates is nothing.
    ///
    /// - Returns: Whether a period is over.
    package mutating func endStep() -> Bool {
        let limit = GainServo.largestSum
        for core in cores {
            sums[core] = min(max(sums[core] &+ pending[core], -limit), limit)
            pending[core] = 0
        }
        elapsed += 1
        guard elapsed == servo.periodInSteps else { return false }
        elapsed = 0
        return true
    }
}
