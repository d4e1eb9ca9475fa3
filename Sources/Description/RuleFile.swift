public import NetworkIR
import Yams

/// Files of learning rules: keys and text, which the compiler parses (`docs/LEARNING.md`).
public enum RuleFile {
    /// Keys of a rule.
    package static let keys = [
        "name", "summary", "x1", "x2", "y1", "y2", "y3", "epoch", "dw", "dd", "dt", "thirdFactor",
    ]
    /// Keys of a learning trace.
    package static let traceKeys = ["impulse", "tau", "shape"]

    /// Reads a rule.
    ///
    /// - Parameter path: Path of a YAML file.
    /// - Throws: `DescriptionError`.
    /// - Returns: Its entries, not parsed yet.
    public static func rule(path: String) throws -> LearningRule {
        try rule(text: YAMLFile.text(of: path, "rule"), path: path)
    }

    /// Reads a rule from its text.
    ///
    /// - Parameters:
    ///   - text: YAML.
    ///   - path: What messages name.
    /// - Throws: `DescriptionError`.
    /// - Returns: Its entries, not parsed yet.
    public static func rule(text: String, path: String) throws(DescriptionError) -> LearningRule {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return try rule(YAMLFile.root(text, file: path, "rule"), name: name)
    }

    static func rule(_ entry: Entry, name: String) throws(DescriptionError) -> LearningRule {
        let section = try entry.section(keys)
        var rule = LearningRule(name: name, file: entry.file, entries: [])
        if let name = section["name"] { rule.name = try name.text(atMost: 64) }
        _ = try section["summary"]?.text()
        func append(_ key: String, _ value: Entry) throws(DescriptionError) {
            let text = try value.text()
            var column = value.node.mark?.column ?? 1
            // A quoted scalar begins after its quote.
            if let style = value.node.scalar?.style,
                style == .singleQuoted || style == .doubleQuoted
            {
                column += 1
            }
            rule.entries.append(
                LearningRuleEntry(
                    key: key,
                    text: text,
                    line: value.node.mark?.line ?? 0,
                    column: column
                )
            )
        }
        for key in keys.dropFirst(2) {
            guard let value = section[key] else { continue }
            if ["x1", "x2", "y1", "y2", "y3"].contains(key) {
                let parts = try value.section(traceKeys)
                for part in traceKeys {
                    if let field = parts[part] { try append("\(key).\(part)", field) }
                }
            } else if value.node.sequence != nil {
                for item in try value.list(1...64) { try append(key, item) }
            } else {
                try append(key, value)
            }
        }
        return rule
    }

    /// The words of a rule's text: letters, digits and `_`, the first a letter.
    static func words(of text: String) -> [String] {
        text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) }
            .filter { $0.first?.isLetter ?? false }.map(String.init)
    }
}
