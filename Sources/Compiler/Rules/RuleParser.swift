/// Parses a line of a rule; no nesting, so no recursion.
struct RuleParser {
    /// Words that name nothing.
    static let keywords = ["if", "newer", "untied", "t_pre", "t_post", "sgn"]
    /// Most factors of a product, numbers included.
    private static let mostFactors = 32
    /// Largest whole number.
    private static let largestInteger = 1 << 31
    private static let windowAdvice = "Write for example +eta if 0 < t_pre - t_post <= 6."

    private let tokens: [RuleToken]
    private var position = 0

    /// Parses a text.
    ///
    /// - Parameter text: A line of a rule.
    /// - Returns: Its structure.
    /// - Throws: The first place that cannot be read.
    static func syntax(of text: String) throws(RuleSyntax.Failure) -> RuleSyntax {
        var parser = RuleParser(tokens: try RuleToken.tokens(of: text))
        return try parser.line()
    }

    private init(tokens: [RuleToken]) { self.tokens = tokens }

    private var token: RuleToken { tokens[position] }

    private mutating func advance() { if position < tokens.count - 1 { position += 1 } }

    private func refusal(_ wanted: String, _ advice: String = "") -> RuleSyntax.Failure {
        RuleSyntax.Failure(
            offset: token.offset,
            what: "Here stands \(token.shown). \(wanted)",
            advice: advice
        )
    }

    private mutating func take(_ sign: Unicode.Scalar) -> Bool {
        guard token.kind == .sign(sign) else { return false }
        advance()
        return true
    }

    private mutating func take(word name: String) -> Bool {
        guard token.kind == .name(name) else { return false }
        advance()
        return true
    }

    // MARK: Products

    private mutating func line() throws(RuleSyntax.Failure) -> RuleSyntax {
        guard token.kind != .end else {
            throw RuleSyntax.Failure(
                offset: 0,
                what: "The line is empty. It must be a sum of products.",
                advice: "Write for example eta*x0*y1."
            )
        }
        var products: [RuleSyntax.Product] = []
        var isNegative = take("-")
        if !isNegative { _ = take("+") }
        while true {
            products.append(try product(isNegative: isNegative))
            if take("+") {
                isNegative = false
            } else if take("-") {
                isNegative = true
            } else {
                break
            }
        }
        let condition = take(word: "if") ? try condition() : nil
        guard token.kind == .end else {
            throw refusal(
                condition == nil
                    ? "A product is followed by +, -, 'if' or the end."
                    : "A window is followed by ', newer', ', untied' or the end.",
                token.kind == .sign(")") ? "Delete it, or open the bracket." : ""
            )
        }
        return RuleSyntax(products: products, condition: condition)
    }

    private mutating func product(isNegative: Bool) throws(RuleSyntax.Failure)
        -> RuleSyntax.Product
    {
        var product = RuleSyntax.Product(
            isNegative: isNegative,
            factors: [],
            offset: token.offset
        )
        repeat {
            let offset = token.offset
            guard product.factors.count < Self.mostFactors else {
                throw RuleSyntax.Failure(
                    offset: offset,
                    what: "The product has more than \(Self.mostFactors) factors.",
                    advice: "Multiply its numbers out."
                )
            }
            let (factor, isNegated) = try factor()
            if isNegated { product.isNegative.toggle() }
            product.factors.append((factor, offset))
        } while take("*")
        return product
    }

    /// A factor, and whether its negative is meant.
    private mutating func factor() throws(RuleSyntax.Failure) -> (RuleSyntax.Factor, Bool) {
        let wanted =
            "A factor is a number, 2^k, a register, a name, sgn(...) or (register + number)."
        switch token.kind {
        case .number: return (try numeral(), false)
        case .name("sgn"):
            advance()
            guard take("(") else { throw refusal("sgn is followed by '('.", "Write sgn(w).") }
            return try sum(isSign: true)
        case .name(let name) where Self.keywords.contains(name):
            throw refusal(wanted, "'\(name)' is a word of the notation: choose another name.")
        case .name(let name):
            advance()
            return (.name(name), false)
        case .sign("("):
            advance()
            return try sum(isSign: false)
        case .sign("-"):
            throw refusal(wanted, "Put a negative number into a bracket: (-2).")
        case .sign("*"):
            throw refusal(wanted, "Delete one '*'.")
        default:
            throw refusal(wanted)
        }
    }

    /// A number, or a power of two.
    private mutating func numeral() throws(RuleSyntax.Failure) -> RuleSyntax.Factor {
        guard case .number(let number) = token.kind else {
            throw refusal("A number stands here.")
        }
        advance()
        guard token.kind == .sign("^") else { return .number(number) }
        guard number.integer == 2 else {
            throw refusal("Only powers of 2 exist in a rule.", "Write 2^k.")
        }
        advance()
        let offset = token.offset
        let exponent = try integer()
        guard (-64...64).contains(exponent) else {
            throw RuleSyntax.Failure(
                offset: offset,
                what: "2^\(exponent) is out of range. Exponents lie in -64...64.",
                advice: "Choose a smaller one."
            )
        }
        return .power(exponent)
    }

    /// What stands in a bracket, and whether its negative is meant.
    private mutating func sum(isSign: Bool) throws(RuleSyntax.Failure)
        -> (RuleSyntax.Factor, Bool)
    {
        let first = token
        var isNegative = take("-")
        if case .number = token.kind {
            let offset = token.offset
            let factor = try numeral()
            if !isSign, take(")") { return (factor, isNegative) }
            guard case .number(let number) = factor, let integer = number.integer,
                integer <= Self.largestInteger
            else {
                throw RuleSyntax.Failure(
                    offset: offset,
                    what: "What is added to a register is a whole number of at most 2^31.",
                    advice: "Multiply by fractions outside of the bracket."
                )
            }
            let constant = isNegative ? -integer : integer
            guard token.kind == .sign("+") || token.kind == .sign("-") else {
                throw refusal("A bracket holds a register and a number.", "Write (w - 3).")
            }
            isNegative = take("-")
            if !isNegative { _ = take("+") }
            let name = try register()
            try close()
            // c − v = −(v − c).
            return (
                .sum(name: name, constant: isNegative ? -constant : constant, isSign: isSign),
                isNegative
            )
        }
        let name = try register()
        var constant = 0
        let isLess = token.kind == .sign("-")
        if take("+") || take("-") { constant = try natural() }
        if isLess { constant = -constant }
        try close()
        if first.kind == .sign("-") { constant = -constant }
        return (.sum(name: name, constant: constant, isSign: isSign), isNegative)
    }

    private mutating func register() throws(RuleSyntax.Failure) -> String {
        guard case .name(let name) = token.kind, !Self.keywords.contains(name) else {
            throw refusal(
                "A bracket holds a register and a number.",
                token.kind == .sign("(") ? "Multiply nested brackets out." : "Write (w - 3)."
            )
        }
        advance()
        return name
    }

    private mutating func close() throws(RuleSyntax.Failure) {
        guard !take(")") else { return }
        throw refusal(
            "A bracket holds a register and a number, and is closed by ')'.",
            "Multiply longer brackets out into a sum of products."
        )
    }

    // MARK: Whole numbers

    private mutating func integer() throws(RuleSyntax.Failure) -> Int {
        guard take("(") else { return take("-") ? -(try natural()) : try natural() }
        let value = take("-") ? -(try natural()) : try natural()
        guard take(")") else { throw refusal("The bracket is closed by ')'.") }
        return value
    }

    private mutating func natural() throws(RuleSyntax.Failure) -> Int {
        guard case .number(let number) = token.kind, let value = number.integer,
            value <= Self.largestInteger
        else {
            if case .name(let name) = token.kind {
                throw refusal(
                    "A whole number stands here.",
                    "Multiply brackets with two registers out, for example around \(name.prefix(40))."
                )
            }
            throw refusal("A whole number of at most 2^31 stands here.")
        }
        advance()
        return value
    }

    // MARK: Windows

    private mutating func condition() throws(RuleSyntax.Failure) -> RuleSyntax.Condition {
        let firstOffset = token.offset
        let low = try integer()
        let isLowIncluded = try comparison()
        let isPre = token.kind == .name("t_pre")
        guard take(word: "t_pre") || take(word: "t_post") else {
            throw refusal("The time difference stands here.", Self.windowAdvice)
        }
        guard take("-"), take(word: isPre ? "t_post" : "t_pre") else {
            throw refusal("The time difference is t_pre - t_post or t_post - t_pre.")
        }
        let isHighIncluded = try comparison()
        let lastOffset = token.offset
        let high = try integer()
        var condition = RuleSyntax.Condition(
            isPreMinusPost: isPre,
            first: isLowIncluded ? low : low + 1,
            last: isHighIncluded ? high : high - 1,
            firstOffset: firstOffset,
            lastOffset: lastOffset
        )
        while take(",") {
            if token.kind == .name("newer"), !condition.isNewer {
                condition.isNewer = true
            } else if token.kind == .name("untied"), !condition.isUntied {
                condition.isUntied = true
            } else {
                throw refusal("After a window stand 'newer' and 'untied', each at most once.")
            }
            advance()
        }
        return condition
    }

    /// `<` or `<=`, and whether it is the latter.
    private mutating func comparison() throws(RuleSyntax.Failure) -> Bool {
        if take("≤") { return true }
        guard take("<") else { throw refusal("Here stands < or <=.", Self.windowAdvice) }
        return false
    }
}
