/// Histogram of spike-time differences t_post − t_pre between two populations.
///
/// Fed step by step; keeps the spikes of the last `range` steps only. Without chosen pairs the cost
/// is one product a step with spikes within range; with chosen pairs one look-up for each pair of
/// spikes within range.
public struct SpikeTimeDifferences: Sendable {
    /// Largest difference in steps.
    public let range: Int
    /// Pairs of spikes of each difference: element Δ + range belongs to t_post − t_pre = Δ.
    public private(set) var counts: [UInt64]
    /// Presynaptic spikes seen, of all neurons.
    public private(set) var preSpikes: UInt64 = 0
    /// Postsynaptic spikes seen, of all neurons.
    public private(set) var postSpikes: UInt64 = 0

    private struct Moment {
        var step: UInt64
        var pre: [Int]
        var post: [Int]
    }

    private let pairs: PairSet?
    private var recent: [Moment] = []
    private var head = 0

    /// Longest range: beyond, the histogram itself would be large.
    public static let rangeLimit = 1 << 20

    /// Starts a histogram of all pairs.
    ///
    /// - Parameter range: Largest difference in steps, 0 ... `rangeLimit`.
    /// - Throws: `AnalysisError` if the range is out of bounds.
    public init(range: Int) throws {
        try self.init(range: range, pairs: nil)
    }

    /// Starts a histogram of chosen pairs, for example those that a projection connects.
    ///
    /// - Parameters:
    ///   - range: Largest difference in steps, 0 ... `rangeLimit`.
    ///   - pairs: Indices of the neurons; each pair counts once.
    ///   - preCount: Number of presynaptic neurons.
    ///   - postCount: Number of postsynaptic neurons.
    /// - Throws: `AnalysisError` if the range or a neuron is out of bounds.
    public init(
        range: Int,
        pairs: some Sequence<(pre: Int, post: Int)>,
        preCount: Int,
        postCount: Int
    ) throws {
        try self.init(range: range, pairs: PairSet(pairs, preCount: preCount, postCount: postCount))
    }

    private init(range: Int, pairs: PairSet?) throws {
        guard 0...Self.rangeLimit ~= range else {
            throw AnalysisError.outOfRange(
                name: "The range of spike-time differences in steps",
                value: range,
                limit: 0...Self.rangeLimit,
                advice: "Look at shorter differences."
            )
        }
        self.range = range
        self.pairs = pairs
        counts = Array(repeating: 0, count: 2 * range + 1)
    }

    /// Counts the spikes of a step.
    ///
    /// - Parameters:
    ///   - step: Later than the step before; steps without spikes may be left out.
    ///   - pre: Presynaptic neurons that spike in it.
    ///   - post: Postsynaptic neurons that spike in it.
    public mutating func append(step: UInt64, pre: [Int], post: [Int]) {
        precondition(recent.last.map { $0.step < step } ?? true, "steps are given in order")
        preSpikes += UInt64(pre.count)
        postSpikes += UInt64(post.count)
        guard !(pre.isEmpty && post.isEmpty) else { return }
        while head < recent.count, step - recent[head].step > UInt64(range) { head += 1 }
        // In chunks, so that forgetting costs little.
        if head > 1024, head > recent.count / 2 {
            recent.removeFirst(head)
            head = 0
        }
        for moment in recent[head...] {
            let distance = Int(step - moment.step)
            counts[range + distance] += count(moment.pre, post)
            counts[range - distance] += count(pre, moment.post)
        }
        counts[range] += count(pre, post)
        recent.append(Moment(step: step, pre: pre, post: post))
    }

    /// Counts two spike trains.
    ///
    /// - Parameters:
    ///   - pre: Presynaptic spikes, sorted by step.
    ///   - post: Postsynaptic spikes, sorted by step; all in steps after those counted before.
    public mutating func append(
        pre: [(step: UInt64, neuron: Int)],
        post: [(step: UInt64, neuron: Int)]
    ) {
        var (a, b) = (0, 0)
        while a < pre.count || b < post.count {
            let step = min(
                a < pre.count ? pre[a].step : .max,
                b < post.count ? post[b].step : .max
            )
            var (preNow, postNow): ([Int], [Int]) = ([], [])
            while a < pre.count, pre[a].step == step {
                preNow.append(pre[a].neuron)
                a += 1
            }
            while b < post.count, post[b].step == step {
                postNow.append(post[b].neuron)
                b += 1
            }
            append(step: step, pre: preNow, post: postNow)
        }
    }

    /// Pairs of spikes of a difference; 0 beyond the range.
    ///
    /// - Parameter difference: t_post − t_pre in steps.
    /// - Returns: Their number.
    public func count(at difference: Int) -> UInt64 {
        -range...range ~= difference ? counts[range + difference] : 0
    }

    /// Pairs 'pre, then post', without those of one step.
    public var causal: UInt64 { counts[(range + 1)...].reduce(0, +) }

    /// Pairs 'post, then pre', without those of one step.
    public var anticausal: UInt64 { counts[..<range].reduce(0, +) }

    private func count(_ pre: [Int], _ post: [Int]) -> UInt64 {
        guard let pairs else { return UInt64(pre.count) * UInt64(post.count) }
        var sum: UInt64 = 0
        for i in pre { for j in post where pairs.contains(i, j) { sum += 1 } }
        return sum
    }
}

/// A set of (pre, post) pairs as a bit matrix.
private struct PairSet: Sendable {
    private let preCount: Int
    private let postCount: Int
    private let wordsPerRow: Int
    private var words: [UInt64]

    /// Largest matrix: 128 MB.
    private static let bitLimit = 1 << 30

    init(
        _ pairs: some Sequence<(pre: Int, post: Int)>,
        preCount: Int,
        postCount: Int
    ) throws {
        for (name, count) in [("presynaptic", preCount), ("postsynaptic", postCount)] {
            guard 0...(1 << 24) ~= count else {
                throw AnalysisError.outOfRange(
                    name: "The number of \(name) neurons",
                    value: count,
                    limit: 0...(1 << 24),
                    advice: "Count all pairs, or a part of the population."
                )
            }
        }
        self.preCount = preCount
        self.postCount = postCount
        wordsPerRow = (postCount + 63) / 64
        guard preCount * wordsPerRow * 64 <= Self.bitLimit else {
            throw AnalysisError.outOfRange(
                name: "The number of possible pairs",
                value: preCount * wordsPerRow * 64,
                limit: 0...Self.bitLimit,
                advice: "Count all pairs, or a part of the population."
            )
        }
        words = Array(repeating: 0, count: preCount * wordsPerRow)
        for (i, j) in pairs {
            for (name, neuron, count) in [
                ("presynaptic", i, preCount), ("postsynaptic", j, postCount),
            ]
            where !(0..<count ~= neuron) {
                throw AnalysisError.outOfRange(
                    name: "A \(name) neuron of a pair",
                    value: neuron,
                    limit: 0...max(0, count - 1),
                    advice: "Number the neurons of a population from 0."
                )
            }
            words[i * wordsPerRow + j / 64] |= 1 << UInt64(j % 64)
        }
    }

    func contains(_ i: Int, _ j: Int) -> Bool {
        guard 0..<preCount ~= i, 0..<postCount ~= j else { return false }
        return words[i * wordsPerRow + j / 64] >> UInt64(j % 64) & 1 == 1
    }
}
