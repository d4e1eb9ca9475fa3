import Yams

/// A section (mapping) of a chip spec under reading.
///
/// Every value is asked for by key, with its range; the first one that is wrong is thrown with file,
/// line and path of the key.
struct SpecSection {
    let path: String
    /// Path of the section's key, empty for the whole file.
    let key: String
    let line: Int
    private let entries: [String: Node]
    private let known: [String]

    /// Opens a section and refuses keys that it does not know.
    init(_ node: Node, key: String, path: String, known: [String]) throws(ChipSpecError) {
        self.path = path
        self.key = key
        self.known = known
        line = node.mark?.line ?? 0
        let place = SpecPlace(path: path, line: line)
        guard let mapping = node.mapping else {
            throw .invalid(
                place,
                key: key.isEmpty ? "the document" : key,
                value: Self.shown(node),
                limit: "It must be a section with the keys \(known.joined(separator: ", ")).",
                advice: ""
            )
        }
        var entries: [String: Node] = [:]
        for (name, value) in mapping {
            let place = SpecPlace(path: path, line: name.mark?.line ?? line)
            let text = name.scalar?.string ?? ""
            guard known.contains(text) else {
                throw .unknownKey(
                    place,
                    key: Self.joined(
                        key,
                        name.scalar == nil ? Self.shown(name) : Self.clipped(text)
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
            SpecPlace(path: path, line: node?.mark?.line ?? line),
            key: Self.joined(key, name),
            value: node.map(Self.shown) ?? "missing",
            limit: limit,
            advice: advice
        )
    }

    private func node(_ name: String, _ limit: String) throws(ChipSpecError) -> Node {
        precondition(known.contains(name), "a section is asked for its own keys")
        guard let node = entries[name] else {
            throw .missingKey(
                SpecPlace(path: path, line: line),
                key: Self.joined(key, name),
                limit: limit
            )
        }
        return node
    }

    /// A section within this one.
    func section(_ name: String, known: [String]) throws(ChipSpecError) -> SpecSection {
        let node = try node(name, "It must be a section.")
        return try SpecSection(node, key: Self.joined(key, name), path: path, known: known)
    }

    /// A list of sections.
    func sections(_ name: String, known: [String], count: ClosedRange<Int>) throws(ChipSpecError)
        -> [SpecSection]
    {
        var result: [SpecSection] = []
        for (index, item) in try items(name, of: "sections", count: count).enumerated() {
            let itemKey = Self.joined(key, name) + "[\(index)]"
            result.append(try SpecSection(item, key: itemKey, path: path, known: known))
        }
        return result
    }

    private func items(_ name: String, of what: String, count: ClosedRange<Int>)
        throws(ChipSpecError) -> [Node]
    {
        let limit = "It must be a list of \(count.lowerBound)...\(count.upperBound) \(what)."
        guard let sequence = try node(name, limit).sequence, count.contains(sequence.count) else {
            throw refusal(name, limit, "Write [a, b] or one '- item' a line.")
        }
        return Array(sequence)
    }

    /// A whole number.
    func integer(_ name: String, in range: ClosedRange<Int>, advice: String) throws(ChipSpecError)
        -> Int
    {
        let limit = "It must lie in \(range.lowerBound)...\(range.upperBound)."
        let node = try node(name, limit)
        guard let text = Self.plain(node), text.utf8.count <= 20,
            text.utf8.allSatisfy({ (48...57).contains($0) || $0 == 45 }), let value = Int(text)
        else {
            throw refusal(name, limit, "Write a whole number in decimal digits.")
        }
        guard range.contains(value) else { throw refusal(name, limit, advice) }
        return value
    }

    /// Whether an entry is a certain word; `missingKey` if it is not there.
    func isWord(_ word: String, _ name: String) throws(ChipSpecError) -> Bool {
        try node(name, "It must be a number, or \(word).").scalar?.string == word
    }

    /// A number of 0 or more, or nil for `unknown`.
    func price(_ name: String, atMost bound: Double) throws(ChipSpecError) -> Double? {
        let limit = "It must lie in 0...\(bound), or be unknown."
        let node = try node(name, limit)
        if node.scalar?.string == "unknown" { return nil }
        guard let text = Self.plain(node), text.utf8.count <= 40, let first = text.utf8.first,
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
        guard let text = node.scalar?.string, text.utf8.count <= 30,
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
        switch Self.plain(try node(name, limit)) {
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
        let text = try node(name, limit).scalar?.string
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
            let text = item.scalar?.string
            guard let value = Choice.allCases.first(where: { $0.rawValue == text }),
                !result.contains(where: { $0.rawValue == text })
            else {
                throw .invalid(
                    SpecPlace(path: path, line: item.mark?.line ?? line),
                    key: Self.joined(key, name) + "[\(result.count)]",
                    value: Self.shown(item),
                    limit: "It must be one of: \(allowed); none of them twice.",
                    advice: "Write each word once."
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
        guard let text = node.scalar?.string, (1...64).contains(text.utf8.count),
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
                throw .invalid(
                    SpecPlace(path: path, line: item.mark?.line ?? line),
                    key: Self.joined(key, name) + "[\(result.count)]",
                    value: Self.shown(item),
                    limit: "It must be text of 1...\(bound) bytes, without control characters.",
                    advice: "Write a sentence, quoted if it has ': ' or ' #' in it."
                )
            }
            result.append(text)
        }
        return result
    }

    private static func text(_ node: Node, atMost bound: Int) -> String? {
        guard let text = node.scalar?.string, (1...bound).contains(text.utf8.count),
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

    private static func plain(_ node: Node) -> String? {
        guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else {
            return nil
        }
        return scalar.string
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

    private static func shown(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar):
            let text = clipped(scalar.string)
            if text.isEmpty { return "empty" }
            return scalar.style == .plain || scalar.style == .any ? text : "'\(text)'"
        case .sequence(let sequence): return "a list of \(sequence.count)"
        case .mapping: return "a section"
        case .alias: return "an alias"
        }
    }
}
