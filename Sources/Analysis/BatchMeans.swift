/// Mean of correlated values, and how many independent ones they are worth, by batch means.
///
/// Values are averaged over batches of equal length; where a batch is long against the correlation
/// time, the batch means are independent and normal, and length × their variance estimates the sum of all
/// autocovariances. Geyer's initial positive sequence would need a reversible chain: refractory neurons
/// make none (autocovariances change sign), so that it would stop too early. With n values of
/// variance s² in a batches of length b, the integrated correlation time is
/// b · var(batch means)/s², with relative standard error √(2/(a − 1)); n over it is the effective
/// sample size. A batch of b values and a correlation time of T steps bias it by about −T/b.
public struct BatchMeans: Sendable, Equatable {
    /// Values a batch.
    public let batchLength: Int
    /// Number of full batches.
    public private(set) var batchCount = 0
    // Of all values in full batches, and of means of batches, around the first value.
    private var origin: Double?
    private var sum = 0.0
    private var sumOfSquares = 0.0
    private var sumOfSquaredMeans = 0.0
    private var batch = Batch()

    private struct Batch: Equatable {
        var count = 0
        var sum = 0.0
        var sumOfSquares = 0.0
    }

    /// Starts a mean.
    ///
    /// - Parameter batchLength: Values a batch, 1 or more; 20 correlation times or longer.
    public init(batchLength: Int) {
        self.batchLength = max(1, batchLength)
    }

    /// Takes the next value.
    ///
    /// - Parameter value: In the order in which they arise.
    public mutating func append(_ value: Double) {
        let start = origin ?? value
        origin = start
        let shifted = value - start
        batch.count += 1
        batch.sum += shifted
        batch.sumOfSquares += shifted * shifted
        guard batch.count == batchLength else { return }
        let mean = batch.sum / Double(batchLength)
        sum += batch.sum
        sumOfSquares += batch.sumOfSquares
        sumOfSquaredMeans += mean * mean
        batchCount += 1
        batch = Batch()
    }

    /// Values in full batches; only these count.
    public var count: Int { batchCount * batchLength }

    /// Their mean; nil without a full batch.
    public var mean: Double? { origin.flatMap { count > 0 ? $0 + sum / Double(count) : nil } }

    /// Standard error of the mean; nil with fewer than 2 batches.
    public var standardError: Double? {
        varianceOfMeans.map { ($0 / Double(batchCount)).squareRoot() }
    }

    /// Integrated correlation time in values; nil with fewer than 2 batches or if all are equal.
    public var correlationTime: Double? {
        guard let varianceOfMeans else { return nil }
        let mean = sum / Double(count)
        let variance = (sumOfSquares - mean * sum) / Double(max(1, count - 1))
        return variance > 0 ? Double(batchLength) * varianceOfMeans / variance : nil
    }

    /// Independent values the mean is worth; nil like the correlation time, or if that is 0.
    public var effectiveSampleSize: Double? {
        correlationTime.flatMap { $0 > 0 ? Double(count) / $0 : nil }
    }

    private var varianceOfMeans: Double? {
        guard batchCount > 1 else { return nil }
        let mean = sum / Double(count)
        let squares = sumOfSquaredMeans - Double(batchCount) * mean * mean
        return max(0, squares) / Double(batchCount - 1)
    }
}
