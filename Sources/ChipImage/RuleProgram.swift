public import ChipSpec

/// A learning rule as its engine runs it: what a core's rule memory is loaded with.
///
/// The compiler makes it from the text of a rule (`docs/LEARNING.md`). Either `products` or `windows`
/// is empty.
public struct RuleProgram: Sendable, Hashable, Codable {
    /// Name of the rule.
    public var name: String
    /// The rule as its author wrote it, one entry a line, for `inspect`.
    public var source: [String]
    /// Learning traces that the rule keeps, at most one for each of x1, x2, y1, y2, y3.
    public var traces: [TraceProgram]
    /// Products whose sum changes a register.
    public var products: [RuleProduct]
    /// Windows on the times of the last spikes.
    public var windows: [RuleWindow]
    /// Named amplitudes that the host sets, in the order of `RuleProduct.amplitude`.
    public var amplitudes: [String]
    /// Steps of a learning epoch, 1 or more.
    public var epoch: Int
    /// The author's name for register r; nil where the rule calls it r.
    public var thirdFactor: String?

    /// Makes a program.
    ///
    /// - Parameters:
    ///   - name: Name of the rule.
    ///   - source: Its text.
    ///   - traces: Learning traces.
    ///   - products: Products.
    ///   - windows: Windows on last spikes.
    ///   - amplitudes: Named amplitudes.
    ///   - epoch: Steps of a learning epoch.
    ///   - thirdFactor: The author's name for register r.
    public init(
        name: String,
        source: [String],
        traces: [TraceProgram],
        products: [RuleProduct],
        windows: [RuleWindow],
        amplitudes: [String],
        epoch: Int = 1,
        thirdFactor: String? = nil
    ) {
        self.name = name
        self.source = source
        self.traces = traces
        self.products = products
        self.windows = windows
        self.amplitudes = amplitudes
        self.epoch = epoch
        self.thirdFactor = thirdFactor
    }

    /// Every register the rule reads, in the order of `RuleVariable.allCases`.
    public var registersRead: [RuleVariable] {
        var read = Set(products.flatMap { $0.factors.map(\.variable) })
        for product in products {
            switch product.trigger {
            case .x0: read.insert(.x0)
            case .y0: read.insert(.y0)
            case .every: break
            }
        }
        if !windows.isEmpty { read.formUnion([.x0, .y0, .lastPre, .lastPost]) }
        return RuleVariable.allCases.filter(read.contains)
    }
}

/// A learning trace: bumped by spikes, decaying from step to step.
public struct TraceProgram: Sendable, Hashable, Codable {
    /// x1, x2, y1, y2 or y3.
    public var register: RuleVariable
    /// What a spike adds; the register saturates.
    ///
    /// Loihi adds the fraction stochastically.
    public var impulse: Double
    /// Time constant in steps.
    ///
    /// 0 clears the trace each step, nil never decays.
    public var tau: Double?
    /// How the trace falls: by a factor, or by a constant each step (a triangular window).
    public var shape: TraceShape

    /// Makes a trace.
    ///
    /// - Parameters:
    ///   - register: x1, x2, y1, y2 or y3.
    ///   - impulse: What a spike adds.
    ///   - tau: Time constant in steps.
    ///   - shape: How the trace falls.
    public init(
        register: RuleVariable,
        impulse: Double,
        tau: Double?,
        shape: TraceShape = .exponential
    ) {
        self.register = register
        self.impulse = impulse
        self.tau = tau
        self.shape = shape
    }
}

/// How a learning trace falls.
public enum TraceShape: String, Sendable, Hashable, Codable, CaseIterable {
    /// By the factor exp(−1/tau) a step; spikes add up.
    case exponential
    /// By impulse/tau a step, to 0 after tau steps; a spike sets it back to the impulse.
    case triangular
}

/// When a product is evaluated.
public enum RuleTrigger: Sendable, Hashable, Codable {
    /// At a presynaptic spike.
    case x0
    /// At a postsynaptic spike.
    case y0
    /// At the end of every `epochs`-th learning epoch.
    case every(epochs: Int)
}

/// A register of the synapse that a rule changes.
public enum RuleTarget: String, Sendable, Hashable, Codable, CaseIterable {
    /// Weight.
    case w
    /// Delay.
    case d
    /// Tag.
    case t
}

/// One product: mantissa · 2^exponent · amplitude · Π (variable + constant).
///
/// In units of the weight's lowest visible bit.
public struct RuleProduct: Sendable, Hashable, Codable {
    /// What it changes.
    public var target: RuleTarget
    /// When.
    public var trigger: RuleTrigger
    /// Sign and digits of the coefficient.
    public var mantissa: Int
    /// Binary exponent of the coefficient.
    public var exponent: Int
    /// Index in `RuleProgram.amplitudes`; nil is 1.
    public var amplitude: Int?
    /// Factors, the trigger not among them.
    public var factors: [RuleFactor]

    /// Makes a product.
    ///
    /// - Parameters:
    ///   - target: What it changes.
    ///   - trigger: When.
    ///   - mantissa: Sign and digits of the coefficient.
    ///   - exponent: Binary exponent of the coefficient.
    ///   - amplitude: Index in `RuleProgram.amplitudes`.
    ///   - factors: Factors, the trigger not among them.
    public init(
        target: RuleTarget = .w,
        trigger: RuleTrigger,
        mantissa: Int,
        exponent: Int,
        amplitude: Int? = nil,
        factors: [RuleFactor]
    ) {
        self.target = target
        self.trigger = trigger
        self.mantissa = mantissa
        self.exponent = exponent
        self.amplitude = amplitude
        self.factors = factors
    }
}

/// A factor of a product: variable + constant, or the sign of that sum.
public struct RuleFactor: Sendable, Hashable, Codable {
    /// The register.
    public var variable: RuleVariable
    /// Added to the register's value.
    public var constant: Int
    /// Whether only the sign counts: −1, 0 or 1.
    public var isSign: Bool

    /// Makes a factor.
    ///
    /// - Parameters:
    ///   - variable: The register.
    ///   - constant: Added to its value.
    ///   - isSign: Whether only the sign counts.
    public init(_ variable: RuleVariable, constant: Int = 0, isSign: Bool = false) {
        self.variable = variable
        self.constant = constant
        self.isSign = isSign
    }
}

/// One line of a rule on last spikes: a constant for each pair of spikes in a window.
public struct RuleWindow: Sendable, Hashable, Codable {
    /// What it changes.
    public var target: RuleTarget
    /// Which spike closes the pair: x0 counts Δ = t_pre − t_post, y0 counts Δ = t_post − t_pre.
    public var trigger: RuleTrigger
    /// Sign and digits of the coefficient, in units of the weight's lowest visible bit.
    public var mantissa: Int
    /// Binary exponent of the coefficient.
    public var exponent: Int
    /// Index in `RuleProgram.amplitudes`; nil is 1.
    public var amplitude: Int?
    /// Smallest Δ in steps that counts, 0 or more.
    public var firstStep: Int
    /// Largest Δ in steps that counts.
    public var lastStep: Int
    /// Whether the partner's spike must be newer than the last spike of the one that closes the pair.
    public var requiresNewerPartner: Bool
    /// Whether a pair whose neurons both spike in the step gets no update in that step.
    public var skipsTies: Bool

    /// Makes a window.
    ///
    /// - Parameters:
    ///   - target: What it changes.
    ///   - trigger: Which spike closes the pair.
    ///   - mantissa: Sign and digits of the coefficient.
    ///   - exponent: Binary exponent of the coefficient.
    ///   - amplitude: Index in `RuleProgram.amplitudes`.
    ///   - firstStep: Smallest Δ.
    ///   - lastStep: Largest Δ.
    ///   - requiresNewerPartner: Whether the partner must be newer than the own last spike.
    ///   - skipsTies: Whether pairs that spike together are left out.
    public init(
        target: RuleTarget = .w,
        trigger: RuleTrigger,
        mantissa: Int,
        exponent: Int,
        amplitude: Int? = nil,
        firstStep: Int,
        lastStep: Int,
        requiresNewerPartner: Bool,
        skipsTies: Bool
    ) {
        self.target = target
        self.trigger = trigger
        self.mantissa = mantissa
        self.exponent = exponent
        self.amplitude = amplitude
        self.firstStep = firstStep
        self.lastStep = lastStep
        self.requiresNewerPartner = requiresNewerPartner
        self.skipsTies = skipsTies
    }
}
