extension JSONValue {
    /// The document on one line, without spaces.
    public var compactText: String {
        var text = ""
        write(to: &text, indentation: nil)
        return text
    }

    /// The document over many lines, two spaces a level, with a line end.
    ///
    /// Arrays and objects with nothing but plain values stand on one line if it stays within 100
    /// characters; longer arrays of plain values fill lines of that width.
    public var text: String {
        var text = ""
        write(to: &text, indentation: 0)
        return text + "\n"
    }

    private func write(to text: inout String, indentation: Int?) {
        switch self {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .unsigned(let value): text += String(value)
        case .number(let value): text += value.isFinite ? value.description : "null"
        case .string(let value): writeQuoted(value, to: &text)
        case .array(let values):
            writeList(values.map { (nil, $0) }, "[", "]", to: &text, indentation)
        case .object(let members):
            writeList(members.map { ($0.name, $0.value) }, "{", "}", to: &text, indentation)
        }
    }

    private var isScalar: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }

    private func writeList(
        _ items: [(name: String?, value: JSONValue)],
        _ opening: String,
        _ closing: String,
        to text: inout String,
        _ indentation: Int?
    ) {
        let inner = indentation.map { $0 + 2 }
        let isFlat = items.allSatisfy(\.value.isScalar)
        let parts = items.map { item in
            var part = ""
            if let name = item.name {
                writeQuoted(name, to: &part)
                part += indentation == nil ? ":" : ": "
            }
            item.value.write(to: &part, indentation: inner)
            return part
        }
        text += opening
        guard let indentation else {
            text += parts.joined(separator: ",") + closing
            return
        }
        let width = parts.reduce(0) { $0 + $1.utf8.count + 2 }
        if isFlat && indentation + width <= Self.lineWidth {
            text += parts.joined(separator: ", ") + closing
            return
        }
        let margin = "\n" + String(repeating: " ", count: indentation + 2)
        var column = Int.max / 2
        for (index, part) in parts.enumerated() {
            if index > 0 { text += "," }
            let continues = isFlat && items[index].name == nil
            if continues && column + part.utf8.count + 2 <= Self.lineWidth {
                text += " " + part
                column += part.utf8.count + 2
            } else {
                text += margin + part
                column = indentation + 2 + part.utf8.count + 1
            }
        }
        text += margin.dropLast(2) + closing
    }

    private static let lineWidth = 100
}

private func writeQuoted(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
        switch scalar {
        case "\"": text += "\\\""
        case "\\": text += "\\\\"
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        // Control characters, and the line ends that old JavaScript stumbles over.
        case "\0"..."\u{1F}", "\u{7F}", "\u{2028}", "\u{2029}":
            let digits = String(scalar.value, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: text.unicodeScalars.append(scalar)
        }
    }
    text += "\""
}
