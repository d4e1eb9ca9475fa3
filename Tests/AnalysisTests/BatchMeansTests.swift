import Analysis
import TestSupport
import Testing

@Suite("Batch means")
struct BatchMeansTests {
    @Test("find that independent values count once each")
    func independent() throws {
        var random = SplitMix64(seed: 3)
        var means = BatchMeans(batchLength: 100)
        for _ in 0..<40_000 { means.append(random.double(0...1)) }
        let time = try #require(means.correlationTime)
        // 400 batches: relative standard error 7 %; three of them.
        #expect((time - 1).magnitude < 0.21, "\(time)")
        let error = try #require(means.standardError)
        #expect((error / (1.0 / 12 / 40_000).squareRoot() - 1).magnitude < 0.11)
        #expect((try #require(means.mean) - 0.5).magnitude < 4 * error)
    }

    @Test("find the correlation time of a two-state chain")
    func twoStates() throws {
        // Stays with probability 0.9: autocorrelation 0.8^k, time (1 + 0.8)/(1 − 0.8) = 9.
        var random = SplitMix64(seed: 4)
        var means = BatchMeans(batchLength: 500)
        var state = 0.0
        for _ in 0..<200_000 {
            if random.chance(0.1) { state = 1 - state }
            means.append(state)
        }
        let time = try #require(means.correlationTime)
        #expect((time / 9 - 1).magnitude < 0.21, "\(time)")
        #expect(means.effectiveSampleSize == 200_000 / time)
    }

    @Test("do not lose small changes beside a large mean, nor divide by nothing")
    func edges() throws {
        var means = BatchMeans(batchLength: 2)
        #expect(means.mean == nil && means.standardError == nil && means.correlationTime == nil)
        means.append(1e9)
        #expect(means.mean == nil)
        means.append(1e9 + 1)
        #expect(means.mean == 1e9 + 0.5 && means.standardError == nil)
        means.append(1e9 + 1)
        means.append(1e9 + 2)
        #expect(means.mean == 1e9 + 1)
        #expect((try #require(means.standardError) - 0.5).magnitude < 1e-12)
        var constant = BatchMeans(batchLength: 0)
        for _ in 0..<10 { constant.append(7) }
        #expect(constant.batchLength == 1 && constant.mean == 7 && constant.standardError == 0)
        #expect(constant.correlationTime == nil && constant.effectiveSampleSize == nil)
    }
}
