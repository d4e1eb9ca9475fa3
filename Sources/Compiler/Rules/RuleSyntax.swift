/// A line of a rule as written: its structure and places, nothing checked against an engine.
struct RuleSyntax {
    /// A factor of a product.
    enum Factor {
        case number(Double)
        /// 2^k.
        case power(Int)
        case name(String)
        /// (name + constant).
        case shifted(String, Int)
        /// sgn(name + constant).
        case sign(String, Int)
    }

    struct Product {
        var isNegative: Bool
        var factors: [(factor: Factor, offset: Int)]
        var offset: Int
    }

    /// `a < t_pre - t_post <= b`, and what else must hold.
    struct Condition {
        var isPreMinusPost: Bool
        var first: Int
        var last: Int
        var isNewer: Bool
        var isUntied: Bool
        var offset: Int
    }

    var products: [Product]
    var condition: Condition?
}

/// Parses a line of a rule by recursive descent; the depth of the grammar bounds the recursion.
struct RuleParser {
    private let tokens: [RuleToken]
    private let failure: (Int, String, String) -> RuleError
    private var position = 0

    /// Splits the text.
    ///
    /// - Parameters:
    ///   - text: The line.
    ///   - failure: Makes the error of an offset in it.
    /// - Throws: What `failure` makes.
    init(_ text: String, failure: @escaping (Int, String, String) -> RuleError) throws(RuleError) {
        self.failure = failure
        tokens = try RuleToken.tokens(of: text, failure)
    }

    private var token: RuleToken { tokens[position] }

    private mutating func advance() { if position < tokens.count - 1 { position += 1 } }

    private func refusal(_ wanted: String) -> RuleError {
        failure(token.offset, "Here is \(token.shown). \(wanted)", "")
    }

    private mutating func take(_ sign: Character) -> Bool {
        guard token.kind == .sign(sign) else { return false }
        advance()
        return true
    }

    private mutating func take(word name: String) -> Bool {
        guard token.kind == .name(name) else { return false }
        advance()
        return true
    }

    /// Parses the whole line.
    mutating func line() throws(RuleError) -> RuleSyntax {
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
        var condition: RuleSyntax.Condition?
        if take(word: "if") { condition = try self.condition() }
        guard token.kind == .end else {
            throw refusal("A product is followed by +, -, 'if' or the end of the line.")
        }
        return RuleSyntax(products: products, condition: condition)
    }

    private mutating func product(isNegative: Bool) throws(RuleError) -> RuleSyntax.Product {
        var product = RuleSyntax.Product(
            isNegative: isNegative,
            factors: [],
            offset: token.offset
        )
        repeat {
            let offset = token.offset
            var factor = try self.factor()
            if case .number(-1) = factor { product.isNegative.toggle(); factor = .number(1) }
            product.factors.append((factor, offset))
            guard product.factors.count <= 32 else {
                throw failure(offset, "The product has more than 32 factors.", "")
            }
        } while take("*")
        return product
    }

    private mutating func factor() throws(RuleError) -> RuleSyntax.Factor {
        switch token.kind {
        case .number(let value):
            advance()
            guard take("^") else { return .number(value) }
            guard value == 2 else {
                throw failure(token.offset, "Only powers of 2 exist in a rule.", "Write 2^k.")
            }
            return .power(try integer())
        case .name("sgn"):
            advance()
            guard take("(") else { throw refusal("sgn is followed by '('.") }
            let (name, constant) = try sum()
            guard take(")") else { throw refusal("The bracket is closed by ')'.") }
            return .sign(name, constant)
        case .name(let name):
            advance()
            return .name(name)
        case .sign("("):
            advance()
            if case .name = token.kind {
                let (name, constant) = try sum()
                guard take(")") else { throw refusal("The bracket is closed by ')'.") }
                return .shifted(name, constant)
            }
            let isNegative = take("-")
            guard case .number(let value) = token.kind else {
                throw refusal("In a bracket stand a number, or a register and a number.")
            }
            advance()
            guard take(")") else { throw refusal("The bracket is closed by ')'.") }
            return .number(isNegative ? -value : value)
        default:
            throw refusal("A factor is a number, 2^k, a register, sgn(...) or (register + number).")
        }
    }

    /// `name`, `name + 3` or `name - 3`.
    private mutating func sum() throws(RuleError) -> (String, Int) {
        guard case .name(let name) = token.kind else { throw refusal("A register stands here.") }
        advance()
        if take("+") { return (name, try natural()) }
        if take("-") { return (name, -(try natural())) }
        return (name, 0)
    }

    private mutating func integer() throws(RuleError) -> Int {
        if take("(") {
            let value = try integer()
            guard take(")") else { throw refusal("The bracket is closed by ')'.") }
            return value
        }
        return take("-") ? -(try natural()) : try natural()
    }

    private mutating func natural() throws(RuleError) -> Int {
        guard case .number(let value) = token.kind, value == value.rounded(), value < 1e9 else {
            throw refusal("A whole number stands here.")
        }
        advance()
        return Int(value)
    }

    private mutating func condition() throws(RuleError) -> RuleSyntax.Condition {
        let offset = token.offset
        let low = try integer()
        let isLowIncluded = token.kind == .sign("≤")
        guard take("<") || take("≤") else { throw refusal("A window is a < t_pre - t_post <= b.") }
        let isPre: Bool
        if take(word: "t_pre") {
            isPre = true
        } else if take(word: "t_post") {
            isPre = false
        } else {
            throw refusal("A window is a < t_pre - t_post <= b, or with t_post - t_pre.")
        }
        guard take("-"), take(word: isPre ? "t_post" : "t_pre") else {
            throw refusal("The difference of t_pre and t_post stands here.")
        }
        let isHighIncluded = token.kind == .sign("≤")
        guard take("<") || take("≤") else { throw refusal("The upper end follows: <= b.") }
        let high = try integer()
        var condition = RuleSyntax.Condition(
            isPreMinusPost: isPre,
            first: isLowIncluded ? low : low + 1,
            last: isHighIncluded ? high : high - 1,
            isNewer: false,
            isUntied: false,
            offset: offset
        )
        while take(",") {
            if take(word: "newer") {
                condition.isNewer = true
            } else if take(word: "untied") {
                condition.isUntied = true
            } else {
                throw refusal("After the window stand 'newer' or 'untied'.")
            }
        }
        return condition
    }
}
