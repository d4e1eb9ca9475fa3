/// A word, number or sign of a rule, with its place in the text.
struct RuleToken: Equatable {
    enum Kind: Equatable {
        case number(ExactNumber)
        case name(String)
        /// One of + - * ^ ( ) < ≤ and the comma; ≤ is written `<=`.
        case sign(Unicode.Scalar)
        case end
    }

    /// Most bytes of a line.
    static let mostBytes = 4096
    /// Most characters of a name.
    static let longestName = 64

    var kind: Kind
    /// Characters before its first one.
    var offset: Int
    /// As written.
    var text: String

    /// As messages show it.
    var shown: String { kind == .end ? "the end" : "'\(text.prefix(40))'" }

    /// Splits a text.
    ///
    /// - Parameter text: A line of a rule.
    /// - Returns: Its tokens, `end` the last.
    /// - Throws: The first place that is no token.
    static func tokens(of text: String) throws(RuleSyntax.Failure) -> [RuleToken] {
        guard text.utf8.count <= mostBytes else {
            throw RuleSyntax.Failure(
                offset: 0,
                what: "The line has \(text.utf8.count) bytes. It may have \(mostBytes).",
                advice: "Split it into a list of lines."
            )
        }
        var scanner = RuleScanner(text)
        var tokens: [RuleToken] = []
        while let token = try scanner.next() { tokens.append(token) }
        return tokens + [RuleToken(kind: .end, offset: scanner.characters.count, text: "")]
    }
}

/// Finds the tokens of a text from its start to its end.
private struct RuleScanner {
    let characters: [Unicode.Scalar]
    private var position = 0

    init(_ text: String) { characters = Array(text.unicodeScalars) }

    private func character(_ offset: Int = 0) -> Unicode.Scalar {
        let index = position + offset
        return index < characters.count ? characters[index] : "\0"
    }

    private mutating func skip(while holds: (Unicode.Scalar) -> Bool) {
        while position < characters.count, holds(characters[position]) { position += 1 }
    }

    mutating func next() throws(RuleSyntax.Failure) -> RuleToken? {
        skip { $0 == " " || $0 == "\t" }
        guard position < characters.count else { return nil }
        let start = position
        let kind: RuleToken.Kind
        if character().isDigit || character() == "." && character(1).isDigit {
            kind = .number(try number())
        } else if character().isLetter {
            skip { $0.isLetter || $0.isDigit }
            guard position - start <= RuleToken.longestName else {
                throw RuleSyntax.Failure(
                    offset: start,
                    what: "The name has \(position - start) letters. "
                        + "It may have \(RuleToken.longestName).",
                    advice: "Choose a shorter name."
                )
            }
            kind = .name(text(from: start))
        } else {
            kind = .sign(try sign())
        }
        return RuleToken(kind: kind, offset: start, text: text(from: start))
    }

    private func text(from start: Int) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: characters[start..<position])
        return String(text)
    }

    private mutating func number() throws(RuleSyntax.Failure) -> ExactNumber {
        let start = position
        skip { $0.isDigit }
        if character() == "." {
            position += 1
            skip { $0.isDigit }
        }
        if character() == "e" {
            let isSigned = character(1) == "-" || character(1) == "+"
            if character(isSigned ? 2 : 1).isDigit {
                position += isSigned ? 2 : 1
                skip { $0.isDigit }
            }
        }
        guard !character().isLetter else {
            throw RuleSyntax.Failure(
                offset: position,
                what: "A number is followed by '\(character())'. Factors are joined by '*'.",
                advice: "Write \(text(from: start).prefix(40))*… instead."
            )
        }
        guard let number = ExactNumber(text(from: start)) else {
            throw RuleSyntax.Failure(
                offset: start,
                what:
                    "The number has too many digits. It may have 18, and an exponent in -99...99.",
                advice: "Write fewer digits, and powers of two as 2^k."
            )
        }
        return number
    }

    private mutating func sign() throws(RuleSyntax.Failure) -> Unicode.Scalar {
        let sign = character()
        position += 1
        switch sign {
        case "+", "-", "*", "^", "(", ")", ",": return sign
        case "<":
            guard character() == "=" else { return sign }
            position += 1
            return "≤"
        default:
            let place = position - 1
            let isPrintable = sign.isASCII && sign.value > 32 && sign.value < 127
            let shown =
                isPrintable ? "'\(sign)'" : "U+" + String(sign.value, radix: 16, uppercase: true)
            throw RuleSyntax.Failure(
                offset: place,
                what: "\(shown) is no sign of a rule. There are + - * ^ ( ) < <= and the comma.",
                advice: Self.advice(sign)
            )
        }
    }

    private static func advice(_ sign: Unicode.Scalar) -> String {
        switch sign {
        case "/": "Rules know no division: multiply by 2^-k."
        case ">": "Write the smaller side first: 0 < t_pre - t_post <= 6."
        case "=": "The register that changes is the key: write dw: and the sum."
        case "[", "]", "{", "}": "Brackets are ( and )."
        case "\u{2212}", "\u{2013}", "\u{2014}": "Write '-'."
        case "\u{D7}", "\u{B7}": "Write '*'."
        case "\u{2264}": "Write '<='."
        case _ where !sign.isASCII: "Rules are written in ASCII."
        default: "Delete it."
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
    fileprivate var isLetter: Bool {
        ("a"..."z").contains(self) || ("A"..."Z").contains(self) || self == "_"
    }
}
