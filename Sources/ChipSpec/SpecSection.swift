/// A section (mapping) of a chip spec under reading.
///
/// Every value is asked for by key, with its range; the first one that is wrong is thrown with file,
/// line and path of the key.
struct SpecSection {
    /// Path of the section's key, empty for the whole file.
    let key: String
    /// Where the section stands.
    let place: SpecPlace
    private let entries: [String: SpecNode]
    private let known: [String]

    /// Opens a section and refuses keys that it does not know.
    init(_ node: SpecNode, key: String, known: [String]) throws(ChipSpecError) {
        self.key = key
        self.known = known
        place = node.place
        guard let written = node.entries else {
            throw .invalid(
                place,
                key: key.isEmpty ? "the document" : key,
                value: Self.shown(node),
                limit: "It must be a section with the keys \(known.joined(separator: ", ")).",
                advice: key.isEmpty
                    ? "Copy a file of chipspecs and change it."
                    : "Write each key on a line of its own, indented, as in 'key: value'."
            )
        }
        var entries: [String: SpecNode] = [:]
        for (name, value) in written {
            let place = name.place
            let text = name.text ?? ""
            guard known.contains(text) else {
                throw .unknownKey(
                    place,
                    key: Self.joined(
                        key,
                        name.text == nil ? Self.shown(name) : Self.clipped(text)
                    ),
                    known: known,
                    nearest: NearestName.of(text, among: known)
                )
            }
            guard entries.updateValue(value, forKey: text) == nil else {
                throw .duplicateKey(place, key: Self.joined(key, text))
            }
        }
        self.entries = entries
    }

    /// Whether the file has a key.
    func has(_ name: String) -> Bool { entries[name] != nil }

    /// Keys the file has, in the order of the known ones.
    var present: [String] { known.filter(has) }

    /// Refuses the value of a key.
    func refusal(_ name: String, _ limit: String, _ advice: String = "") -> ChipSpecError {
        let node = entries[name]
        return .invalid(
            node?.place ?? place,
            key: Self.joined(key, name),
            value: node.map(Self.shown) ?? "missing",
            limit: limit,
            advice: advice
        )
    }

    /// Refuses an item of a list.
    func refusal(
        _ name: String,
        item index: Int,
        _ item: SpecNode,
        _ limit: String,
        _ advice: String
    )
        -> ChipSpecError
    {
        .invalid(
            item.place,
            key: Self.joined(key, name) + "[\(index)]",
            value: Self.shown(item),
            limit: limit,
            advice: advice
        )
    }

    /// Where the value of a key stands.
    func place(of name: String) -> SpecPlace { entries[name]?.place ?? place }

    private func node(_ name: String, _ limit: String) throws(ChipSpecError) -> SpecNode {
        precondition(known.contains(name), "a section is asked for its own keys")
        guard let node = entries[name] else {
            throw .missingKey(
                place,
                key: Self.joined(key, name),
                limit: limit
            )
        }
        return node
    }

    /// A section within this one.
    func section(_ name: String, known: [String]) throws(ChipSpecError) -> SpecSection {
        let node = try node(name, "It must be a section.")
        return try SpecSection(node, key: Self.joined(key, name), known: known)
    }

    /// A list of sections.
    func sections(_ name: String, known: [String], count: ClosedRange<Int>) throws(ChipSpecError)
        -> [SpecSection]
    {
        var result: [SpecSection] = []
        for (index, item) in try items(name, of: "sections", count: count).enumerated() {
            let itemKey = Self.joined(key, name) + "[\(index)]"
            result.append(try SpecSection(item, key: itemKey, known: known))
        }
        return result
    }

    /// A list of at most 64 items of any kind; empty if it is absent.
    func list(_ name: String) throws(ChipSpecError) -> [SpecNode] {
        has(name) ? try items(name, of: "paths of keys", count: 0...64) : []
    }

    private func items(_ name: String, of what: String, count: ClosedRange<Int>)
        throws(ChipSpecError) -> [SpecNode]
    {
        let limit = "It must be a list of \(count.lowerBound)...\(count.upperBound) \(what)."
        guard let items = try node(name, limit).items, count.contains(items.count) else {
            throw refusal(name, limit, "Write [a, b] or one '- item' a line.")
        }
        return items
    }

    /// A whole number.
    func integer(_ name: String, in range: ClosedRange<Int>, advice: String) throws(ChipSpecError)
        -> Int
    {
        let limit = "It must lie in \(range.lowerBound)...\(range.upperBound)."
        let node = try node(name, limit)
        guard let text = node.plainText, text.utf8.count <= 20,
            text.utf8.allSatisfy({ (48...57).contains($0) || $0 == 45 }), let value = Int(text)
        else {
            throw refusal(name, limit, "Write a whole number in decimal digits.")
        }
        guard range.contains(value) else { throw refusal(name, limit, advice) }
        return value
    }

    /// Whether an entry is a certain word; `missingKey` if it is not there.
    func isWord(_ word: String, _ name: String) throws(ChipSpecError) -> Bool {
        try node(name, "It must be a number, or \(word).").text == word
    }

    /// A number of 0 or more, or nil for `unknown`.
    func price(_ name: String, atMost bound: Double) throws(ChipSpecError) -> Double? {
        let limit = "It must lie in 0...\(bound), or be unknown."
        let node = try node(name, limit)
        if node.text == "unknown" { return nil }
        guard let text = node.plainText, text.utf8.count <= 40, let first = text.utf8.first,
            (48...57).contains(first),
            text.utf8.allSatisfy({ (48...57).contains($0) || [43, 45, 46, 69, 101].contains($0) }),
            let value = Double(text), value <= bound
        else {
            throw refusal(name, limit, "Write a decimal number, or the word unknown.")
        }
        return value
    }

    /// A positive decimal number, or a ratio such as `1/3`, as numerator and denominator.
    func ratio(_ name: String, _ limit: String) throws(ChipSpecError) -> (UInt64, UInt64) {
        let node = try node(name, limit)
        guard let text = node.text, text.utf8.count <= 30,
            let value = Self.ratio(text), value.0 > 0
        else {
            throw refusal(
                name,
                limit,
                "Write a decimal number such as 0.5, or a ratio such as 1/3."
            )
        }
        return value
    }

    private static func ratio(_ text: String) -> (UInt64, UInt64)? {
        func whole(_ part: Substring) -> UInt64? {
            guard !part.isEmpty, part.utf8.count <= 13,
                part.utf8.allSatisfy({ (48...57).contains($0) })
            else { return nil }
            return UInt64(part)
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2 {
            guard let top = whole(parts[0]), let bottom = whole(parts[1]), bottom > 0 else {
                return nil
            }
            return (top, bottom)
        }
        let halves = text.split(separator: ".", omittingEmptySubsequences: false)
        guard halves.count <= 2, let front = whole(halves[0]) else { return nil }
        guard halves.count == 2 else { return (front, 1) }
        guard halves[1].utf8.count <= 6, let back = whole(halves[1]) else { return nil }
        var scale: UInt64 = 1
        for _ in halves[1].utf8 { scale *= 10 }
        // 10^13 * 10^6 + 10^6 is below 2^64.
        let (top, overflow) = front.multipliedReportingOverflow(by: scale)
        return overflow ? nil : (top &+ back, scale)
    }

    /// `yes` or `no`, `true` or `false`.
    func flag(_ name: String) throws(ChipSpecError) -> Bool {
        let limit = "It must be yes or no."
        switch try node(name, limit).plainText {
        case "yes", "true": return true
        case "no", "false": return false
        default: throw refusal(name, limit, "Write one of the two words, without quotes.")
        }
    }

    /// A word of a fixed list.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        among allowed: [Choice] = Array(Choice.allCases),
        advice: String = "Write one of these words."
    ) throws(ChipSpecError) -> Choice {
        let limit = "It must be one of: \(allowed.map(\.rawValue).joined(separator: ", "))."
        let text = try node(name, limit).text
        guard let value = allowed.first(where: { $0.rawValue == text }) else {
            throw refusal(name, limit, advice)
        }
        return value
    }

    /// Words of a fixed list, none of them twice.
    func choices<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        atLeast minimum: Int
    ) throws(ChipSpecError) -> [Choice] {
        let allowed = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        var result: [Choice] = []
        for item in try items(name, of: "words", count: minimum...Choice.allCases.count) {
            let text = item.text
            guard let value = Choice.allCases.first(where: { $0.rawValue == text }),
                !result.contains(where: { $0.rawValue == text })
            else {
                throw refusal(
                    name,
                    item: result.count,
                    item,
                    "It must be one of: \(allowed); none of them twice.",
                    "Write each word once."
                )
            }
            result.append(value)
        }
        return result
    }

    /// Text of one paragraph.
    func text(_ name: String, atMost bound: Int) throws(ChipSpecError) -> String {
        let limit = "It must be text of 1...\(bound) bytes, without control characters."
        let node = try node(name, limit)
        guard let text = Self.text(node, atMost: bound) else {
            throw refusal(name, limit, "Write a short text, quoted if it has ': ' or ' #' in it.")
        }
        return text
    }

    /// A name: lower-case letters, digits, `.`, `_` and `-`.
    func name(_ name: String) throws(ChipSpecError) -> String {
        let limit =
            "It must be 1...64 of the characters a-z, 0-9, '.', '_', '-', the first a letter or digit."
        let node = try node(name, limit)
        guard let text = node.text, (1...64).contains(text.utf8.count),
            text.utf8.allSatisfy({
                (97...122).contains($0) || (48...57).contains($0) || [45, 46, 95].contains($0)
            }), let first = text.utf8.first, first >= 48
        else {
            throw refusal(name, limit, "Choose another name.")
        }
        return text
    }

    /// Sentences, perhaps none.
    func texts(_ name: String, atMost bound: Int) throws(ChipSpecError) -> [String] {
        var result: [String] = []
        for item in try items(name, of: "texts", count: 0...64) {
            guard let text = Self.text(item, atMost: bound) else {
                throw refusal(
                    name,
                    item: result.count,
                    item,
                    "It must be text of 1...\(bound) bytes, without control characters.",
                    "Write a sentence, quoted if it has ': ' or ' #' in it."
                )
            }
            result.append(text)
        }
        return result
    }

    private static func text(_ node: SpecNode, atMost bound: Int) -> String? {
        guard let text = node.text, (1...bound).contains(text.utf8.count),
            text.unicodeScalars.allSatisfy(isPrintable)
        else { return nil }
        return text
    }

    /// Whether a character stays itself in a quoted YAML scalar: no control, no line separator.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<32, 127...159, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: false
        default: true
        }
    }

    private static func joined(_ section: String, _ name: String) -> String {
        section.isEmpty ? name : "\(section).\(name)"
    }

    private static func clipped(_ text: String) -> String {
        let clean = text.unicodeScalars.prefix(60).map { scalar in
            isPrintable(scalar) ? String(scalar) : "\u{FFFD}"
        }
        return clean.joined() + (text.unicodeScalars.count > 60 ? "…" : "")
    }

    private static func shown(_ node: SpecNode) -> String {
        switch node.content {
        case .scalar(let written, let isPlain):
            let text = clipped(written)
            if text.isEmpty { return "empty" }
            return isPlain ? text : "'\(text)'"
        case .list(let items): return "a list of \(items.count)"
        case .section: return "a section"
        }
    }
}
