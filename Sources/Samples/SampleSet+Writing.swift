extension SampleSet {
    /// Writes the samples as an NPZ file that `init(contentsOf:)` and numpy read.
    ///
    /// Spikes are u8 and labels i64, deflated. The same samples give the same bytes. Needs as much memory
    /// as the array has elements.
    ///
    /// - Parameter path: The file; written beside it first, then renamed.
    /// - Throws: `SampleError` if it cannot be written.
    public func write(to path: String) throws(SampleError) {
        var members = inputs.map { input in
            let channelCount = input.channelCount
            var elements = [UInt8](repeating: 0, count: sampleCount * stepCount * channelCount)
            for row in 0..<sampleCount * stepCount {
                for channel in input.spikes(sample: row / stepCount, step: row % stepCount) {
                    elements[row * channelCount + Int(channel)] = 1
                }
            }
            return ArchiveWriter.Member(
                name: input.arrayName + ".npy",
                bytes: ArrayHeader.encoded(type: "|u1", shape: input.shape) + elements
            )
        }
        if let labels {
            let bytes = labels.flatMap { (label: Int) -> [UInt8] in
                (0..<8).map { UInt8(truncatingIfNeeded: label >> (8 * $0)) }
            }
            members.append(
                ArchiveWriter.Member(
                    name: "labels.npy",
                    bytes: ArrayHeader.encoded(type: "<i8", shape: [labels.count]) + bytes
                )
            )
        }
        try ArchiveWriter.write(members, to: path)
    }
}

extension ArrayHeader {
    /// A version 1.0 header as numpy writes it: padded so that the data start at a multiple of 64.
    static func encoded(type: String, shape: [Int]) -> [UInt8] {
        let dimensions = shape.map(String.init).joined(separator: ", ")
        let tuple = "(\(dimensions)\(shape.count == 1 ? "," : ""))"
        let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(tuple), }"
        let padding = (64 - (10 + text.utf8.count + 1) % 64) % 64
        let line = Array(text.utf8) + [UInt8](repeating: 0x20, count: padding) + [0x0A]
        return [0x93] + Array("NUMPY".utf8) + [1, 0]
            + [UInt8(line.count & 0xFF), UInt8(line.count >> 8)] + line
    }
}
