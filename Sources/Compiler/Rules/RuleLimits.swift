import ChipSpec

/// What the engine of a chip can hold of a rule.
struct RuleLimits {
    /// Largest k of uk.
    static let largestInterval = 20
    /// Most registers in a product, as images allow.
    static let mostFactors = 16
    /// Longest time constant where nothing else bounds it, in steps.
    static let longestTau = 1e6

    /// Name of the chip.
    let chip: String
    let engine: LearningSpec
    /// Visible bits of a weight.
    let weightBits: Int
    /// Hidden bits below.
    let hiddenBits: Int

    /// Largest value of a learning trace.
    var largestTrace: Int { (1 << engine.traceBits) - 1 }

    /// Learning traces that the engine keeps.
    var traces: [RuleVariable] {
        [.x1, .x2, .y1, .y2, .y3].filter(engine.registers.contains)
    }

    /// Signed mantissas: 16 bits in the image; 4 in Loihi's microcode (`LAVA` learning_rule.py).
    var mantissas: ClosedRange<Int> { engine.engine == .loihi ? -8...7 : -32768...32767 }
    /// Binary exponents.
    var exponents: ClosedRange<Int> { engine.engine == .loihi ? -7...8 : -64...64 }
    /// Constants beside a register.
    var constants: ClosedRange<Int> {
        engine.engine == .loihi ? -256...255 : -(1 << 31)...(1 << 31)
    }
    /// Longest time constant: the largest decay factor is 1 − 2^−n.
    var longestTau: Double {
        engine.engine == .loihi ? Self.longestTau : Double(1 << engine.traceDecayBits)
    }
    /// Registers whose sign can be taken.
    var signs: [RuleVariable] {
        engine.engine == .loihi ? [.w, .d, .t].filter(engine.registers.contains) : engine.registers
    }
    /// Registers that a rule can change.
    var targets: [RuleVariable] {
        engine.engine == .pilot ? [.w] : [.w, .d, .t].filter(engine.registers.contains)
    }
}
