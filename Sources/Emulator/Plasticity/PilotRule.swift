import ChipImage
import ChipSpec

/// A rule of one projection on the engine `pilot`, its amplitudes set.
struct PilotRule {
    /// Fraction bits of a coefficient, below the lowest bit of the weight register.
    static let fractionBits = 12

    struct Product {
        var trigger: RuleTrigger
        var coefficient: Int64
        var factors: [RuleFactor]
    }

    struct Window {
        var trigger: RuleTrigger
        var coefficient: Int64
        var firstStep: Int64
        var lastStep: Int64
        var requiresNewerPartner: Bool
        var skipsTies: Bool
    }

    let program: RuleProgram
    private let hiddenBits: Int
    private(set) var amplitudes: [Double]
    private(set) var preProducts: [Product] = []
    private(set) var postProducts: [Product] = []
    private(set) var regularProducts: [(epochs: Int, product: Product)] = []
    private(set) var preWindows: [Window] = []
    private(set) var postWindows: [Window] = []
    var reward: Int32 = 0

    init(_ program: RuleProgram, hiddenBits: Int) {
        self.program = program
        self.hiddenBits = hiddenBits
        amplitudes = [Double](repeating: 0, count: program.amplitudes.count)
        compile()
    }

    /// Sets a named amplitude, in visible lowest bits.
    mutating func setAmplitude(_ index: Int, _ value: Double) {
        amplitudes[index] = value
        compile()
    }

    private mutating func compile() {
        preProducts = []
        postProducts = []
        regularProducts = []
        preWindows = []
        postWindows = []
        for product in program.products where product.target == .w {
            let compiled = Product(
                trigger: product.trigger,
                coefficient: coefficient(product.mantissa, product.exponent, product.amplitude),
                factors: product.factors
            )
            switch product.trigger {
            case .x0: preProducts.append(compiled)
            case .y0: postProducts.append(compiled)
            case .every(let epochs): regularProducts.append((epochs, compiled))
            }
        }
        for window in program.windows where window.target == .w {
            let compiled = Window(
                trigger: window.trigger,
                coefficient: coefficient(window.mantissa, window.exponent, window.amplitude),
                firstStep: Int64(window.firstStep),
                lastStep: Int64(window.lastStep),
                requiresNewerPartner: window.requiresNewerPartner,
                skipsTies: window.skipsTies
            )
            if window.trigger == .x0 {
                preWindows.append(compiled)
            } else {
                postWindows.append(compiled)
            }
        }
    }

    /// C = nearest(mantissa · 2^exponent · amplitude · 2^(H + 12)).
    private func coefficient(_ mantissa: Int, _ exponent: Int, _ amplitude: Int?) -> Int64 {
        let scale = Double(
            sign: .plus,
            exponent: exponent + hiddenBits + Self.fractionBits,
            significand: 1
        )
        let value = Double(mantissa) * scale * (amplitude.map { amplitudes[$0] } ?? 1)
        let limit = Double(Int32.max)
        let nearest = value.rounded(.toNearestOrAwayFromZero)
        return Int64(min(max(nearest, -limit), limit))
    }
}
