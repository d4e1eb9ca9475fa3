/// A word, number or sign of a rule, with its place in the text.
struct RuleToken: Equatable {
    enum Kind: Equatable {
        case number(Double)
        case name(String)
        case sign(Character)
        case end
    }

    var kind: Kind
    /// Offset of its first character.
    var offset: Int

    /// As messages show it.
    var shown: String {
        switch kind {
        case .number(let value): "\(value)"
        case .name(let name): "'\(name)'"
        case .sign(let sign): "'\(sign)'"
        case .end: "the end"
        }
    }

    /// Splits a text.
    ///
    /// - Parameters:
    ///   - text: At most 4096 bytes.
    ///   - failure: Makes the error of an offset.
    /// - Returns: Tokens, `end` the last; `≤` is written `<=` and becomes the sign "≤".
    /// - Throws: What `failure` makes.
    static func tokens(
        of text: String,
        _ failure: (Int, String, String) -> RuleError
    ) throws(RuleError) -> [RuleToken] {
        let characters = Array(text)
        var tokens: [RuleToken] = []
        var position = 0
        func isDigit(_ index: Int) -> Bool {
            index < characters.count && characters[index].isASCII && characters[index].isNumber
        }
        while position < characters.count {
            let character = characters[position]
            let start = position
            guard character.isASCII else {
                throw failure(
                    start,
                    "'\(character)' is no character of a rule.",
                    "Rules are written in ASCII: minus is '-', times is '*'."
                )
            }
            if character == " " {
                position += 1
            } else if isDigit(position) || (character == "." && isDigit(position + 1)) {
                while isDigit(position) { position += 1 }
                if position < characters.count, characters[position] == "." {
                    position += 1
                    while isDigit(position) { position += 1 }
                }
                if position < characters.count, characters[position] == "e" {
                    let signed =
                        position + 1 < characters.count
                        && (characters[position + 1] == "-" || characters[position + 1] == "+")
                    if isDigit(position + (signed ? 2 : 1)) {
                        position += signed ? 2 : 1
                        while isDigit(position) { position += 1 }
                    }
                }
                let digits = String(characters[start..<position])
                guard digits.count <= 30, let value = Double(digits), value.isFinite else {
                    throw failure(start, "The number is too long.", "Write fewer digits.")
                }
                tokens.append(RuleToken(kind: .number(value), offset: start))
            } else if character.isLetter || character == "_" {
                while position < characters.count, characters[position].isASCII,
                    characters[position].isLetter || characters[position].isNumber
                        || characters[position] == "_"
                {
                    position += 1
                }
                tokens.append(
                    RuleToken(kind: .name(String(characters[start..<position])), offset: start)
                )
            } else if character == "<", position + 1 < characters.count,
                characters[position + 1] == "="
            {
                tokens.append(RuleToken(kind: .sign("≤"), offset: start))
                position += 2
            } else if "+-*^()<,".contains(character) {
                tokens.append(RuleToken(kind: .sign(character), offset: start))
                position += 1
            } else {
                throw failure(
                    start,
                    "'\(character)' is no sign of a rule. There are + - * ^ ( ) < <= and ','.",
                    "Sums of products are written without division: use 2^-3."
                )
            }
        }
        tokens.append(RuleToken(kind: .end, offset: characters.count))
        return tokens
    }
}
