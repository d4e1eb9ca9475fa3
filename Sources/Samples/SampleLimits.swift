/// What a file of samples may hold at most, whatever it claims.
public struct SampleLimits: Sendable {
    /// Elements of a spike array, ones and zeros.
    public var elements: Int
    /// Samples × steps.
    public var rows: Int
    /// Spikes of an input.
    public var spikes: Int

    /// Sets limits.
    ///
    /// - Parameters:
    ///   - elements: Elements of a spike array.
    ///   - rows: Samples × steps, at most 2³² − 1.
    ///   - spikes: Spikes of an input.
    public init(elements: Int, rows: Int, spikes: Int) {
        self.elements = elements
        self.rows = min(rows, Int(UInt32.max))
        self.spikes = spikes
    }

    /// 8 G elements, 64 M rows and 256 M spikes: less than 2 GiB of memory.
    ///
    /// The test sets of N-MNIST (2.3 G elements, 40 M spikes) and DVS Gesture fit well.
    public static let standard = SampleLimits(elements: 1 << 33, rows: 1 << 26, spikes: 1 << 28)
}
