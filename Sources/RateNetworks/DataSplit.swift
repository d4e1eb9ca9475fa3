import FixedPoint

/// Samples to learn from, to choose by, and to be judged by once.
public struct DataSplit: Sendable, Equatable {
    /// What weights are learned from; at least one sample.
    public let training: LabelledData
    /// What parameters are chosen by; may be empty.
    public let validation: LabelledData
    /// What is read once, at the end; may be empty.
    public let test: LabelledData

    /// Puts parts together that somebody else has split.
    ///
    /// - Parameters:
    ///   - training: At least one sample.
    ///   - validation: May be empty.
    ///   - test: May be empty.
    /// - Throws: `RateNetworkError` if the shapes differ or there is nothing to learn from.
    public init(
        training: LabelledData,
        validation: LabelledData,
        test: LabelledData
    ) throws(RateNetworkError) {
        for part in [validation, test] where part.shape != training.shape {
            throw .unequalShapes(first: training.shape, second: part.shape)
        }
        guard training.count > 0 else {
            throw .outOfRange(name: "training samples", value: "0", limit: "at least 1")
        }
        self.training = training
        self.validation = validation
        self.test = test
    }
}

extension LabelledData {
    /// Splits the samples at random.
    ///
    /// Arms that get the same seed get the same split. The test part depends on its own size and the
    /// seed alone: changing the validation part does not move samples in or out of it.
    ///
    /// - Parameters:
    ///   - validation: Number of samples, 0 or more.
    ///   - test: Number of samples, 0 or more.
    ///   - seed: Purpose `stimulus`.
    /// - Returns: The parts; what neither names is for training.
    /// - Throws: `RateNetworkError` unless at least one sample is left for training.
    public func split(
        validation: Int,
        test: Int,
        seed: UInt64
    ) throws(RateNetworkError) -> DataSplit {
        guard validation >= 0, test >= 0, validation < count, test < count - validation else {
            throw .outOfRange(
                name: "validation + test",
                value: "\(validation) + \(test)",
                limit: "below the \(count) samples"
            )
        }
        let stream = RandomStream(seed: seed, purpose: .stimulus)
            .named(RandomStream.id(of: "RateNetworks.split"))
        var order = Array(0..<count)
        stream.shuffle(&order, 0)
        return try DataSplit(
            training: selecting(order[(test + validation)...]),
            validation: selecting(order[test..<test + validation]),
            test: selecting(order[..<test])
        )
    }
}

extension RandomStream {
    /// Brings numbers into a random order (Fisher and Yates).
    ///
    /// - Parameters:
    ///   - order: At most 2³² numbers.
    ///   - c: Third word of the address, for example the epoch.
    func shuffle(_ order: inout [Int], _ c: UInt32) {
        for last in stride(from: order.count - 1, to: 0, by: -1) {
            let word = words(UInt32(last), 0, c).0
            order.swapAt(last, Int((UInt64(word) * UInt64(last + 1)) >> 32))
        }
    }
}
