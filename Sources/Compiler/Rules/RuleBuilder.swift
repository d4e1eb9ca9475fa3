import ChipImage
import ChipSpec
import Diagnostics
import NetworkIR

/// Checks a rule against an engine, entry by entry, and collects its program.
struct RuleBuilder {
    private static let traceNames = ["x1", "x2", "y1", "y2", "y3"]
    private static let traceKeys = ["impulse", "tau", "shape"]
    private static let mostEntries = 256

    let rule: LearningRule
    let limits: RuleLimits
    var traces: [TraceProgram] = []
    var products: [RuleProduct] = []
    var windows: [RuleWindow] = []
    var amplitudes: [String] = []
    var thirdFactor: LearningRuleEntry?
    /// Entries whose line brought the engine to its last product, and the first of each form.
    private var firstWindow: LearningRuleEntry?
    private var firstProduct: LearningRuleEntry?

    init(rule: LearningRule, limits: RuleLimits) {
        self.rule = rule
        self.limits = limits
    }

    /// An error at a place of an entry, or of the rule.
    func refusal(
        _ code: DiagnosticCode,
        _ entry: LearningRuleEntry?,
        at offset: Int = 0,
        _ what: String,
        _ advice: String = ""
    ) -> RuleError {
        RuleError(
            code: code,
            file: rule.file,
            line: entry?.line ?? 0,
            column: entry.map { $0.column + offset } ?? 0,
            key: entry?.key ?? "",
            what: what,
            advice: advice
        )
    }

    mutating func program() throws(RuleError) -> RuleProgram {
        try checkKeys()
        let epoch = try readEpoch()
        try readThirdFactor()
        for name in Self.traceNames { try readTrace(name) }
        var source: [String] = []
        for entry in rule.entries {
            guard let target = Self.target(of: entry.key) else { continue }
            try readLine(entry, target)
            source.append("\(entry.key) = \(entry.text)")
        }
        guard !products.isEmpty || !windows.isEmpty else {
            throw refusal(
                .ruleEmpty,
                nil,
                "Rule '\(rule.name)' changes nothing. It must have dw"
                    + (limits.targets.count > 1 ? ", dd or dt." : "."),
                "Add for example dw: eta*x0*y1."
            )
        }
        try refuseUnused()
        return RuleProgram(
            name: rule.name,
            source: source,
            traces: traces,
            products: products,
            windows: windows,
            amplitudes: amplitudes,
            epoch: epoch,
            thirdFactor: thirdFactor?.text
        )
    }

    /// The program of an engine whose one rule is wired.
    func wiredProgram() throws(RuleError) -> RuleProgram {
        for entry in rule.entries where !["dw", "epoch"].contains(entry.key) {
            throw refusal(
                .ruleWired,
                entry,
                "The rule of chip '\(limits.chip)' is wired. It has the keys dw and epoch.",
                "Delete the line, or choose a chip whose rules are programs."
            )
        }
        let lines = rule.entries.filter { $0.key == "dw" }
        guard lines.count == 1, lines[0].text == "sdsp" else {
            throw refusal(
                .ruleWired,
                lines.first,
                "The rule of chip '\(limits.chip)' is wired. It must say dw: sdsp, once.",
                "Write dw: sdsp, or choose a chip whose rules are programs."
            )
        }
        return RuleProgram(
            name: rule.name,
            source: ["dw = sdsp"],
            traces: [],
            products: [],
            windows: [],
            amplitudes: [],
            epoch: try readEpoch(),
            thirdFactor: nil
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

    // MARK: Keys

    private func checkKeys() throws(RuleError) {
        let lines = ["dw", "dd", "dt"]
        let single =
            Self.traceNames.flatMap { name in Self.traceKeys.map { "\(name).\($0)" } }
            + ["epoch", "thirdFactor"]
        var seen: Set<String> = []
        for (index, entry) in rule.entries.enumerated() {
            guard index < Self.mostEntries else {
                throw refusal(
                    .ruleTooLong,
                    entry,
                    "The rule has \(rule.entries.count) entries. It may have \(Self.mostEntries).",
                    "Split it into several rules."
                )
            }
            guard (single + lines).contains(entry.key) else {
                throw refusal(
                    .ruleUnknownKey,
                    entry,
                    "A rule has no such key. Its keys are x1, x2, y1, y2, y3 (with impulse, tau, "
                        + "shape), epoch, thirdFactor, dw, dd, dt.",
                    Self.suggestion(entry.key, single + lines)
                )
            }
            guard lines.contains(entry.key) || seen.insert(entry.key).inserted else {
                throw refusal(
                    .ruleTwice,
                    entry,
                    "The key stands there twice.",
                    "Delete one of the two."
                )
            }
        }
    }

    /// The text of an entry as messages show it.
    static func shown(_ entry: LearningRuleEntry) -> String {
        let characters = entry.text.unicodeScalars.prefix(40).map {
            $0.value < 32 || $0.value == 127 ? "\u{FFFD}" : String($0)
        }
        return "'\(characters.joined())'"
    }

    static func suggestion(_ name: String, _ known: [String]) -> String {
        NearestName.of(name, among: known).map { "Did you mean \($0)?" } ?? ""
    }

    private func readEpoch() throws(RuleError) -> Int {
        guard let entry = rule.entries.first(where: { $0.key == "epoch" }) else { return 1 }
        let longest = limits.engine.longestEpochInSteps
        guard let epoch = ExactNumber(entry.text)?.integer, (1...longest).contains(epoch) else {
            throw refusal(
                .ruleValue,
                entry,
                "The learning epoch is \(Self.shown(entry)). On chip '\(limits.chip)' it is a "
                    + "whole number of steps in 1...\(longest).",
                longest == 1
                    ? "Delete the key: this chip learns in every step; uk acts in every 2^k-th."
                    : "Choose a shorter one."
            )
        }
        return epoch
    }

    private mutating func readThirdFactor() throws(RuleError) {
        guard let entry = rule.entries.first(where: { $0.key == "thirdFactor" }) else { return }
        guard limits.engine.registers.contains(.r) else { throw absent(.r, entry, at: 0) }
        guard case .name(let name)? = try? RuleToken.tokens(of: entry.text).first?.kind,
            name == entry.text, !isReserved(name)
        else {
            throw refusal(
                .ruleValue,
                entry,
                "\(Self.shown(entry)) cannot name the third factor. A name has letters, digits "
                    + "and '_', and is no register and no word of the notation.",
                "Choose for example reward."
            )
        }
        thirdFactor = entry
    }

    /// Whether a name already means something in every rule.
    func isReserved(_ name: String) -> Bool {
        RuleVariable(rawValue: name) != nil || RuleParser.keywords.contains(name)
            || Self.looksLikeRegister(name)
    }

    /// A letter of the registers and digits: `x3`, `Y1`, `u4`.
    static func looksLikeRegister(_ name: String) -> Bool {
        let digits = name.utf8.dropFirst()
        return "xyuXYU".contains(name.prefix(1)) && !digits.isEmpty
            && digits.allSatisfy { (48...57).contains($0) }
    }

    func absent(
        _ register: RuleVariable,
        _ entry: LearningRuleEntry,
        at offset: Int
    ) -> RuleError {
        refusal(
            .ruleRegisterNotOnChip,
            entry,
            at: offset,
            "Chip '\(limits.chip)' has no register \(register.rawValue). Its engine has "
                + limits.engine.registers.map(\.rawValue).joined(separator: ", ") + ".",
            "Write the rule with these, or choose another chip."
        )
    }

    // MARK: Lines

    private mutating func readLine(
        _ entry: LearningRuleEntry,
        _ target: RuleTarget
    ) throws(RuleError) {
        let targets = limits.targets.map(\.rawValue)
        guard targets.contains(target.rawValue) else {
            throw refusal(
                .ruleTargetNotOnChip,
                entry,
                "The engine of chip '\(limits.chip)' does not change \(target.rawValue). It changes "
                    + targets.joined(separator: ", ") + ".",
                "Write the rule with \(targets.map { "d" + $0 }.joined(separator: ", "))."
            )
        }
        let syntax: RuleSyntax
        do {
            syntax = try RuleParser.syntax(of: entry.text)
        } catch {
            throw refusal(.ruleSyntax, entry, at: error.offset, error.what, error.advice)
        }
        if let condition = syntax.condition {
            guard firstProduct == nil else { throw mixture(entry) }
            firstWindow = firstWindow ?? entry
            try readWindow(syntax, condition, entry, target)
        } else {
            guard firstWindow == nil else { throw mixture(entry) }
            firstProduct = firstProduct ?? entry
            for product in syntax.products { try readProduct(product, entry, target) }
        }
    }

    private func mixture(_ entry: LearningRuleEntry) -> RuleError {
        refusal(
            .ruleMixture,
            entry,
            "The rule mixes products and windows ('if'). It must be all of one form.",
            "Write it with learning traces throughout, or with windows throughout."
        )
    }

    /// Checks that the engine holds one more product or window.
    func checkRoom(_ entry: LearningRuleEntry, at offset: Int) throws(RuleError) {
        guard products.count + windows.count < limits.engine.maximumProducts else {
            throw refusal(
                .ruleTooManyProducts,
                entry,
                at: offset,
                "This is product \(products.count + windows.count + 1) of the rule. The engine of "
                    + "chip '\(limits.chip)' holds \(limits.engine.maximumProducts).",
                "Join products with the same registers, or drop the smallest."
            )
        }
    }

    private func refuseUnused() throws(RuleError) {
        let read = Set(products.flatMap { $0.factors.map(\.variable) })
        for trace in traces where !read.contains(trace.register) {
            let name = trace.register.rawValue
            throw refusal(
                .ruleUnused,
                rule.entries.first { $0.key.hasPrefix(name + ".") },
                windows.isEmpty
                    ? "\(name) is declared, and no product reads it. Traces cost registers and energy."
                    : "\(name) is declared, and windows read the times of spikes only.",
                "Delete \(name), or use it."
            )
        }
        if let entry = thirdFactor, !read.contains(.r) {
            throw refusal(
                .ruleUnused,
                entry,
                "The third factor \(entry.text) is declared, and no product reads it.",
                "Delete the key, or use it."
            )
        }
    }
}
