extension SpikeTrain {
    /// Most bins that a histogram is given.
    private static let mostBins = 1e7

    /// Counts of spikes in bins of equal width from the begin of the window.
    ///
    /// Bin k holds times in k w ..< (k + 1) w after the begin. A last bin that the window cuts is whole
    /// in width and short of spikes: choose a width that divides the window.
    ///
    /// - Parameter width: w, above 0, in the unit of the times.
    /// - Returns: ⌈window / w⌉ counts, at least one; empty for more than ten million bins.
    public func counts(binWidth width: Double) -> [Int] {
        let bins = (duration / width).rounded(.up)
        guard width > 0, bins < Self.mostBins else { return [] }
        var counts = [Int](repeating: 0, count: max(1, Int(bins)))
        for time in times {
            let bin = Int(((time - window.lowerBound) / width).rounded(.down))
            counts[min(bin, counts.count - 1)] += 1
        }
        return counts
    }

    /// Pearson's correlation of the counts of two trains in bins.
    ///
    /// - Parameters:
    ///   - other: A train of the same window.
    ///   - width: Width of a bin, above 0.
    /// - Returns: −1 to 1; nil where the counts of one train are all the same.
    public func correlation(with other: SpikeTrain, binWidth width: Double) -> Double? {
        let (x, y) = (counts(binWidth: width), other.counts(binWidth: width))
        guard !x.isEmpty, x.count == y.count else { return nil }
        // Sums of whole numbers are exact: a silent or even train gives exactly 0.
        let n = Double(x.count)
        var (sumX, sumY, squareX, squareY, product) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for (a, b) in zip(x, y) {
            let (a, b) = (Double(a), Double(b))
            sumX += a
            sumY += b
            squareX += a * a
            squareY += b * b
            product += a * b
        }
        let spreadX = n * squareX - sumX * sumX
        let spreadY = n * squareY - sumY * sumY
        guard spreadX > 0, spreadY > 0 else { return nil }
        return (n * product - sumX * sumY) / (spreadX.squareRoot() * spreadY.squareRoot())
    }

    /// How much later the spikes of another train come: the peak of the cross-correlogram.
    ///
    /// Differences t₂ − t₁ of all pairs of spikes are counted in bins centred on multiples of the width;
    /// the fullest bin wins, and among equally full ones that nearest to 0, the earlier of two.
    ///
    /// - Parameters:
    ///   - other: The train that is judged.
    ///   - reach: Longest difference that is looked at.
    ///   - width: Width of a bin, above 0: a step for times in steps.
    /// - Returns: Centre of the fullest bin, positive where the other train is late; nil without pairs.
    public func latencyShift(
        to other: SpikeTrain,
        within reach: Double,
        binWidth width: Double
    ) -> Double? {
        let half = (reach / width).rounded(.down)
        guard width > 0, half >= 0, half < Self.mostBins / 2 else { return nil }
        var counts = [Int](repeating: 0, count: 2 * Int(half) + 1)
        var first = 0
        for time in times {
            while first < other.count, other.times[first] < time - reach - width { first += 1 }
            var index = first
            while index < other.count {
                let bin = ((other.times[index] - time) / width).rounded()
                if bin > half { break }
                if bin >= -half { counts[Int(bin + half)] += 1 }
                index += 1
            }
        }
        var best: Int?
        for index in counts.indices where counts[index] > 0 {
            guard let known = best else {
                best = index
                continue
            }
            let (distance, knownDistance) = (abs(index - Int(half)), abs(known - Int(half)))
            if counts[index] > counts[known]
                || counts[index] == counts[known] && distance < knownDistance
            {
                best = index
            }
        }
        return best.map { (Double($0) - half) * width }
    }
}

/// Peri-stimulus time histogram: spikes of repeated trials, by time since the begin of the trial.
public struct PeristimulusHistogram: Sendable, Hashable {
    /// Spikes of all trials in each bin.
    public let counts: [Int]
    /// Number of trials.
    public let trials: Int
    /// Width of a bin.
    public let binWidth: Double

    /// Counts the spikes of trials.
    ///
    /// - Parameters:
    ///   - trials: One train a trial, times since its begin, all over the same window.
    ///   - binWidth: Width of a bin, above 0.
    public init(_ trials: [SpikeTrain], binWidth: Double) {
        var sum: [Int] = []
        for train in trials {
            let counts = train.counts(binWidth: binWidth)
            if sum.isEmpty { sum = counts } else { sum = zip(sum, counts).map { $0 + $1 } }
        }
        counts = sum
        self.trials = trials.count
        self.binWidth = binWidth
    }

    /// Mean rate in each bin: spikes a trial and unit of time.
    public var rates: [Double] {
        counts.map { trials > 0 ? Double($0) / (Double(trials) * binWidth) : 0 }
    }
}
