import ChipSpec

extension DeviceFile {
    /// The file as text: what `init(text:path:)` reads, with five digits behind the point.
    public var text: String {
        var lines = ["device: \(Self.quoted(name))"]
        if !summary.isEmpty { lines.append("summary: \(Self.quoted(summary))") }
        lines.append("chip: \(Self.quoted(chip))")
        if let chipDigest { lines.append("chipDigest: \(Self.quoted(chipDigest))") }
        if !device.variation.isEmpty {
            let pairs = MismatchParameter.allCases.compactMap { parameter in
                device.variation[parameter].map { "\(parameter.rawValue): \($0)" }
            }
            lines.append(
                "drawn: { seed: \(device.seed), mismatch: { \(pairs.joined(separator: ", ")) } }"
            )
        }
        if !device.known.isEmpty { lines.append("cores:") }
        for (core, known) in device.known.sorted(by: { $0.key < $1.key }) {
            lines.append("  - core: \(core)")
            let bounds = intervals[core] ?? Intervals()
            for (key, lists) in [
                ("factors", known.factors), ("low", bounds.low), ("high", bounds.high),
            ] where !lists.isEmpty {
                lines.append("    \(key):")
                for parameter in MismatchParameter.allCases {
                    guard let list = lists[parameter] else { continue }
                    let numbers = list.map(Self.number).joined(separator: " ")
                    lines.append("      \(parameter.rawValue): \"\(numbers)\"")
                }
            }
        }
        if !device.deadCores.isEmpty {
            let cores = device.deadCores.map(String.init).joined(separator: ", ")
            lines.append("dead: { cores: [\(cores)] }")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A factor with five digits behind the point; ~ for 0.
    private static func number(_ value: Double) -> String {
        guard value > 0 else { return "~" }
        let units = Int((min(max(value, 0.001), KnownFactors.largest) * 100_000).rounded())
        let rest = String(units % 100_000)
        let zeros = String(repeating: "0", count: 5 - rest.count)
        return "\(units / 100_000).\(zeros)\(rest)"
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar -> String in
            scalar == "\"" || scalar == "\\" ? "\\\(scalar)" : String(scalar)
        }
        return "\"\(escaped.joined())\""
    }
}
