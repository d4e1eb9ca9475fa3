/// A line of a rule as written: its structure and places, nothing checked against an engine.
///
///     line      = products ["if" window {"," ("newer" | "untied")}]
///     products  = ["+" | "-"] product {("+" | "-") product}
///     product   = factor {"*" factor}
///     factor    = number | "2^" integer | name | "sgn" "(" sum ")" | "(" sum ")"
///     sum       = a name, a number, or one of each with "+" or "-" between
///     window    = integer ("<" | "<=") ("t_pre - t_post" | "t_post - t_pre") ("<" | "<=") integer
struct RuleSyntax {
    /// A factor of a product.
    enum Factor {
        case number(ExactNumber)
        /// 2^k.
        case power(Int)
        case name(String)
        /// (name + constant), or its sign.
        case sum(name: String, constant: Int, isSign: Bool)
    }

    struct Product {
        var isNegative: Bool
        var factors: [(factor: Factor, offset: Int)]
        /// Of its first factor.
        var offset: Int
    }

    /// `a < t_pre - t_post <= b`, and what else must hold.
    struct Condition {
        var isPreMinusPost: Bool
        var first: Int
        var last: Int
        var isNewer = false
        var isUntied = false
        /// Of the lower end.
        var firstOffset: Int
        /// Of the upper end.
        var lastOffset: Int
    }

    /// Why a text is no line of a rule.
    struct Failure: Error {
        /// Characters before the place.
        var offset: Int
        var what: String
        var advice = ""
    }

    var products: [Product]
    var condition: Condition?
}
