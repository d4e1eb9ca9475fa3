/// What a reader found wrong with a file.
public struct SpikeTraceHealth: Sendable, Equatable, CustomStringConvertible {
    /// Bytes that were passed over.
    public struct Skip: Sendable, Equatable {
        /// Where, in bytes from the start of the file.
        public var bytes: Range<UInt64>
        /// Why.
        public var reason: String
    }

    /// Whether the recording was ended properly and its summary is intact.
    ///
    /// If not, the chunks were found by scanning the file.
    public internal(set) var hasSummary = false
    /// Bytes passed over so far, in the order they were met.
    public private(set) var skipped: [Skip] = []

    /// Whether nothing is wrong, as far as the file has been read.
    public var isIntact: Bool { hasSummary && skipped.isEmpty }

    /// Number of bytes passed over so far; 2⁶⁴ − 1 if a damaged index claims more.
    public var skippedBytes: UInt64 {
        skipped.reduce(0) { sum, skip in
            // Not `count`: an index may claim more than an Int holds.
            let size = skip.bytes.upperBound - skip.bytes.lowerBound
            let (total, overflow) = sum.addingReportingOverflow(size)
            return overflow ? .max : total
        }
    }

    /// One line for a person.
    public var description: String {
        guard !isIntact else { return "intact" }
        var parts: [String] = []
        if !hasSummary { parts.append("no intact summary (the recording was cut off or damaged)") }
        if let first = skipped.first {
            parts.append(
                "\(skippedBytes) bytes skipped in \(skipped.count) places, the first at byte "
                    + "\(first.bytes.lowerBound): \(first.reason)"
            )
        }
        return parts.joined(separator: "; ")
    }

    private var known: Set<UInt64> = []

    /// Notes bytes that were passed over, once however often they are read.
    mutating func skip(_ bytes: Range<UInt64>, _ reason: String) {
        guard !bytes.isEmpty, known.insert(bytes.lowerBound).inserted else { return }
        skipped.append(Skip(bytes: bytes, reason: reason))
    }
}
