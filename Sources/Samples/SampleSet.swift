/// Samples that a network is run on: spike trains of one length, with or without labels.
///
/// `init(contentsOf:limits:)` describes the file format.
public struct SampleSet: Sendable, Equatable {
    /// Number of samples; at least 1.
    public let sampleCount: Int
    /// Time steps of each sample; at least 1.
    public let stepCount: Int
    /// Class of each sample, 0 or more; nil if the samples are not labelled.
    public let labels: [Int]?
    /// The spikes for each Input node of the network: one without a name, or several by name.
    public let inputs: [InputSpikes]

    /// Puts samples together from the spikes of each input.
    ///
    /// - Parameters:
    ///   - inputs: At least one; all of the same sample and step count, names ascending.
    ///   - labels: Class of each sample, or nil.
    /// - Throws: `SampleError` if inputs and labels do not fit each other.
    public init(inputs: [InputSpikes], labels: [Int]? = nil) throws(SampleError) {
        try self.init(inputs: inputs, labels: labels, source: "samples")
    }

    package init(
        inputs: [InputSpikes],
        labels: [Int]?,
        source: String
    ) throws(SampleError) {
        guard let first = inputs.first else {
            throw .missingArray(source: source, name: "spikes", present: [])
        }
        for input in inputs.dropFirst()
        where input.sampleCount != first.sampleCount || input.stepCount != first.stepCount {
            throw .unequalInputs(
                source: source,
                first: first.arrayName,
                firstShape: first.shape,
                second: input.arrayName,
                secondShape: input.shape
            )
        }
        if let labels {
            guard labels.count == first.sampleCount else {
                throw .labelCount(
                    source: source,
                    labelShape: [labels.count],
                    samples: first.sampleCount
                )
            }
            if let sample = labels.firstIndex(where: { $0 < 0 }) {
                throw .badLabel(source: source, sample: sample, value: String(labels[sample]))
            }
        }
        sampleCount = first.sampleCount
        stepCount = first.stepCount
        self.labels = labels
        self.inputs = inputs
    }

    /// Shape of the channels of the first input, which is the only one in most networks.
    public var channelShape: [Int] { inputs[0].channelShape }

    /// Number of channels of the first input.
    public var channelCount: Int { inputs[0].channelCount }

    /// The channels that spike in one step of one sample.
    ///
    /// - Parameters:
    ///   - sample: 0 ..< `sampleCount`.
    ///   - step: 0 ..< `stepCount`.
    ///   - input: Index into `inputs`.
    /// - Returns: Channels in C order of the channel shape, ascending.
    public func spikes(sample: Int, step: Int, input: Int = 0) -> ArraySlice<UInt32> {
        inputs[input].spikes(sample: sample, step: step)
    }

    /// The first samples alone.
    ///
    /// - Parameter count: How many, at least 1; all if there are fewer.
    /// - Returns: The samples with their labels.
    public func prefix(_ count: Int) -> SampleSet {
        let kept = min(max(count, 1), sampleCount)
        guard kept < sampleCount else { return self }
        return SampleSet(self, first: kept)
    }

    private init(_ set: SampleSet, first count: Int) {
        sampleCount = count
        stepCount = set.stepCount
        labels = set.labels.map { Array($0.prefix(count)) }
        inputs = set.inputs.map { $0.prefix(count) }
    }

    /// The same samples with inputs in the order in which a network wants them.
    ///
    /// A single array `spikes` serves a network with one Input node, whatever its name. Shapes must be
    /// equal, except that a flat list of channels stands for any shape of as many elements (C order).
    ///
    /// - Parameter nodes: Name and shape of each Input node.
    /// - Returns: One input for each node, in the order of the nodes.
    /// - Throws: `SampleError` naming the node that has no spikes, the spikes that have no node, or the
    ///   two shapes that differ.
    public func matched(
        to nodes: [(name: String, shape: [Int])]
    ) throws(SampleError) -> SampleSet {
        var matched: [InputSpikes] = []
        for node in nodes {
            let isOnly = nodes.count == 1 && inputs.count == 1 && inputs[0].name == nil
            guard let input = isOnly ? inputs[0] : inputs.first(where: { $0.name == node.name })
            else {
                throw .noSpikes(node: node.name, present: inputs.map(\.arrayName))
            }
            guard input.fits(node.shape) else {
                throw .wrongChannels(
                    array: input.arrayName,
                    channelShape: input.channelShape,
                    node: node.name,
                    nodeShape: node.shape
                )
            }
            matched.append(input)
        }
        let used = Set(matched.map(\.arrayName))
        if let extra = inputs.first(where: { !used.contains($0.arrayName) }) {
            throw .noNode(array: extra.arrayName, nodes: nodes.map(\.name))
        }
        return try SampleSet(inputs: matched, labels: labels)
    }
}
