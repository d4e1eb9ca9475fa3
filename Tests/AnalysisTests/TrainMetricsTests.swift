import Analysis
import FixedPoint
import Testing

@Suite("Metrics of spike trains")
struct TrainMetricsTests {
    private static let window = 0.0...1000.0

    private func train(_ times: Double...) -> SpikeTrain { SpikeTrain(times, in: Self.window) }

    /// A train drawn at random: whole numbers, so that some coincide.
    private func drawn(_ index: UInt32, count: Int) -> SpikeTrain {
        let stream = RandomStream(seed: 5, purpose: .stimulus)
        let times = (0..<count).map { spike in
            Double(stream.words(index, UInt32(spike), 0).0 % 1000)
        }
        return SpikeTrain(Set(times), in: Self.window)
    }

    @Test("a train keeps what lies in its window, in order")
    func window() {
        let train = SpikeTrain([5, 1, .nan, -1, 10, 10.5], in: 0...10)
        #expect(train.times == [1, 5, 10] && train.intervals == [4, 5])
        #expect(train.rate == 0.3 && SpikeTrain([], in: 3...3).rate == 0)
    }

    @Test("van Rossum: one spike more is a half squared, two spikes are 1 - exp(-dt / tau)")
    func vanRossum() {
        #expect(isNear(train(7).vanRossumDistance(to: train(), timeConstant: 3), 0.5.squareRoot()))
        let square = 1 - PortableMath.exp(-4 / 10)
        let pair = train(7).vanRossumDistance(to: train(11), timeConstant: 10)
        #expect(isNear(pair, square.squareRoot()))
        let unit = train(7).vanRossumDistance(
            to: train(),
            timeConstant: 3,
            normalisation: .unitSpike
        )
        #expect(isNear(unit, 1))
        // Two spikes against none: (2 + 2 exp(-dt / tau)) / 2.
        let two = train(100, 105).vanRossumDistance(to: train(), timeConstant: 5)
        #expect(isNear(two * two, 1 + PortableMath.exp(-1)))
    }

    @Test("van Rossum: long silences and short time constants neither overflow nor lose a spike")
    func vanRossumRange() {
        let far = SpikeTrain([0, 1e15], in: 0...1e15)
        let distance = far.vanRossumDistance(
            to: SpikeTrain([0], in: 0...1e15),
            timeConstant: 1e-3
        )
        #expect(isNear(distance, 0.5.squareRoot()))
        // The sum over all pairs, term by term.
        let (a, b) = (drawn(1, count: 80), drawn(2, count: 60))
        func sum(_ x: SpikeTrain, _ y: SpikeTrain) -> Double {
            x.times.reduce(0) { sum, s in
                sum + y.times.reduce(0) { $0 + PortableMath.exp(-abs(s - $1) / 20) }
            }
        }
        let square = sum(a, a) / 2 + sum(b, b) / 2 - sum(a, b)
        #expect(isNear(a.vanRossumDistance(to: b, timeConstant: 20), square.squareRoot()))
    }

    @Test("Victor-Purpura: a spike is moved up to 2 / q and replaced beyond")
    func victorPurpura() {
        #expect(train(10).victorPurpuraDistance(to: train(13), cost: 0.5) == 1.5)
        #expect(train(10).victorPurpuraDistance(to: train(15), cost: 0.5) == 2)
        #expect(train(1, 2, 3).victorPurpuraDistance(to: train(), cost: 1) == 3)
        #expect(train(1, 2, 3).victorPurpuraDistance(to: train(900), cost: 0) == 2)
        // Crossing assignments are never cheaper: 10 to 12, 20 to 23.
        #expect(train(10, 20).victorPurpuraDistance(to: train(12, 23), cost: 0.1) == 0.5)
    }

    @Test("ISI-distance of two clocks is 1 minus the quotient of their periods")
    func isiDistance() {
        let fast = SpikeTrain(stride(from: 0, through: 1000, by: 10), in: Self.window)
        let slow = SpikeTrain(stride(from: 0, through: 1000, by: 25), in: Self.window)
        #expect(isNear(fast.isiDistance(to: slow), 1 - 10.0 / 25))
        // The same clock, late: no difference but at the edges, which are corrected.
        let late = SpikeTrain(stride(from: 5, through: 995, by: 10), in: Self.window)
        #expect(isNear(fast.isiDistance(to: late), 0))
    }

    @Test("SPIKE-distance of a clock and itself half a period late is a half")
    func spikeDistance() {
        let clock = SpikeTrain(stride(from: 0, through: 1000, by: 10), in: Self.window)
        let late = SpikeTrain(stride(from: 5, through: 995, by: 10), in: Self.window)
        // Every corner is 5 from the other train and all intervals are 10: S = (5 + 5) / 2 / 10. A corner
        // at the edges is 5 from a spike that its own train lacks.
        #expect(isNear(clock.spikeDistance(to: late), 0.5))
        #expect(clock.spikeDistance(to: clock) == 0)
    }

    @Test("coincidences: exactly at the precision counts, one spike in one pair")
    func coincidences() {
        let reference = train(10, 20, 30, 40)
        let exact = reference.coincidences(with: train(12, 20, 33), within: 2)
        #expect(exact.count == 2)
        // (2 - 2 * 3/1000 * 2 * 4) / 3.5 / (1 - 2 * 3/1000 * 2)
        #expect(isNear(exact.factor, (2 - 0.048) / 3.5 / (1 - 0.012)))
        #expect(reference.coincidences(with: train(20, 20.5), within: 2).count == 1)
        #expect(train().coincidences(with: train(), within: 2).factor == nil)
        #expect(train(1, 2).spikeSynchronisation(with: train(1, 2)) == 1)
        #expect(train(10, 20).spikeSynchronisation(with: train(14, 500)) == 0.5)
        #expect(train(10, 20).spikeSynchronisation(with: train(15, 500)) == 0)
    }

    @Test("latency shift is the fullest bin, ties go to the smaller shift")
    func latency() {
        let times = drawn(3, count: 50).times
        let a = SpikeTrain(times, in: Self.window)
        let b = SpikeTrain(times.map { $0 + 7 }, in: -10...1010)
        #expect(a.latencyShift(to: b, within: 20, binWidth: 1) == 7)
        #expect(b.latencyShift(to: a, within: 20, binWidth: 1) == -7)
        #expect(a.latencyShift(to: a, within: 20, binWidth: 1) == 0)
        #expect(train(10).latencyShift(to: train(7, 12), within: 20, binWidth: 1) == 2)
        #expect(train(10).latencyShift(to: train(900), within: 20, binWidth: 1) == nil)
    }

    @Test("intervals: a clock varies 0; LV of alternating intervals is 3 contrast squared")
    func intervals() {
        #expect(train(10, 20, 30, 40).variation == 0)
        #expect(train(10, 20, 30, 40).localVariation == 0)
        // Intervals 10, 30: mean 20, deviation 10; contrast 20 / 40.
        #expect(train(10, 20, 50).variation == 0.5)
        #expect(train(10, 20, 50).localVariation == 0.75)
        #expect(train(10, 20).variation == nil && train().localVariation == nil)
    }

    @Test("rates, correlation and histograms")
    func counts() {
        #expect(train(0, 9.9, 10, 1000).counts(binWidth: 10)[0...2] == [2, 1, 0])
        #expect(train(1000).counts(binWidth: 10).count == 100)
        #expect(train(5).counts(binWidth: 0) == [] && train(5).counts(binWidth: 1e-9) == [])
        #expect(train(1, 2).relativeRateError(of: train(1, 2, 3)) == 0.5)
        #expect(train().relativeRateError(of: train()) == 0)
        #expect(train().relativeRateError(of: train(1)) == .infinity)
        #expect(train(5, 500).correlation(with: train(7, 503), binWidth: 10) == 1)
        #expect(train(5).correlation(with: train(), binWidth: 10) == nil)
        let trials = PeristimulusHistogram([train(5, 15), train(6)], binWidth: 10)
        #expect(trials.counts[0...1] == [2, 1] && trials.rates[0...1] == [0.1, 0.05])
    }

    @Test(
        "distances: 0 for equal trains, symmetric; van Rossum and Victor-Purpura obey the triangle"
    )
    func properties() {
        let metrics: [(name: String, isMetric: Bool, of: (SpikeTrain, SpikeTrain) -> Double)] = [
            ("VR", true, { $0.vanRossumDistance(to: $1, timeConstant: 20) }),
            ("VP", true, { $0.victorPurpuraDistance(to: $1, cost: 0.1) }),
            ("ISI", false, { $0.isiDistance(to: $1) }),
            ("SPIKE", false, { $0.spikeDistance(to: $1) }),
            ("sync", false, { 1 - $0.spikeSynchronisation(with: $1) }),
        ]
        let trains = [0, 1, 2, 5, 20, 40].enumerated().map { drawn(UInt32($0), count: $1) }
        for metric in metrics {
            for a in trains {
                #expect(metric.of(a, a) == 0, "\(metric.name)")
                for b in trains {
                    let distance = metric.of(a, b)
                    #expect(isNear(distance, metric.of(b, a)), "\(metric.name)")
                    #expect(a == b || distance > 0, "\(metric.name)")
                    guard metric.isMetric else {
                        #expect(distance <= 1 + 1e-12, "\(metric.name)")
                        continue
                    }
                    for c in trains {
                        #expect(
                            distance <= metric.of(a, c) + metric.of(c, b) + 1e-9,
                            "\(metric.name)"
                        )
                    }
                }
            }
        }
    }
}

private func isNear(_ a: Double?, _ b: Double) -> Bool { a.map { abs($0 - b) <= 1e-9 } ?? false }
