import ArgumentParser

/// Lists of cores on the command line: `3,17-20`.
enum CoreList {
    /// No chip has more cores.
    private static let most = 1 << 20

    /// Reads a list.
    ///
    /// - Parameters:
    ///   - text: Numbers and ranges, separated by commas.
    ///   - option: The option that holds it, for messages.
    /// - Returns: The cores, as they are listed.
    /// - Throws: `ValidationError` if it is none.
    static func cores(_ text: String, option: String) throws -> [Int] {
        var cores: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(ends.count), let first = ends[0],
                let last = ends[ends.count - 1],
                first >= 0, first <= last, last < most
            else {
                throw ValidationError(
                    "\(option) '\(text)' is no list of cores. Write numbers and ranges below "
                        + "1,048,576, as in 3,17-20."
                )
            }
            cores += first...last
            guard cores.count <= most else {
                throw ValidationError("\(option) names more than 1,048,576 cores.")
            }
        }
        return cores
    }

    /// Writes a list in the shortest form.
    ///
    /// - Parameter cores: Cores, ascending.
    /// - Returns: Numbers and ranges.
    static func text(_ cores: [Int]) -> String {
        var ranges: [ClosedRange<Int>] = []
        for core in cores {
            if let last = ranges.last, last.upperBound + 1 == core {
                ranges[ranges.count - 1] = last.lowerBound...core
            } else {
                ranges.append(core...core)
            }
        }
        return ranges.map { range in
            range.count == 1
                ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
        }
        .joined(separator: ",")
    }
}
