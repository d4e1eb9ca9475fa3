/// Finds what a mistyped name was meant to be.
package enum NearestName {
    /// The known name with the fewest edits to a given one.
    ///
    /// - Parameters:
    ///   - name: What was written.
    ///   - known: What could have been meant.
    /// - Returns: Nil when even the nearest differs in more than two fifths of its letters.
    package static func of(_ name: String, among known: [String]) -> String? {
        let written = Array(name.lowercased().utf8.prefix(100))
        var best: (name: String, edits: Int)?
        for candidate in known {
            let edits = distance(written, Array(candidate.lowercased().utf8))
            let allowed = max(1, max(candidate.utf8.count, written.count) * 2 / 5)
            if edits <= allowed, edits < best?.edits ?? .max { best = (candidate, edits) }
        }
        return best?.name
    }

    /// Levenshtein distance.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, letter) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in b.enumerated() {
                let substituted = diagonal + (letter == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
            }
        }
        return row[b.count]
    }
}
