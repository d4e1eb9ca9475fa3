/// The spikes of all samples for one Input node, as lists of channels.
///
/// Memory: 4 bytes a spike and 8 bytes a (sample, step).
public struct InputSpikes: Sendable, Equatable {
    /// Name of the Input node; nil if the network has only one.
    public let name: String?
    /// Number of samples.
    public let sampleCount: Int
    /// Time steps of each sample.
    public let stepCount: Int
    /// Shape of the channels, at least one dimension.
    public let channelShape: [Int]
    /// `[sample][step]`, row-major, and one end: where the channels of each step start.
    private let offsets: [Int]
    /// Channels that spike, ascending within a step.
    private let channels: [UInt32]

    /// Takes over finished tables.
    package init(
        name: String?,
        sampleCount: Int,
        stepCount: Int,
        channelShape: [Int],
        offsets: [Int],
        channels: [UInt32]
    ) {
        precondition(
            offsets.count == sampleCount * stepCount + 1,
            "one row for each (sample, step)"
        )
        precondition(offsets.last == channels.count, "the last row ends with the last spike")
        self.name = name
        self.sampleCount = sampleCount
        self.stepCount = stepCount
        self.channelShape = channelShape
        self.offsets = offsets
        self.channels = channels
    }

    /// Makes the spikes of one input from lists.
    ///
    /// - Parameters:
    ///   - name: Name of the Input node, or nil if it is the only one.
    ///   - channelShape: Shape of the channels; every dimension is positive.
    ///   - samples: `[sample][step]`, each a list of channels in C order of the shape, in any order;
    ///     a channel named twice spikes once.
    /// - Throws: `SampleError` if there is no sample or no step, if samples differ in length, or if a
    ///   channel lies outside the shape.
    public init(name: String? = nil, channelShape: [Int], samples: [[[UInt32]]]) throws(SampleError)
    {
        let source = "samples"
        let array = Self.arrayName(of: name)
        let stepCount = samples.first?.count ?? 0
        let shape = [samples.count, stepCount] + channelShape
        guard let channelCount = checkedProduct(channelShape),
            !channelShape.isEmpty, shape.allSatisfy({ $0 > 0 })
        else {
            throw .badShape(source: source, array: array, shape: shape)
        }
        var offsets = [0]
        var channels: [UInt32] = []
        for (sample, steps) in samples.enumerated() {
            guard steps.count == stepCount else {
                throw .unequalSamples(
                    source: source,
                    sample: sample,
                    steps: steps.count,
                    expected: stepCount
                )
            }
            for (step, list) in steps.enumerated() {
                let row = Set(list).sorted()
                if let last = row.last, Int(last) >= channelCount {
                    throw .noSuchChannel(
                        source: source,
                        sample: sample,
                        step: step,
                        channel: Int(last),
                        channelCount: channelCount
                    )
                }
                channels += row
                offsets.append(channels.count)
            }
        }
        self.init(
            name: name,
            sampleCount: samples.count,
            stepCount: stepCount,
            channelShape: channelShape,
            offsets: offsets,
            channels: channels
        )
    }

    /// The first samples alone.
    ///
    /// - Parameter count: How many, 1 to `sampleCount`.
    /// - Returns: Their spikes.
    package func prefix(_ count: Int) -> InputSpikes {
        precondition((1...sampleCount).contains(count), "as many samples as there are")
        let offsets = Array(offsets[...(count * stepCount)])
        return InputSpikes(
            name: name,
            sampleCount: count,
            stepCount: stepCount,
            channelShape: channelShape,
            offsets: offsets,
            channels: Array(channels.prefix(offsets.last ?? 0))
        )
    }

    /// Number of channels.
    public var channelCount: Int { channelShape.reduce(1, *) }

    /// Spikes of all samples together.
    public var spikeCount: Int { channels.count }

    /// Name of the array in an NPZ file: `spikes`, or `spikes/` and the name of the Input node.
    public var arrayName: String { Self.arrayName(of: name) }

    /// The channels that spike in one step of one sample.
    ///
    /// - Parameters:
    ///   - sample: 0 ..< `sampleCount`.
    ///   - step: 0 ..< `stepCount`.
    /// - Returns: Channels in C order of the channel shape, ascending.
    public func spikes(sample: Int, step: Int) -> ArraySlice<UInt32> {
        precondition(sample >= 0 && sample < sampleCount, "the sample exists")
        precondition(step >= 0 && step < stepCount, "the step exists")
        let row = sample * stepCount + step
        return channels[offsets[row]..<offsets[row + 1]]
    }

    var shape: [Int] { [sampleCount, stepCount] + channelShape }

    static func arrayName(of name: String?) -> String { name.map { "spikes/" + $0 } ?? "spikes" }

    func fits(_ nodeShape: [Int]) -> Bool {
        channelShape == nodeShape
            || (channelShape.count == 1 || nodeShape.count <= 1)
                && checkedProduct(nodeShape) == channelCount
    }
}

/// The product of dimensions, or nil if one is negative or 64 bits do not hold it.
func checkedProduct(_ dimensions: [Int]) -> Int? {
    var product = 1
    for dimension in dimensions {
        let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
        if dimension < 0 || overflow { return nil }
        product = next
    }
    return product
}
