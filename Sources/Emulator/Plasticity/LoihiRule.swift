import ChipImage
import ChipSpec

/// A rule as the engine `loihi` runs it: products by target, with the shifts of the accumulator.
struct LoihiRule {
    /// Bits of the accumulator, without its sign.
    static let accumulatorBits = 15
    /// Bits of a mantissa.
    static let mantissaBits = 4
    /// Bits that the accumulator has below the lowest bit of a weight, delay or tag.
    static let fractionBits: Int32 = 7

    /// A register of one neuron, synapse or rule.
    enum Operand {
        case x0, y0
        /// x1, x2.
        case x(Int)
        /// y1, y2, y3.
        case y(Int)
        case w, d, t
        case reward

        /// Bits, without a sign, of the value after its constant was added.
        var bits: Int {
            switch self {
            case .x0, .y0: 1
            case .x, .y: 7
            case .w, .d, .t: 9
            case .reward: 8
            }
        }
    }

    struct Factor {
        var operand: Operand
        var constant: Int32
        var isSign: Bool
        var lowest: Int32
        var highest: Int32

        /// The factor for a value of its register.
        @inline(__always)
        func callAsFunction(_ value: Int32) -> Int32 {
            let sum = value &+ constant
            return min(max(isSign ? sum.signum() : sum, lowest), highest)
        }
    }

    struct Product {
        var trigger: RuleTrigger
        /// −8...7.
        var mantissa: Int32
        /// 0...15: the exponent + 7.
        var leftShift: Int32
        /// Brings the product back into the accumulator.
        var rightShift: Int32
        var factors: Range<Int>
    }

    /// Saturates a sum at the rails of the accumulator.
    @inline(__always)
    static func clamp(_ sum: Int32) -> Int32 { min(max(sum, -32769), 32767) }

    private let program: RuleProgram
    private var amplitudes: [Double]
    /// Sorted by target, in the author's order within one.
    private(set) var products: [Product] = []
    private(set) var factors: [Factor] = []
    /// Products of w, d and t.
    private(set) var targets: [Range<Int>] = []
    var reward: Int32 = 0

    /// Compiles a program.
    ///
    /// - Parameter program: Of products alone, with registers that the engine has.
    init(_ program: RuleProgram) {
        precondition(program.windows.isEmpty, "the loader refuses windows on the engine loihi")
        self.program = program
        amplitudes = .init(repeating: 0, count: program.amplitudes.count)
        compile()
    }

    /// Steps of an epoch.
    var epoch: Int { program.epoch }

    /// Sets a named amplitude, in visible lowest bits.
    mutating func setAmplitude(_ index: Int, _ value: Double) {
        amplitudes[index] = value
        compile()
    }

    private mutating func compile() {
        products = []
        factors = []
        targets = RuleTarget.allCases.map { target in
            let first = products.count
            for product in program.products where product.target == target { append(product) }
            return first..<products.count
        }
    }

    private mutating func append(_ product: RuleProduct) {
        let first = factors.count
        var bits = Self.mantissaBits
        for factor in product.factors {
            let operand = Self.operand(factor.variable)
            bits += operand.bits
            factors.append(
                Factor(
                    operand: operand,
                    // Far beyond every register: sums stay within 32 bits and clamp alike.
                    constant: Int32(min(max(factor.constant, -(1 << 20)), 1 << 20)),
                    isSign: factor.isSign,
                    lowest: -(1 << Int32(operand.bits)),
                    highest: (1 << Int32(operand.bits)) - 1
                )
            )
        }
        let (mantissa, exponent) = coefficient(product)
        products.append(
            Product(
                trigger: product.trigger,
                mantissa: mantissa,
                leftShift: exponent + 7,
                rightShift: Int32(min(max(0, bits - Self.accumulatorBits), 31)),
                factors: first..<factors.count
            )
        )
    }

    /// Mantissa and exponent as written; with an amplitude the finest pair that holds the product.
    private func coefficient(_ product: RuleProduct) -> (mantissa: Int32, exponent: Int32) {
        guard let amplitude = product.amplitude else {
            precondition(
                (-8...7).contains(product.mantissa) && (-7...8).contains(product.exponent),
                "the loader refuses coefficients that the engine loihi cannot hold"
            )
            return (Int32(product.mantissa), Int32(product.exponent))
        }
        let scale = Double(sign: .plus, exponent: product.exponent, significand: 1)
        let value = Double(product.mantissa) * scale * amplitudes[amplitude]
        for exponent in -7...8 {
            let unit = Double(sign: .plus, exponent: exponent, significand: 1)
            let mantissa = (value / unit).rounded(.toNearestOrAwayFromZero)
            if (-8...7).contains(mantissa) { return (Int32(mantissa), Int32(exponent)) }
        }
        return (value < 0 ? -8 : 7, 8)
    }

    private static func operand(_ variable: RuleVariable) -> Operand {
        switch variable {
        case .x0: return .x0
        case .y0: return .y0
        case .x1: return .x(0)
        case .x2: return .x(1)
        case .y1: return .y(0)
        case .y2: return .y(1)
        case .y3: return .y(2)
        case .w: return .w
        case .d: return .d
        case .t: return .t
        case .r: return .reward
        case .v, .u, .calcium, .refractory, .e, .lastPre, .lastPost:
            preconditionFailure("the loader refuses registers that the engine loihi lacks")
        }
    }
}
