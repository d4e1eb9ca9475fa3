/// Samples of a classification task: inputs as real numbers, and the class of each.
public struct LabelledData: Sendable, Equatable {
    /// `[sample][feature]`, row-major; finite.
    public let inputs: [Float]
    /// Class of each sample, in 0 ..< `classCount`.
    public let labels: [Int]
    /// Number of inputs of a sample, at least 1.
    public let featureCount: Int
    /// Number of classes, at least 2.
    public let classCount: Int

    /// Puts inputs and labels together.
    ///
    /// - Parameters:
    ///   - inputs: `[sample][feature]`, row-major.
    ///   - labels: Class of each sample.
    ///   - featureCount: Number of inputs of a sample.
    ///   - classCount: Number of classes.
    /// - Throws: `RateNetworkError` if they do not fit each other.
    public init(
        inputs: [Float],
        labels: [Int],
        featureCount: Int,
        classCount: Int
    ) throws(RateNetworkError) {
        guard (1...65_536).contains(featureCount) else {
            throw .outOfRange(
                name: "featureCount",
                value: "\(featureCount)",
                limit: "in 1...65536"
            )
        }
        guard (2...65_536).contains(classCount) else {
            throw .outOfRange(name: "classCount", value: "\(classCount)", limit: "in 2...65536")
        }
        guard inputs.count == labels.count * featureCount else {
            throw .lengthMismatch(
                name: "inputs",
                count: inputs.count,
                expected: labels.count * featureCount
            )
        }
        if let sample = labels.firstIndex(where: { $0 < 0 || $0 >= classCount }) {
            throw .badLabel(
                sample: sample,
                value: labels[sample],
                classCount: classCount,
                offenders: labels.count { $0 < 0 || $0 >= classCount }
            )
        }
        if let index = inputs.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(sample: index / featureCount)
        }
        self.init(
            checkedInputs: inputs,
            labels: labels,
            featureCount: featureCount,
            classCount: classCount
        )
    }

    init(checkedInputs: [Float], labels: [Int], featureCount: Int, classCount: Int) {
        inputs = checkedInputs
        self.labels = labels
        self.featureCount = featureCount
        self.classCount = classCount
    }

    /// Number of samples.
    public var count: Int { labels.count }

    /// Some of the samples.
    ///
    /// - Parameter samples: Indices in 0 ..< `count`, in the order wanted.
    /// - Returns: Data of the same shape.
    public func selecting(_ samples: some Sequence<Int>) -> LabelledData {
        var inputs: [Float] = []
        var labels: [Int] = []
        for sample in samples {
            inputs += self.inputs[sample * featureCount..<(sample + 1) * featureCount]
            labels.append(self.labels[sample])
        }
        return LabelledData(
            checkedInputs: inputs,
            labels: labels,
            featureCount: featureCount,
            classCount: classCount
        )
    }

    var shape: String { "\(featureCount) inputs and \(classCount) classes" }
}
