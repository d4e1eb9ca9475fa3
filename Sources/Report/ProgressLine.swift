/// How far a long run is, as one line for a terminal.
///
/// A pure function of its values: the caller keeps the time and prints.
public struct ProgressLine: Sendable, Equatable {
    /// What is being done, for example `measure 0.2`.
    public var title: String
    /// What is counted, in the plural, for example `samples`.
    public var unit: String
    /// Units done.
    public var done: Int
    /// Units in all; nil if that is not known.
    public var total: Int?
    /// Seconds since the start.
    public var elapsed: Double

    /// Describes a state of progress.
    ///
    /// - Parameters:
    ///   - title: What is being done.
    ///   - unit: What is counted, in the plural.
    ///   - done: Units done.
    ///   - total: Units in all; nil if that is not known.
    ///   - elapsed: Seconds since the start.
    public init(_ title: String, unit: String, done: Int, total: Int?, elapsed: Double) {
        self.title = title
        self.unit = unit
        self.done = done
        self.total = total
        self.elapsed = elapsed
    }

    /// The line, without a line end.
    ///
    /// For example `measure 0.2 ━━━━━━╸──── 55 %  248 of 450 samples  1,230/s  0.2 s left`.
    ///
    /// - Parameter width: Columns of the terminal; the line is never wider.
    /// - Returns: The line; what does not fit is left out from the right.
    public func text(width: Int) -> String {
        var facts: [String] = []
        if let total, total > 0 {
            facts.append("\(Format.count(done)) of \(Format.count(total)) \(unit)")
        } else {
            facts.append("\(Format.count(done)) \(unit)")
        }
        if elapsed > 0 && done > 0 {
            let rate = Double(done) / elapsed
            facts.append(Self.rateText(rate) + "/s")
            if let total, total > done {
                facts.append(Format.duration(Double(total - done) / rate) + " left")
            } else {
                facts.append(Format.duration(elapsed))
            }
        }
        var line = title
        if let total, total > 0 {
            let fraction = min(1, max(0, Double(done) / Double(total)))
            let percentage = Format.fixed((fraction * 100).rounded(.down), decimals: 0) + " %"
            let padding = String(repeating: " ", count: max(0, 5 - percentage.count))
            line += " " + Self.bar(fraction, width: Self.barWidth) + " " + padding + percentage
        }
        if line.count > width { line = String(title.prefix(max(0, width))) }
        for fact in facts {
            guard line.count + 2 + fact.count <= width else { break }
            line += "  " + fact
        }
        return line
    }

    private static func rateText(_ rate: Double) -> String {
        switch rate {
        case ..<100: Format.fixed(rate, decimals: 1)
        case ..<1e6: Format.count(Int(rate.rounded()))
        default: Format.si(rate, "")
        }
    }

    private static let barWidth = 20

    private static func bar(_ fraction: Double, width: Int) -> String {
        let halves = Int((fraction * Double(2 * width)).rounded(.down))
        let full = String(repeating: "━", count: halves / 2)
        let half = halves % 2 == 1 ? "╸" : ""
        return full + half + String(repeating: "─", count: width - halves / 2 - halves % 2)
    }
}
