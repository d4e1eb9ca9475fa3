/// How the spikes of a batch are laid out (`docs/FORMATS.md`).
public enum SpikeLayout: UInt8, Sendable, CaseIterable, CustomStringConvertible {
    /// Gaps between keys step · N + neuron, in symbols and raw bits.
    case gap = 0
    /// Second differences of inter-spike intervals, neuron by neuron: for regular firing.
    case intervals = 1
    /// As `intervals`, against a running mean instead of the last interval: for jittered firing.
    case means = 3
    /// Bytes of equal weight side by side: for events that come in fronts, and in arrival order.
    case planes = 2

    /// The name in the documentation of the format.
    public var description: String {
        switch self {
        case .gap: "gap"
        case .intervals: "isi2"
        case .planes: "planes"
        case .means: "mean"
        }
    }
}

/// The fixed part of a batch: 24 bytes, little-endian.
struct BatchHeader: Equatable {
    /// Bytes of the header.
    static let byteCount = 24
    /// Flag: spikes of a step are in order of arrival, not of neurons.
    static let arrivalOrder: UInt8 = 1

    var layout: UInt8
    var flags: UInt8
    /// N of the keys.
    var neuronCount: UInt32
    var firstStep: UInt64
    /// Steps from the first to the last spike, both included.
    var stepCount: UInt32
    var spikeCount: UInt32

    /// Whether this version decodes the batch.
    var isKnown: Bool {
        switch SpikeLayout(rawValue: layout) {
        case .gap, .intervals, .means: flags == 0
        case .planes: flags & ~Self.arrivalOrder == 0
        case nil: false
        }
    }

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
