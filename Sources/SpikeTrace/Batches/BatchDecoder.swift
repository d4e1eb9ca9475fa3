/// Decodes batches of any layout.
final class BatchDecoder {
    private let shapes = SymbolShapes()
    private let intervals = IntervalDecoder()

    /// Decodes a batch; traps on no bytes, however hostile.
    ///
    /// - Parameters:
    ///   - header: Header of the batch, of a known layout.
    ///   - columns: Where the columns lie in `bytes`, with `SymbolDecoder.padding` bytes behind.
    ///   - bytes: Storage.
    ///   - output: Takes the spikes; as many places as the header counts.
    /// - Returns: What is wrong, or nil if all spikes were decoded.
    func decode(
        _ header: BatchHeader,
        columns: Range<Int>,
        bytes: UnsafeRawBufferPointer,
        output: UnsafeMutableBufferPointer<BatchSpike>
    ) -> String? {
        guard header.spikeCount > 0 else {
            return columns.isEmpty ? nil : "an empty batch has columns"
        }
        guard header.neuronCount > 0, header.stepCount > 0 else {
            return "a batch of spikes has no neurons or no steps"
        }
        guard
            !header.firstStep.addingReportingOverflow(UInt64(header.stepCount) - 1).overflow
        else { return "a batch ends after the last time step" }
        unsafe precondition(
            columns.lowerBound >= 0 && columns.upperBound + SymbolDecoder.padding <= bytes.count
                && output.count == Int(header.spikeCount),
            "columns and padding lie within the bytes"
        )
        let part = unsafe UnsafeRawBufferPointer(rebasing: bytes[columns])
        switch SpikeLayout(rawValue: header.layout) {
        case .gap:
            return unsafe GapDecoder.decode(header, columns: part, shapes: shapes, output: output)
        case .intervals, .means:
            return unsafe intervals.decode(
                header,
                columns: part,
                isMean: header.layout == SpikeLayout.means.rawValue,
                shapes: shapes,
                output: output
            )
        case .planes:
            return unsafe Planes.decode(header, columns: part, output: output)
        case nil:
            return "a batch of an unknown layout"
        }
    }
}
