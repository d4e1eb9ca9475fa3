import ChipImage
import ChipSpec
import Diagnostics
import NetworkIR

// Products and windows.
extension RuleBuilder {
    /// A product taken apart.
    struct Parts {
        var trigger: RuleTrigger?
        var mantissa = 1
        var exponent = 0
        var amplitude: Int?
        var factors: [RuleFactor] = []
    }

    mutating func readProduct(
        _ product: RuleSyntax.Product,
        _ entry: LearningRuleEntry,
        _ target: RuleTarget
    ) throws(RuleError) {
        try checkRoom(entry, at: product.offset)
        let parts = try parts(of: product, entry)
        guard let trigger = parts.trigger else {
            throw refusal(
                .ruleTrigger,
                entry,
                at: product.offset,
                "The product has no trigger. One of its factors must be x0 (presynaptic spike), y0 "
                    + "(postsynaptic spike) or uk (every 2^k epochs), outside of brackets.",
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

    mutating func readWindow(
        _ line: RuleSyntax,
        _ condition: RuleSyntax.Condition,
        _ entry: LearningRuleEntry,
        _ target: RuleTarget
    ) throws(RuleError) {
        try check(condition, entry)
        for product in line.products {
            try checkRoom(entry, at: product.offset)
            for (factor, offset) in product.factors {
                switch factor {
                case .sum: throw registerInWindow(entry, offset)
                case .name(let name) where isReserved(name) || name == thirdFactor?.text:
                    throw registerInWindow(entry, offset)
                default: break
                }
            }
            let parts = try parts(of: product, entry)
            windows.append(
                RuleWindow(
                    target: target,
                    trigger: condition.isPreMinusPost ? .x0 : .y0,
                    mantissa: parts.mantissa,
                    exponent: parts.exponent,
                    amplitude: parts.amplitude,
                    firstStep: condition.first,
                    lastStep: condition.last,
                    requiresNewerPartner: condition.isNewer,
                    skipsTies: condition.isUntied
                )
            )
        }
    }

    private func registerInWindow(_ entry: LearningRuleEntry, _ offset: Int) -> RuleError {
        refusal(
            .ruleMixture,
            entry,
            at: offset,
            "Before 'if' stands a register. A window adds a number or a named amplitude.",
            "Write for example +eta if 0 < t_pre - t_post <= 6; the window is the trigger."
        )
    }

    private func check(
        _ condition: RuleSyntax.Condition,
        _ entry: LearningRuleEntry
    ) throws(RuleError) {
        let longest = limits.engine.longestWindowInSteps
        guard longest > 0 else {
            throw refusal(
                .ruleWindow,
                entry,
                at: condition.firstOffset,
                "Chip '\(limits.chip)' keeps no times of last spikes, so that it has no windows.",
                "Write the rule with learning traces."
            )
        }
        for register in [RuleVariable.lastPre, .lastPost]
        where !limits.engine.registers.contains(register) {
            throw absent(register, entry, at: condition.firstOffset)
        }
        guard condition.first >= 0 else {
            throw refusal(
                .ruleWindow,
                entry,
                at: condition.firstOffset,
                "The window begins at \(condition.first) steps. It must begin at 0 or later: the spike "
                    + "that comes second closes a pair.",
                "Write a second line for the other order of spikes."
            )
        }
        guard condition.last <= longest else {
            throw refusal(
                .ruleWindow,
                entry,
                at: condition.lastOffset,
                "The window ends at \(condition.last) steps. Chip '\(limits.chip)' counts up to "
                    + "\(longest) steps since a spike.",
                "Shorten it, or write the rule with learning traces."
            )
        }
        guard condition.first <= condition.last else {
            throw refusal(
                .ruleWindow,
                entry,
                at: condition.lastOffset,
                "The window is empty: it begins at \(condition.first) steps and ends at "
                    + "\(condition.last).",
                "Write for example 0 < t_pre - t_post <= 6."
            )
        }
        guard condition.last > 0 || !condition.isUntied else {
            throw refusal(
                .ruleWindow,
                entry,
                at: condition.lastOffset,
                "The window holds spikes of one step alone, and 'untied' leaves these out.",
                "Write a longer one."
            )
        }
    }

    // MARK: Factors

    private mutating func parts(
        of product: RuleSyntax.Product,
        _ entry: LearningRuleEntry
    ) throws(RuleError) -> Parts {
        var parts = Parts()
        var number = ExactNumber(product.isNegative ? -1 : 1)
        for (factor, offset) in product.factors {
            switch factor {
            case .number(let value):
                guard let longer = number.times(value) else {
                    throw refusal(
                        .ruleTooLong,
                        entry,
                        at: offset,
                        "The numbers of the product have too many digits. Together they have at most "
                            + "18.",
                        "Multiply them out, with powers of two as 2^k."
                    )
                }
                number = longer
            case .power(let exponent): parts.exponent += exponent
            case .sum(let name, let constant, let isSign):
                parts.factors.append(try sum(name, constant, isSign, entry, offset))
            case .name(let name): try take(name, entry, offset, &parts)
            }
            guard parts.factors.count <= RuleLimits.mostFactors else {
                throw refusal(
                    .ruleTooLong,
                    entry,
                    at: offset,
                    "The product has more than \(RuleLimits.mostFactors) registers.",
                    "Leave some out."
                )
            }
        }
        guard number.significand != 0 else {
            throw refusal(
                .ruleCoefficient,
                entry,
                at: product.offset,
                "The product is always 0.",
                "Delete it."
            )
        }
        try fit(number, &parts, entry, product.offset)
        return parts
    }

    private func sum(
        _ name: String,
        _ constant: Int,
        _ isSign: Bool,
        _ entry: LearningRuleEntry,
        _ offset: Int
    ) throws(RuleError) -> RuleFactor {
        // The bracket or sgn( comes first.
        let place = offset + (isSign ? 4 : 1)
        if Self.interval(name) != nil {
            throw refusal(
                .ruleTrigger,
                entry,
                at: offset,
                "\(name) is a trigger and has no value.",
                "Take it out of the bracket."
            )
        }
        let register = try register(name, entry, offset)
        guard limits.constants.contains(constant) else {
            throw refusal(
                .ruleConstant,
                entry,
                at: place,
                "The constant beside \(name) is \(constant). On chip '\(limits.chip)' it lies in "
                    + "\(limits.constants.lowerBound)...\(limits.constants.upperBound).",
                "Scale the rule down."
            )
        }
        if isSign,
            !limits.signs.contains(register)
                || constant != 0 && limits.engine.engine == .loihi
        {
            throw refusal(
                .ruleConstant,
                entry,
                at: offset,
                "The engine of chip '\(limits.chip)' takes the sign of "
                    + limits.signs.map(\.rawValue).joined(separator: ", ") + " alone.",
                "Write sgn(w) without a number, or choose another chip."
            )
        }
        return RuleFactor(register, constant: constant, isSign: isSign)
    }

    private mutating func take(
        _ name: String,
        _ entry: LearningRuleEntry,
        _ offset: Int,
        _ parts: inout Parts
    ) throws(RuleError) {
        if let trigger = try trigger(name, entry, offset) {
            if parts.trigger == nil {
                parts.trigger = trigger
            } else if limits.engine.engine == .loihi, let spike = RuleVariable(rawValue: name) {
                // Loihi's microcode has x0 and y0 among the factors; the first is the dependency.
                parts.factors.append(RuleFactor(spike))
            } else {
                throw refusal(
                    .ruleTrigger,
                    entry,
                    at: offset,
                    "\(name) is a second trigger. A product has one of x0, y0, uk, and happens when "
                        + "it does.",
                    Self.interval(name) == nil
                        ? "Pairs are made by traces: x0*y1 or y0*x1. For spikes of one step write "
                            + "(\(name)), which is 1 if it spikes and else 0."
                        : "Keep one of them."
                )
            }
            return
        }
        if name == thirdFactor?.text || RuleVariable(rawValue: name) != nil {
            parts.factors.append(RuleFactor(try register(name, entry, offset)))
            return
        }
        if Self.looksLikeRegister(name) { throw unknown(name, entry, offset) }
        try takeAmplitude(name, entry, offset, &parts)
    }

    private mutating func takeAmplitude(
        _ name: String,
        _ entry: LearningRuleEntry,
        _ offset: Int,
        _ parts: inout Parts
    ) throws(RuleError) {
        // A long name that is nearly a register's is a slip, not an amplitude.
        let long = registerNames.filter { $0.utf8.count > 3 }
        if name.utf8.count > 3, let near = NearestName.of(name, among: long),
            abs(near.utf8.count - name.utf8.count) <= 1,
            near.lowercased().first == name.lowercased().first
        {
            throw refusal(
                .ruleUnknownName,
                entry,
                at: offset,
                "'\(name)' is no register, and is too like \(near) to name an amplitude.",
                "Did you mean \(near)? Otherwise choose another name."
            )
        }
        guard parts.amplitude == nil else {
            let near = NearestName.of(name, among: registerNames)
            throw refusal(
                .ruleAmplitudes,
                entry,
                at: offset,
                "'\(name)' is the second named amplitude of the product, '"
                    + "\(amplitudes[parts.amplitude ?? 0])' the first. It may have one.",
                near.map { "Did you mean the register \($0)?" }
                    ?? "Set one amplitude to their product in the experiment."
            )
        }
        parts.amplitude = amplitudes.firstIndex(of: name) ?? amplitudes.count
        if parts.amplitude == amplitudes.count { amplitudes.append(name) }
    }

    /// The k of uk.
    private static func interval(_ name: String) -> Int? {
        let digits = name.utf8.dropFirst()
        guard name.first == "u", !digits.isEmpty, digits.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        return Int(name.dropFirst()) ?? .max
    }

    private func trigger(
        _ name: String,
        _ entry: LearningRuleEntry,
        _ offset: Int
    ) throws(RuleError) -> RuleTrigger? {
        switch name {
        case "x0":
            _ = try register(name, entry, offset)
            return .x0
        case "y0":
            _ = try register(name, entry, offset)
            return .y0
        default:
            guard let k = Self.interval(name) else { return nil }
            guard k <= RuleLimits.largestInterval else {
                throw refusal(
                    .ruleInterval,
                    entry,
                    at: offset,
                    "\(name.prefix(40)) acts every 2^k epochs. k lies in "
                        + "0...\(RuleLimits.largestInterval).",
                    "Choose a smaller k."
                )
            }
            let trigger = RuleTrigger.every(epochs: 1 << k)
            if limits.engine.engine == .loihi {
                for product in products {
                    guard case .every(let epochs) = product.trigger, product.trigger != trigger
                    else { continue }
                    throw refusal(
                        .ruleInterval,
                        entry,
                        at: offset,
                        "Chip '\(limits.chip)' has one k for all uk. This is u\(k) after "
                            + "u\(epochs.trailingZeroBitCount).",
                        "Use one k throughout the rule."
                    )
                }
            }
            return trigger
        }
    }

    // MARK: Registers

    /// Names by which products read registers.
    private var registerNames: [String] {
        RuleVariable.allCases.filter { ![.lastPre, .lastPost].contains($0) }.map(\.rawValue)
            + (thirdFactor.map { [$0.text] } ?? [])
    }

    private func unknown(
        _ name: String,
        _ entry: LearningRuleEntry,
        _ offset: Int
    ) -> RuleError {
        refusal(
            .ruleUnknownName,
            entry,
            at: offset,
            "'\(name)' is no register. Registers are "
                + registerNames.joined(separator: ", ") + ".",
            Self.suggestion(name, registerNames)
        )
    }

    private func register(
        _ name: String,
        _ entry: LearningRuleEntry,
        _ offset: Int
    ) throws(RuleError) -> RuleVariable {
        guard let register = RuleVariable(rawValue: name == thirdFactor?.text ? "r" : name) else {
            throw unknown(name, entry, offset)
        }
        guard ![.lastPre, .lastPost].contains(register) else {
            throw refusal(
                .ruleMixture,
                entry,
                at: offset,
                "\(name) is read by windows only.",
                "Write for example +eta if 0 < t_pre - t_post <= 6."
            )
        }
        guard limits.engine.registers.contains(register) else {
            throw absent(register, entry, at: offset)
        }
        let isTrace = [.x1, .x2, .y1, .y2, .y3].contains(register)
        guard !isTrace || traces.contains(where: { $0.register == register }) else {
            throw refusal(
                .ruleUndeclared,
                entry,
                at: offset,
                "\(name) is read, and the rule does not declare this learning trace.",
                "Add \(name): { impulse: \((limits.largestTrace + 1) / 4), tau: 10 }."
            )
        }
        return register
    }
}
