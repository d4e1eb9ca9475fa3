import ChipSpec
import Diagnostics
import Foundation
import Yams

/// A value of a YAML file with its place: every question it cannot answer is an error with file, line,
/// column and path of the key.
struct Entry {
    let file: String
    /// Path of the key; empty for the document.
    let key: String
    let node: Node

    // MARK: Errors

    /// An error of a value that is of another kind, or out of its range.
    func refusal(_ what: String, _ advice: String = "") -> DescriptionError {
        refusal(.descriptionValue, what, advice)
    }

    func refusal(
        _ code: DiagnosticCode,
        _ what: String,
        _ advice: String = ""
    ) -> DescriptionError {
        DescriptionError(
            code: code,
            file: file,
            line: node.mark?.line ?? 0,
            column: node.mark?.column ?? 0,
            key: key,
            what: what,
            advice: advice
        )
    }

    /// The value as messages show it.
    var shown: String {
        switch node {
        case .scalar(let scalar):
            let text = scalar.string.unicodeScalars.prefix(60).map { scalar in
                scalar.value < 32 || scalar.value == 127 ? "\u{FFFD}" : String(scalar)
            }
            return text.isEmpty ? "empty" : "'\(text.joined())'"
        case .sequence(let sequence): return "a list of \(sequence.count)"
        case .mapping: return "a section"
        case .alias: return "an alias"
        }
    }

    func child(_ name: String, _ node: Node) -> Entry {
        Entry(file: file, key: key.isEmpty ? name : "\(key).\(name)", node: node)
    }

    // MARK: Sections and lists

    /// The entries of a section whose keys are given.
    func section(_ known: [String]) throws(DescriptionError) -> Section {
        try Section(self, known: known)
    }

    /// The entries of a section whose keys are names of the author's choice, in file order.
    func named(atMost limit: Int = 10_000, allowsDots: Bool = false) throws(DescriptionError) -> [(
        String, Entry
    )] {
        guard let mapping = node.mapping, mapping.count <= limit else {
            throw refusal("is \(shown). It must be a section of at most \(limit) named entries.")
        }
        var result: [(String, Entry)] = []
        var seen: Set<String> = []
        for (name, value) in mapping {
            let place = Entry(file: file, key: key, node: name)
            guard let text = name.scalar?.string,
                Self.isName(allowsDots ? text.replacing(".", with: "-") : text)
            else {
                throw place.refusal(
                    .descriptionName,
                    "has the name \(place.shown). A name has 1...64 letters, digits, '_' or '-'.",
                    "Choose another name."
                )
            }
            guard seen.insert(text).inserted else {
                throw place.refusal(
                    .descriptionTwice,
                    "has \(text) twice. A name must stand there once."
                )
            }
            result.append((text, child(text, value)))
        }
        return result
    }

    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0)
                    || $0 == 95 || $0 == 45
            }
    }

    func list(_ count: ClosedRange<Int>) throws(DescriptionError) -> [Entry] {
        guard let sequence = node.sequence, count.contains(sequence.count) else {
            throw refusal(
                "is \(shown). It must be a list of \(count.lowerBound)...\(count.upperBound) items.",
                "Write [a, b] or one '- item' a line."
            )
        }
        return sequence.enumerated().map { index, node in
            Entry(file: file, key: "\(key)[\(index)]", node: node)
        }
    }

    // MARK: Values

    func number(_ range: ClosedRange<Double>, _ unit: String = "") throws(DescriptionError)
        -> Double
    {
        let text = node.scalar?.string ?? ""
        let unit = unit.isEmpty ? "" : " \(unit)"
        guard text.utf8.count <= 40, let value = Double(text), value.isFinite,
            range.contains(value),
            text.utf8.allSatisfy({ (48...57).contains($0) || [43, 45, 46, 69, 101].contains($0) })
        else {
            throw refusal(
                "is \(shown). It must be a number in \(Self.plain(range.lowerBound))..."
                    + "\(Self.plain(range.upperBound))\(unit).",
                "Write a decimal number."
            )
        }
        return value
    }

    func integer(_ range: ClosedRange<Int>) throws(DescriptionError) -> Int {
        let text = node.scalar?.string ?? ""
        guard text.utf8.count <= 20,
            text.utf8.allSatisfy({ (48...57).contains($0) || $0 == 45 }), let value = Int(text),
            range.contains(value)
        else {
            throw refusal(
                "is \(shown). It must be a whole number in \(range.lowerBound)...\(range.upperBound).",
                "Write it in decimal digits."
            )
        }
        return value
    }

    func flag() throws(DescriptionError) -> Bool {
        switch node.scalar?.string {
        case "yes", "true", "on": return true
        case "no", "false", "off": return false
        default: throw refusal("is \(shown). It must be yes or no (on or off).")
        }
    }

    func text(atMost limit: Int = 4096) throws(DescriptionError) -> String {
        guard let text = node.scalar?.string, (1...limit).contains(text.utf8.count),
            text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
        else {
            throw refusal("is \(shown). It must be text of 1...\(limit) bytes on one line.")
        }
        return text
    }

    func word<Word: RawRepresentable<String> & CaseIterable>(_ type: Word.Type)
        throws(DescriptionError) -> Word
    {
        let words = Word.allCases.map(\.rawValue)
        let text = node.scalar?.string ?? ""
        guard let word = Word(rawValue: text) else {
            throw refusal(
                "is \(shown). It must be one of: \(words.joined(separator: ", ")).",
                Self.suggestion(text, among: words)
            )
        }
        return word
    }

    /// Checks a name that stands as a key, at the place of its value.
    func checkName(_ name: String, _ names: [String], _ what: String) throws(DescriptionError) {
        guard names.contains(name) else {
            let list = names.isEmpty ? "there is none" : names.prefix(20).joined(separator: ", ")
            throw refusal(
                .descriptionReference,
                "is for '\(name)', which is no \(what). It must be one of: \(list).",
                Self.suggestion(name, among: names)
            )
        }
    }

    /// A name of a list, for example of the populations.
    func reference(_ names: [String], _ what: String) throws(DescriptionError) -> String {
        let text = node.scalar?.string ?? ""
        guard names.contains(text) else {
            let list = names.isEmpty ? "there is none" : names.prefix(20).joined(separator: ", ")
            throw refusal(
                .descriptionReference,
                "is \(shown), which is no \(what). It must be one of: \(list).",
                Self.suggestion(text, among: names)
            )
        }
        return text
    }

    /// A number without `.0`.
    static func plain(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
    }

    /// The path of a file that is named relative to a folder.
    static func path(_ name: String, in folder: String) -> String {
        name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
    }

    static func suggestion(_ text: String, among names: [String]) -> String {
        NearestName.of(text, among: names).map { "Did you mean \($0)?" } ?? ""
    }
}

/// A section whose keys are known.
struct Section {
    let entry: Entry
    private let values: [String: Entry]

    init(_ entry: Entry, known: [String]) throws(DescriptionError) {
        self.entry = entry
        guard let mapping = entry.node.mapping else {
            throw entry.refusal(
                "is \(entry.shown). It must be a section with keys of: "
                    + "\(known.joined(separator: ", "))."
            )
        }
        var values: [String: Entry] = [:]
        for (name, value) in mapping {
            let place = Entry(file: entry.file, key: entry.key, node: name)
            let text = name.scalar?.string ?? ""
            guard known.contains(text) else {
                throw place.refusal(
                    .descriptionUnknownKey,
                    "has the key \(place.shown). Its keys are: \(known.joined(separator: ", ")).",
                    Entry.suggestion(text, among: known)
                )
            }
            guard values.updateValue(entry.child(text, value), forKey: text) == nil else {
                throw place.refusal(
                    .descriptionTwice,
                    "has \(text) twice. It must stand there once."
                )
            }
        }
        self.values = values
    }

    subscript(_ name: String) -> Entry? { values[name] }

    /// The one key of some that the section has.
    func one(of names: [String]) throws(DescriptionError) -> String {
        let found = names.filter { values[$0] != nil }
        guard found.count == 1 else {
            throw entry.refusal(
                .descriptionKeysTogether,
                "has \(found.isEmpty ? "none" : found.joined(separator: " and ")). It must have exactly "
                    + "one of: \(names.joined(separator: ", ")).",
                found.isEmpty ? "Add one." : "Delete the others."
            )
        }
        return found[0]
    }

    /// Refuses keys that have no meaning beside the others.
    func refuse(except names: [String], _ what: String) throws(DescriptionError) {
        guard let bad = values.keys.filter({ !names.contains($0) }).min() else { return }
        throw (values[bad] ?? entry).refusal(
            .descriptionKeysTogether,
            "is no key of \(what). Its keys are: \(names.joined(separator: ", ")).",
            Entry.suggestion(bad, among: names)
        )
    }

    func required(_ name: String, _ what: String) throws(DescriptionError) -> Entry {
        guard let value = values[name] else {
            throw entry.refusal(.descriptionMissing, "lacks the key \(name). \(what)", "Add it.")
        }
        return value
    }
}
