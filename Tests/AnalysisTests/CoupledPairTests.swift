import Analysis
import Foundation
import TestSupport
import Testing

@Suite("Coupled pair")
struct CoupledPairTests {
    private static let shapes: [PlasticityWindow] = [
        .exponential(timeConstant: 5),
        .triangular(steps: 8),
        .nearestNeighbour(steps: 6),
    ]

    /// Every shape under every tie rule, with the tie rule of the windows and without.
    private static var windows: [PlasticityWindow] {
        shapes.flatMap { shape in
            PlasticityWindow.Ties.allCases.flatMap { ties in
                [false, true].map { isUntied in
                    var window = shape
                    window.ties = ties
                    window.isUntied = isUntied
                    return window
                }
            }
        }
    }

    private static func isSymmetric(_ window: PlasticityWindow) -> Bool {
        window.ties == .exclude || window.ties == .include || window.isUntied
    }

    @Test(
        "rests exactly where weights and biases are equal, whatever the symmetric window and delay"
    )
    func antisymmetry() throws {
        for (weight, delay) in [(1.5, 1), (-1, 1), (0.7, 3)] {
            var pair = CoupledPair(
                forward: weight,
                feedback: weight,
                lowerBias: -0.4,
                upperBias: -0.4,
                refractorySteps: 5
            )
            pair.forwardDelay = delay
            pair.feedbackDelay = delay
            for window in Self.windows {
                let drift = try pair.drift(of: window)
                #expect((drift.feedback.magnitude < 1e-12) == Self.isSymmetric(window))
                #expect((drift.feedback - drift.forward).magnitude < 1e-12)
            }
        }
    }

    @Test("moves both weights against each other, so that their sum stays")
    func conservedSum() throws {
        let pair = CoupledPair(
            forward: 1.5,
            feedback: 0.5,
            lowerBias: -0.5,
            upperBias: -0.2,
            refractorySteps: 6
        )
        for window in Self.windows where Self.isSymmetric(window) {
            let drift = try pair.drift(of: window)
            #expect((drift.forward + drift.feedback).magnitude < 1e-12)
            #expect(drift.feedback > 1e-4, "B lies below W")
        }
    }

    @Test("sees nothing but the product of rates between uncoupled neurons")
    func uncoupled() throws {
        let pair = CoupledPair(
            forward: 0,
            feedback: 0,
            lowerBias: -1,
            upperBias: 1.2,
            refractorySteps: 5
        )
        let all = try pair.timeDifferences(range: 30)
        #expect((all.lowerRate - 1 / (1 + exp(1)) / 5).magnitude < 1e-12)
        #expect((all.upperRate - 1 / (1 + exp(-1.2)) / 5).magnitude < 1e-12)
        for p in all.histogram { #expect((p - all.lowerRate * all.upperRate).magnitude < 1e-12) }
        // All pairs and nearest neighbours are even in time; a lone last spike is not, once the window
        // outlasts the refractory time: the faster neuron hides its older spikes more often.
        #expect(try pair.drift(of: .exponential(timeConstant: 5)).feedback.magnitude < 1e-12)
        #expect(try pair.drift(of: .nearestNeighbour(steps: 9)).feedback.magnitude < 1e-12)
        #expect(try pair.drift(of: .triangular(steps: 6)).feedback.magnitude < 1e-12)
        #expect(try pair.drift(of: .triangular(steps: 7)).feedback.magnitude > 1e-5)
        var tied = PlasticityWindow.nearestNeighbour(steps: 9)
        tied.isUntied = false
        #expect(try pair.drift(of: tied).feedback.magnitude > 1e-5, "without its tie rule")
    }

    @Test("needs the tie rule of nearest neighbours where the window outlasts the refractory time")
    func tieRule() throws {
        var tied = PlasticityWindow.nearestNeighbour(steps: 6)
        tied.isUntied = false
        tied.ties = .preFirst
        // Spikes of one step: the older spike of either side is at least τ_ref steps back.
        for (refractory, matters) in [(2, true), (6, true), (7, false)] {
            let pair = CoupledPair(
                forward: 0.6,
                feedback: 0.6,
                lowerBias: -1,
                upperBias: -1,
                refractorySteps: refractory,
                synapticSteps: 5
            )
            #expect(try pair.drift(of: .nearestNeighbour(steps: 6)).feedback.magnitude < 1e-12)
            #expect((try pair.drift(of: tied).feedback > 1e-5) == matters)
        }
    }

    @Test("loses the pairs of one step to a broken order, no more and no less")
    func brokenOrder() throws {
        let pair = CoupledPair(forward: 0.8, feedback: 0.3, lowerBias: 0.2, refractorySteps: 7)
        var window = PlasticityWindow.exponential(amplitude: 2, timeConstant: 4)
        let right = try pair.drift(of: window)
        let tied = try pair.timeDifferences(range: 1).coincident
        #expect(tied > 1e-3)
        window.ties = .preFirst
        #expect((try pair.drift(of: window).feedback - right.feedback + 2 * tied).magnitude < 1e-12)
        window.ties = .postFirst
        #expect((try pair.drift(of: window).feedback - right.feedback - 2 * tied).magnitude < 1e-12)
        window.ties = .include
        #expect((try pair.drift(of: window).feedback - right.feedback).magnitude < 1e-12)
    }

    @Test("moves the line of rest under a gain error by baseline over slope")
    func gainError() throws {
        let pair = CoupledPair(forward: 0.6, feedback: 0.6, refractorySteps: 8)
        for shape in Self.shapes {
            let reach = shape.amplitudes.count
            let pairs = try pair.timeDifferences(range: reach, pairing: shape.pairing)
            var causal = shape
            causal.anticausalGain = 0
            let baseline = -pairs.drift(of: causal).feedback
            // Slope of the drift at rest, by a central difference.
            var (above, below) = (pair, pair)
            above.feedback += 1e-3
            below.feedback -= 1e-3
            let slope =
                try (below.drift(of: shape).feedback - above.drift(of: shape).feedback) / 2e-3
            #expect(baseline > 0 && slope > 0)
            for error in [0.002, -0.002] {
                var window = shape
                window.causalGain = 1 + error
                let rest = try #require(try pair.fixedFeedback(window: window, in: -3...3))
                let predicted = -error * baseline / slope
                #expect((rest - 0.6 - predicted).magnitude < 0.03 * predicted.magnitude)
            }
            let rest = try #require(try pair.fixedFeedback(window: shape, in: -3...3))
            #expect((rest - 0.6).magnitude < 1e-7)
        }
        // A half that is lost has no line of rest.
        var half = Self.shapes[0]
        half.causalGain = 0
        #expect(try pair.fixedFeedback(window: half, in: -3...3) == nil)
    }

    @Test("lets B rise below and fall above its line of rest, for both signs of W")
    func field() throws {
        let values = stride(from: -1.5, through: 1.5, by: 0.75).map { $0 }
        let pair = CoupledPair(
            forward: 0,
            feedback: 0,
            lowerBias: -0.3,
            upperBias: -0.3,
            refractorySteps: 5
        )
        for window in Self.shapes {
            let field = try pair.driftField(forward: values, feedback: values, window: window)
            for (w, value) in values.enumerated() {
                for b in values.indices where b != w {
                    #expect((field[w, b].feedback > 0) == (b < w))
                    #expect((field[w, b].feedback + field[w, b].forward).magnitude < 1e-12)
                    // Exchanging the neurons exchanges the weights.
                    #expect((field[w, b].feedback - field[b, w].forward).magnitude < 1e-12)
                }
                // At the edge of the grid rounding decides whether the line is met.
                guard values.indices.dropFirst().dropLast().contains(w) else { continue }
                let rest = try #require(field.zeroLine[w])
                #expect((rest - value).magnitude < 1e-9)
            }
        }
        let outside = try pair.driftField(
            forward: [1.5],
            feedback: [-1, 0, 1],
            window: Self.shapes[0]
        )
        #expect(outside.zeroLine == [nil])
    }

    @Test(
        "agrees with a plain simulation in every window, tie rule, delay and gain",
        arguments: [
            (refractory: 5, synaptic: 5, delays: (1, 1)),
            (refractory: 5, synaptic: 5, delays: (5, 3)),
            (refractory: 2, synaptic: 5, delays: (1, 1)),
            (refractory: 2, synaptic: 3, delays: (6, 3)),
        ]
    )
    func simulation(refractory: Int, synaptic: Int, delays: (Int, Int)) throws {
        var pair = CoupledPair(
            forward: 1.6,
            feedback: -0.7,
            lowerBias: -0.3,
            upperBias: -1.2,
            refractorySteps: refractory,
            synapticSteps: synaptic
        )
        (pair.forwardDelay, pair.feedbackDelay) = delays
        let windows = Self.windows.map { window in
            var window = window
            window.causalGain = 1.25
            window.anticausalGain = 0.875
            return window
        }
        var rules = windows.map { PlainRule(window: $0) }
        var feedback = windows.map { _ in BatchMeans(batchLength: 1000) }
        var forward = feedback
        var gaps = feedback
        var references: [PlasticityWindow.Pairing: Int] = [:]
        for (k, window) in windows.enumerated() where window.isUntied && window.ties == .exclude {
            references[window.pairing] = k
        }
        var differences = try SpikeTimeDifferences(range: 12)
        let steps = 100_000
        PlainPair(pair).run(steps: steps, seed: 21) { step, lower, upper in
            let changes = rules.indices.map { rules[$0].step(step, lower: lower, upper: upper) }
            for (k, change) in changes.enumerated() {
                feedback[k].append(change.feedback)
                forward[k].append(change.forward)
                let reference = changes[references[windows[k].pairing] ?? k].feedback
                gaps[k].append(change.feedback - reference)
            }
            differences.append(
                step: UInt64(step),
                pre: upper ? [0] : [],
                post: lower ? [0] : []
            )
        }
        // 48 drifts, 12 gaps and 25 differences, each within 4 standard errors: a false alarm in 1 of 200
        // runs, were the seed not fixed.
        for (k, window) in windows.enumerated() {
            let exact = try pair.drift(of: window)
            for (means, exact) in [(feedback[k], exact.feedback), (forward[k], exact.forward)] {
                let error = try #require(means.standardError)
                let deviation = (try #require(means.mean) - exact) / error
                #expect(
                    deviation.magnitude < 4,
                    "\(window.pairing) \(window.ties) \(window.isUntied)"
                )
            }
        }
        // On the same spikes windows of one shape differ only where both neurons spike together: this
        // shows a wrong tie rule long before the drift itself does.
        for (k, window) in windows.enumerated() where !window.isUntied {
            let untied = try #require(references[window.pairing])
            let gap = try pair.drift(of: window).feedback - pair.drift(of: windows[untied]).feedback
            let error = try #require(gaps[k].standardError)
            let mean = try #require(gaps[k].mean)
            #expect((mean - gap).magnitude <= 4 * error + 1e-12, "\(window.pairing) \(window.ties)")
            if window.pairing == .nearest, window.ties == .preFirst, refractory == 2 {
                #expect(gap.magnitude > 8 * error, "\(gap) \(error)")
            }
        }

        let exact = try pair.timeDifferences(range: 12).histogram
        for (count, p) in zip(differences.counts, exact) {
            // Counts of single differences are nearly Poisson.
            let error = (Double(steps) * p).squareRoot()
            #expect((Double(count) - Double(steps) * p).magnitude < 4 * error)
        }
    }

    @Test("keeps the line of rest on the diagonal for equal delays, and leaves it for unequal ones")
    func delays() throws {
        var pair = CoupledPair(forward: 1, feedback: 0, refractorySteps: 6)
        let window = PlasticityWindow.exponential(timeConstant: 4)
        pair.forwardDelay = 3
        pair.feedbackDelay = 3
        let equal = try #require(try pair.fixedFeedback(window: window, in: -3...3))
        #expect((equal - 1).magnitude < 1e-6)
        pair.forwardDelay = 1
        let late = try #require(try pair.fixedFeedback(window: window, in: -3...3))
        pair.forwardDelay = 5
        let early = try #require(try pair.fixedFeedback(window: window, in: -3...3))
        #expect(
            late > 1.05 && early < 0.95,
            "the later effect falls on a smaller part of the window"
        )
    }

    @Test("meets a fixed weight of 1.5 as in Fig. 2d, up to what unequal biases make of it")
    func twoNeurons() throws {
        let pair = CoupledPair(
            forward: 1.5,
            feedback: 0.5,
            lowerBias: -0.5,
            upperBias: -0.2,
            refractorySteps: 25
        )
        let rest = try #require(
            try pair.fixedFeedback(
                window: .exponential(timeConstant: 25),
                in: 1.4...1.6,
                tolerance: 1e-3
            )
        )
        #expect((rest - 1.528).magnitude < 0.002, "\(rest)")
    }

    @Test("is the sampling chain of two neurons")
    func samplingChain() throws {
        let chain = try SamplingChain(
            weights: [0, -0.7, 1.6, 0],
            biases: [0.3, -0.6],
            refractorySteps: 9
        )
        let joint = chain.jointProbabilities
        let pair = CoupledPair(
            forward: 1.6,
            feedback: -0.7,
            lowerBias: 0.3,
            upperBias: -0.6,
            refractorySteps: 9
        )
        let rates = try pair.timeDifferences(range: 1)
        #expect((rates.lowerRate - (joint[1] + joint[3]) / 9).magnitude < 1e-12)
        #expect((rates.upperRate - (joint[2] + joint[3]) / 9).magnitude < 1e-12)
    }

    @Test("refuses numbers out of range, with the limit")
    func refusals() throws {
        var pair = CoupledPair(forward: 1, feedback: 1, refractorySteps: 4)
        for delay in [0, -1, CoupledPair.stepLimit + 1, .max] {
            pair.forwardDelay = delay
            #expect(throws: AnalysisError.self) { try pair.timeDifferences(range: 3) }
        }
        pair.forwardDelay = 4
        _ = try pair.timeDifferences(range: 3)
        for range in [0, -1, CoupledPair.stepLimit + 1] {
            #expect(throws: AnalysisError.self) { try pair.timeDifferences(range: range) }
        }
        for steps in [0, -4, .max, .min, 60_000] {
            let bad = CoupledPair(forward: 1, feedback: 1, refractorySteps: steps)
            let error = #expect(throws: AnalysisError.self) { try bad.timeDifferences(range: 3) }
            #expect(error?.description.contains("must lie in 1...") == true)
        }
        let notANumber = CoupledPair(forward: .nan, feedback: 1, refractorySteps: 4)
        #expect(throws: AnalysisError.self) { try notANumber.timeDifferences(range: 3) }
    }
}

/// The pair written down step by step: whole spike trains, searched anew in each step.
private struct PlainPair {
    let pair: CoupledPair

    init(_ pair: CoupledPair) { self.pair = pair }

    func run(steps: Int, seed: UInt64, _ look: (_ step: Int, _ lower: Bool, _ upper: Bool) -> Void)
    {
        var random = SplitMix64(seed: seed)
        var lower: [Int] = []
        var upper: [Int] = []
        let offset = log(Double(pair.refractorySteps))
        func isOn(_ train: [Int], _ step: Int, delay: Int) -> Bool {
            for spike in train.reversed() {
                let age = step - spike
                if age >= delay + pair.synapticSteps { return false }
                if age >= delay { return true }
            }
            return false
        }
        func spikes(_ train: [Int], _ step: Int, _ u: Double, _ draw: Double) -> Bool {
            if let last = train.last, step - last < pair.refractorySteps { return false }
            return draw < 1 / (1 + exp(offset - u))
        }
        for step in 0..<steps {
            let up =
                pair.upperBias + (isOn(lower, step, delay: pair.forwardDelay) ? pair.forward : 0)
            let low =
                pair.lowerBias + (isOn(upper, step, delay: pair.feedbackDelay) ? pair.feedback : 0)
            let lowerSpikes = spikes(lower, step, low, random.double(0...1))
            let upperSpikes = spikes(upper, step, up, random.double(0...1))
            if lowerSpikes { lower.append(step) }
            if upperSpikes { upper.append(step) }
            look(step, lowerSpikes, upperSpikes)
        }
    }
}

/// Both synapses of the pair, in the order of a chip: decay, early bumps, updates, late bumps.
private struct PlainRule {
    let window: PlasticityWindow
    // Traces and last spikes before this step, of the lower and of the upper neuron.
    private var traces = [0.0, 0.0]
    private var lasts: [Int?] = [nil, nil]

    init(window: PlasticityWindow) { self.window = window }

    mutating func step(_ step: Int, lower: Bool, upper: Bool) -> PairDrift {
        let fires = [lower, upper]
        if window.pairing == .all {
            // Exponential: the ratio of neighbouring amplitudes is the decay of a step.
            for k in 0..<2 { traces[k] *= window.amplitudes[1] / window.amplitudes[0] }
        }
        let change = PairDrift(
            forward: synapse(step, fires, pre: 0, post: 1),
            feedback: synapse(step, fires, pre: 1, post: 0)
        )
        for k in 0..<2 where fires[k] {
            traces[k] += window.amplitudeAtZero
            lasts[k] = step
        }
        return change
    }

    private func synapse(_ step: Int, _ fires: [Bool], pre: Int, post: Int) -> Double {
        let preIsEarly = window.ties == .include || window.ties == .preFirst
        let postIsEarly = window.ties == .include || window.ties == .postFirst
        func seen(of partner: Int, by own: Int, isEarly: Bool) -> Double {
            if fires[partner], window.isUntied { return 0 }
            if window.pairing == .all {
                return traces[partner] + (fires[partner] && isEarly ? window.amplitudeAtZero : 0)
            }
            if fires[partner], isEarly { return window.amplitudeAtZero }
            guard let last = lasts[partner] else { return 0 }
            if window.pairing == .nearest, let mine = lasts[own], last <= mine { return 0 }
            let distance = step - last
            return distance <= window.amplitudes.count ? window.amplitudes[distance - 1] : 0
        }
        var change = 0.0
        if fires[pre] {
            change += window.anticausalGain * seen(of: post, by: pre, isEarly: postIsEarly)
        }
        if fires[post] {
            change -= window.causalGain * seen(of: pre, by: post, isEarly: preIsEarly)
        }
        return change
    }
}
