/// The fixed part of a batch: 24 bytes, little-endian.
struct BatchHeader: Equatable {
    /// Bytes of the header.
    static let byteCount = 24

    /// How the columns are laid out.
    enum Layout: UInt8 {
        /// Gaps between keys step · N + neuron, in symbols and raw bits.
        case gap = 0
        // 1 (isi2) and 2 (planes) are reserved.
    }

    var layout: UInt8 = Layout.gap.rawValue
    var flags: UInt8 = 0
    /// N of the keys.
    var neuronCount: UInt32
    var firstStep: UInt64
    /// Steps from the first to the last spike, both included.
    var stepCount: UInt32
    var spikeCount: UInt32

    func write(to bytes: inout ByteWriter) {
        bytes.put(layout)
        bytes.put(flags)
        bytes.put(UInt16(0))
        bytes.put(neuronCount)
        bytes.put(firstStep)
        bytes.put(stepCount)
        bytes.put(spikeCount)
    }
}

extension BatchHeader {
    /// Reads a header; nil if the bytes are too few.
    init?(from bytes: inout ByteReader) {
        guard let layout = bytes.get(UInt8.self), let flags = bytes.get(UInt8.self),
            bytes.get(UInt16.self) != nil, let neuronCount = bytes.get(UInt32.self),
            let firstStep = bytes.get(UInt64.self), let stepCount = bytes.get(UInt32.self),
            let spikeCount = bytes.get(UInt32.self)
        else { return nil }
        self.layout = layout
        self.flags = flags
        self.neuronCount = neuronCount
        self.firstStep = firstStep
        self.stepCount = stepCount
        self.spikeCount = spikeCount
    }
}
