public import ChipImage
public import ChipSpec
public import NetworkIR

/// Turns the text of a learning rule into the program of a chip's engine (`docs/LEARNING.md`).
public enum RuleCompiler {
    /// Compiles a rule.
    ///
    /// - Parameters:
    ///   - rule: As its author wrote it.
    ///   - chip: Whose engine is to run it.
    /// - Returns: The program.
    /// - Throws: `RuleError` with the place of the first thing that is wrong.
    public static func program(
        for rule: LearningRule,
        on chip: ChipSpec
    ) throws(RuleError) -> RuleProgram {
        guard let spec = chip.learning else {
            throw RuleError(
                file: rule.file,
                line: 0,
                column: 0,
                key: "",
                what: "Rule '\(rule.name)' cannot run: chip '\(chip.name)' has no learning engine.",
                advice: "Choose a chip with a section 'learning', for example pilot."
            )
        }
        var builder = RuleBuilder(rule: rule, spec: spec, chip: chip.name)
        return try builder.program()
    }

    /// A program as text: lines that compile to the program again.
    ///
    /// - Parameter program: A program.
    /// - Returns: `x1: impulse 32, tau 10` and `dw = …`, one entry a line.
    public static func listing(_ program: RuleProgram) -> [String] {
        program.traces.map { trace in
            let tau = trace.tau.map { ", tau \(plain($0))" } ?? ", never decays"
            let shape = trace.shape == .exponential ? "" : ", \(trace.shape.rawValue)"
            return "\(trace.register.rawValue): impulse \(plain(trace.impulse))\(tau)\(shape)"
        } + program.source
    }

    private static func plain(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
    }
}

private struct RuleBuilder {
    let rule: LearningRule
    let spec: LearningSpec
    let chip: String
    private var traces: [TraceProgram] = []
    private var products: [RuleProduct] = []
    private var windows: [RuleWindow] = []
    private var amplitudes: [String] = []
    private var source: [String] = []
    private var epoch = 1
    private var thirdFactor: String?
    private var firstWindow: LearningRuleEntry?
    private var firstProduct: LearningRuleEntry?

    init(rule: LearningRule, spec: LearningSpec, chip: String) {
        self.rule = rule
        self.spec = spec
        self.chip = chip
    }

    private func refusal(
        _ entry: LearningRuleEntry?,
        at offset: Int = 0,
        _ what: String,
        _ advice: String = ""
    ) -> RuleError {
        RuleError(
            file: rule.file,
            line: entry?.line ?? 0,
            column: (entry?.column ?? 1) + offset,
            key: entry?.key ?? "",
            what: what,
            advice: advice
        )
    }

    mutating func program() throws(RuleError) -> RuleProgram {
        for entry in rule.entries where entry.key == "epoch" {
            guard let value = Int(entry.text), (1...spec.longestEpochInSteps).contains(value) else {
                throw refusal(
                    entry,
                    "The learning epoch is \(entry.text). On chip '\(chip)' it lies in "
                        + "1...\(spec.longestEpochInSteps) steps.",
                    "Leave the key out for an update at every step."
                )
            }
            epoch = value
        }
        for entry in rule.entries where entry.key == "thirdFactor" { thirdFactor = entry.text }
        try readTraces()
        for entry in rule.entries {
            guard let target = Self.target(of: entry.key) else { continue }
            try read(entry, target)
        }
        guard !products.isEmpty || !windows.isEmpty else {
            throw refusal(
                nil,
                "The rule changes nothing. It must have dw, dd or dt.",
                "Add dw: ..."
            )
        }
        if let entry = firstWindow, firstProduct != nil {
            throw refusal(
                entry,
                "The rule mixes products and windows. It must be one or the other.",
                "Write the products as windows, or use learning traces throughout."
            )
        }
        let count = products.count + windows.count
        guard count <= spec.maximumProducts else {
            throw refusal(
                firstProduct ?? firstWindow,
                "The rule has \(count) products. Chip '\(chip)' holds \(spec.maximumProducts).",
                "Drop the smallest ones."
            )
        }
        try refuseUnusedTraces()
        return RuleProgram(
            name: rule.name,
            source: source,
            traces: traces,
            products: products,
            windows: windows,
            amplitudes: amplitudes,
            epoch: epoch
        )
    }

    private static func target(of key: String) -> RuleTarget? {
        switch key {
        case "dw": .w
        case "dd": .d
        case "dt": .t
        default: nil
        }
    }

    // MARK: Traces

    private mutating func readTraces() throws(RuleError) {
        for register in [RuleVariable.x1, .x2, .y1, .y2, .y3] {
            let fields = rule.entries.filter { $0.key.hasPrefix(register.rawValue + ".") }
            guard let first = fields.first else { continue }
            guard spec.registers.contains(register) else { throw absent(register, first, at: 0) }
            guard let impulse = fields.first(where: { $0.key.hasSuffix(".impulse") }) else {
                throw refusal(first, "\(register.rawValue) has no impulse.", "Add impulse: 32.")
            }
            let top = (1 << spec.traceBits) - 1
            guard let value = Double(impulse.text), value > 0, value <= Double(top),
                value == value.rounded() || spec.engine == .loihi
            else {
                throw refusal(
                    impulse,
                    "The impulse is \(impulse.text). A learning trace of chip '\(chip)' has "
                        + "\(spec.traceBits) bits: the impulse is a whole number in 1...\(top).",
                    "Choose about a quarter of the range, so that a few spikes add up."
                )
            }
            var tau: Double?
            if let entry = fields.first(where: { $0.key.hasSuffix(".tau") }) {
                guard let value = Double(entry.text), value >= 0, value <= 1e6 else {
                    throw refusal(
                        entry,
                        "The time constant is \(entry.text). It is a number of steps in 0...1e6.",
                        "0 clears the trace each step; leave it out for a trace that stays."
                    )
                }
                tau = value
            }
            var shape = TraceShape.exponential
            if let entry = fields.first(where: { $0.key.hasSuffix(".shape") }) {
                guard let known = TraceShape(rawValue: entry.text) else {
                    throw refusal(
                        entry,
                        "The shape is \(entry.text). It is exponential or triangular.",
                        ""
                    )
                }
                shape = known
                if shape == .triangular {
                    let fall = value / (tau ?? 0)
                    guard spec.engine == .pilot, let tau, tau >= 1, fall == fall.rounded() else {
                        throw refusal(
                            entry,
                            "A triangular trace falls by impulse/tau a step, which must be a whole "
                                + "number, on the engine pilot alone.",
                            "Choose an impulse that is a multiple of tau."
                        )
                    }
                }
            }
            traces.append(TraceProgram(register: register, impulse: value, tau: tau, shape: shape))
        }
    }

    private func refuseUnusedTraces() throws(RuleError) {
        let read = Set(products.flatMap { $0.factors.map(\.variable) })
        for trace in traces where !read.contains(trace.register) {
            let name = trace.register.rawValue
            throw refusal(
                rule.entries.first { $0.key.hasPrefix(name + ".") },
                "\(name) is declared, but no product reads it. Traces cost registers and energy.",
                "Use it, or delete it."
            )
        }
    }

    private func absent(
        _ register: RuleVariable,
        _ entry: LearningRuleEntry,
        at offset: Int
    ) -> RuleError {
        refusal(
            entry,
            at: offset,
            "Chip '\(chip)' has no register \(register.rawValue). Its engine reads "
                + "\(spec.registers.map(\.rawValue).joined(separator: ", ")).",
            "Write the rule with these, or choose another chip."
        )
    }

    // MARK: Lines

    private mutating func read(_ entry: LearningRuleEntry, _ target: RuleTarget) throws(RuleError) {
        let builder = self
        var parser = try RuleParser(entry.text) { offset, what, advice in
            builder.refusal(entry, at: offset, what, advice)
        }
        let line = try parser.line()
        source.append("\(entry.key) = \(entry.text)")
        if target != .w {
            let register = target == .d ? RuleVariable.d : .t
            guard spec.registers.contains(register) else { throw absent(register, entry, at: 0) }
        }
        if let condition = line.condition {
            firstWindow = firstWindow ?? entry
            try readWindow(line, condition, entry, target)
            return
        }
        firstProduct = firstProduct ?? entry
        for product in line.products { try readProduct(product, entry, target) }
    }

    private mutating func readWindow(
        _ line: RuleSyntax,
        _ condition: RuleSyntax.Condition,
        _ entry: LearningRuleEntry,
        _ target: RuleTarget
    ) throws(RuleError) {
        guard spec.longestWindowInSteps > 0 else {
            throw refusal(
                entry,
                at: condition.offset,
                "Chip '\(chip)' keeps no times of last spikes, so that it has no windows.",
                "Write the rule with learning traces."
            )
        }
        guard condition.first >= 0, condition.first <= condition.last,
            condition.last <= spec.longestWindowInSteps
        else {
            throw refusal(
                entry,
                at: condition.offset,
                "The window spans \(condition.first)...\(condition.last) steps. On chip '\(chip)' it "
                    + "lies in 0...\(spec.longestWindowInSteps) and must hold a step.",
                "Write for example 0 < t_pre - t_post <= 6."
            )
        }
        for product in line.products {
            let coefficient = try coefficient(of: product, entry)
            guard coefficient.factors.isEmpty, coefficient.trigger == nil else {
                throw refusal(
                    entry,
                    at: product.offset,
                    "A window has a constant or a named amplitude before its 'if', no register.",
                    "Write for example +eta if 0 < t_pre - t_post <= 6."
                )
            }
            windows.append(
                RuleWindow(
                    target: target,
                    trigger: condition.isPreMinusPost ? .x0 : .y0,
                    mantissa: coefficient.mantissa,
                    exponent: coefficient.exponent,
                    amplitude: coefficient.amplitude,
                    firstStep: condition.first,
                    lastStep: condition.last,
                    requiresNewerPartner: condition.isNewer,
                    skipsTies: condition.isUntied
                )
            )
        }
    }

    private mutating func readProduct(
        _ product: RuleSyntax.Product,
        _ entry: LearningRuleEntry,
        _ target: RuleTarget
    ) throws(RuleError) {
        let parts = try coefficient(of: product, entry)
        guard let trigger = parts.trigger else {
            throw refusal(
                entry,
                at: product.offset,
                "The product has no trigger. One of its factors must be x0 (presynaptic spike), y0 "
                    + "(postsynaptic spike) or uk (every 2^k epochs).",
                "Multiply by x0 or y0."
            )
        }
        products.append(
            RuleProduct(
                target: target,
                trigger: trigger,
                mantissa: parts.mantissa,
                exponent: parts.exponent,
                amplitude: parts.amplitude,
                factors: parts.factors
            )
        )
    }

    private struct Parts {
        var trigger: RuleTrigger?
        var mantissa = 1
        var exponent = 0
        var amplitude: Int?
        var factors: [RuleFactor] = []
    }

    private mutating func coefficient(
        of product: RuleSyntax.Product,
        _ entry: LearningRuleEntry
    ) throws(RuleError) -> Parts {
        var parts = Parts()
        var number = product.isNegative ? -1.0 : 1.0
        var exponent = 0
        for (factor, offset) in product.factors {
            switch factor {
            case .number(let value): number *= value
            case .power(let k):
                guard (-64...64).contains(k) else {
                    throw refusal(entry, at: offset, "2^\(k) is out of range: k lies in -64...64.")
                }
                exponent += k
            case .sign(let name, let constant):
                parts.factors.append(
                    RuleFactor(
                        try register(name, entry, offset),
                        constant: constant,
                        isSign: true
                    )
                )
            case .shifted(let name, let constant):
                parts.factors.append(
                    RuleFactor(try register(name, entry, offset), constant: constant)
                )
            case .name(let name):
                try take(name, entry, offset, &parts)
            }
        }
        guard number != 0 else {
            throw refusal(entry, at: product.offset, "The product is always 0.", "Delete it.")
        }
        let bits = spec.engine == .loihi ? 3 : 15
        (parts.mantissa, parts.exponent) = try digits(number, exponent, bits, entry, product.offset)
        return parts
    }

    private mutating func take(
        _ name: String,
        _ entry: LearningRuleEntry,
        _ offset: Int,
        _ parts: inout Parts
    ) throws(RuleError) {
        if let trigger = Self.trigger(name) {
            let isSpike = name == "x0" || name == "y0"
            if parts.trigger == nil {
                if isSpike { _ = try register(name, entry, offset) }
                parts.trigger = trigger
            } else if isSpike, parts.trigger != trigger {
                // A second spike is a factor: both sides in one step.
                parts.factors.append(RuleFactor(try register(name, entry, offset)))
            } else {
                throw refusal(
                    entry,
                    at: offset,
                    "The product has two triggers, \(name) the second.",
                    "Keep one of x0, y0, uk."
                )
            }
            return
        }
        let isRegister = RuleVariable(rawValue: name) != nil || name == thirdFactor
        if isRegister {
            parts.factors.append(RuleFactor(try register(name, entry, offset)))
            return
        }
        let registerNames = RuleVariable.allCases.map(\.rawValue)
        if name.count <= 2, name.last?.isNumber ?? false {
            throw refusal(
                entry,
                at: offset,
                "'\(name)' is no register. Registers are \(registerNames.joined(separator: ", ")).",
                NearestName.of(name, among: registerNames).map { "Did you mean \($0)?" } ?? ""
            )
        }
        guard parts.amplitude == nil else {
            throw refusal(
                entry,
                at: offset,
                "'\(name)' is a second named amplitude in the product. It may have one.",
                NearestName.of(name, among: registerNames).map { "Did you mean \($0)?" }
                    ?? "Multiply the two in the experiment."
            )
        }
        if let known = amplitudes.firstIndex(of: name) {
            parts.amplitude = known
        } else {
            amplitudes.append(name)
            parts.amplitude = amplitudes.count - 1
        }
    }

    private static func trigger(_ name: String) -> RuleTrigger? {
        if name == "x0" { return .x0 }
        if name == "y0" { return .y0 }
        guard name.first == "u", name.count > 1, let k = Int(name.dropFirst()), (0...20).contains(k)
        else { return nil }
        return .every(epochs: 1 << k)
    }

    private func register(
        _ name: String,
        _ entry: LearningRuleEntry,
        _ offset: Int
    ) throws(RuleError) -> RuleVariable {
        let named = name == thirdFactor ? "r" : name
        guard let register = RuleVariable(rawValue: named), register != .lastPre,
            register != .lastPost
        else {
            let names = RuleVariable.allCases.map(\.rawValue)
            throw refusal(
                entry,
                at: offset,
                "'\(name)' is no register. Registers are \(names.joined(separator: ", ")).",
                NearestName.of(name, among: names).map { "Did you mean \($0)?" } ?? ""
            )
        }
        guard spec.registers.contains(register) else { throw absent(register, entry, at: offset) }
        if [.x1, .x2, .y1, .y2, .y3].contains(register),
            !traces.contains(where: { $0.register == register })
        {
            throw refusal(
                entry,
                at: offset,
                "\(name) is read, but the rule does not say what its learning trace is.",
                "Add a line such as \(name): { impulse: 32, tau: 10 }."
            )
        }
        return register
    }

    /// A number as mantissa · 2^exponent with a mantissa of so many bits and a sign.
    private func digits(
        _ number: Double,
        _ exponent: Int,
        _ bits: Int,
        _ entry: LearningRuleEntry,
        _ offset: Int
    ) throws(RuleError) -> (Int, Int) {
        var mantissa = number
        var power = exponent
        var steps = 0
        while mantissa != mantissa.rounded(), steps < 40 {
            mantissa *= 2
            power -= 1
            steps += 1
        }
        while mantissa.magnitude > Double((1 << bits) - 1), steps < 1100 {
            if (mantissa / 2).rounded() != mantissa / 2 { break }
            mantissa /= 2
            power += 1
            steps += 1
        }
        let lowest = -Double(1 << bits)
        guard mantissa == mantissa.rounded(), mantissa >= lowest, mantissa <= -lowest - 1 else {
            let scale = Double(
                sign: .plus,
                exponent: max(0, number.exponent - bits + 1),
                significand: 1
            )
            let unit =
                number.exponent >= bits
                ? scale : Double(sign: .plus, exponent: number.exponent - bits + 1, significand: 1)
            let near = (number / unit).rounded() * unit
            throw refusal(
                entry,
                at: offset,
                "The coefficient \(number) has more than \(bits) bits. On chip '\(chip)' it is a signed "
                    + "\(bits + 1)-bit number times a power of two.",
                "Round it to \(near)."
            )
        }
        let range = spec.engine == .loihi ? -7...8 : -64...64
        guard range.contains(power) else {
            throw refusal(
                entry,
                at: offset,
                "The coefficient is \(Int(mantissa)) · 2^\(power). On chip '\(chip)' the exponent lies "
                    + "in \(range.lowerBound)...\(range.upperBound).",
                "Choose another coefficient."
            )
        }
        return (Int(mantissa), power)
    }
}
