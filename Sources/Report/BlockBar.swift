/// Bars drawn with the block characters of Unicode, to an eighth of a column.
enum BlockBar {
    private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    /// A bar.
    ///
    /// - Parameters:
    ///   - fraction: Length as part of the width; clamped to 0...1.
    ///   - width: Columns of a full bar.
    /// - Returns: At most `width` characters; anything above zero shows.
    static func text(_ fraction: Double, width: Int) -> String {
        guard fraction > 0, width > 0 else { return "" }
        let length = max(1, Int((min(1, fraction) * Double(8 * width)).rounded()))
        return String(repeating: "█", count: length / 8) + eighths[length % 8]
    }

    static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
