import Analysis
import Foundation
import TestSupport
import Testing

/// Pairs of trains with the values that other programs give them.
private struct Golden: Decodable {
    struct Gamma: Decodable {
        let gamma: Double?
        let coincidences: Int
    }

    struct Case: Decodable {
        let kind: String
        let T_ms: Double
        let a_ms: [Double]
        let b_ms: [Double]
        let vp: [String: Double]
        let vr: [String: Double]
        let gamma: [String: Gamma]
        let corr: [String: Double?]
        let elephant_vr: [String: Double]
        let isi_distance: Double
        let spike_distance: Double
        let spike_sync: Double
        let rate_hz: [Double]
        let cv_isi: [Double?]
        let lv: [Double?]

        var trains: (a: SpikeTrain, b: SpikeTrain) {
            (SpikeTrain(a_ms, in: 0...T_ms), SpikeTrain(b_ms, in: 0...T_ms))
        }
    }

    let cases: [Case]

    static func load() throws -> [Case] {
        let path = Fixtures.own("Analysis").appendingPathComponent("metrics_golden.json")
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: path)).cases
    }
}

private let tolerance = 1e-9

private func isNear(_ a: Double?, _ b: Double?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return abs(a - b) <= tolerance
}

@Suite("Metrics of spike trains against golden values")
struct TrainMetricsGoldenTests {
    private let cases: [Golden.Case]

    init() throws {
        cases = try Golden.load()
        try #require(cases.count == 12)
    }

    @Test("distances")
    func distances() throws {
        for golden in cases {
            let (a, b) = golden.trains
            for (cost, value) in golden.vp {
                let own = a.victorPurpuraDistance(to: b, cost: try #require(Double(cost)))
                #expect(isNear(own, value), "\(golden.kind), cost \(cost): \(own), \(value)")
            }
            for (tau, value) in golden.vr {
                let own = a.vanRossumDistance(to: b, timeConstant: try #require(Double(tau)))
                #expect(isNear(own, value), "\(golden.kind), tau \(tau): \(own), \(value)")
            }
            for (tau, value) in golden.elephant_vr {
                let own = a.vanRossumDistance(
                    to: b,
                    timeConstant: try #require(Double(tau)),
                    normalisation: .unitSpike
                )
                // Of two equal trains elephant gives what is left of rounding, 8e-8; ours cancel.
                let isRounding = golden.a_ms == golden.b_ms && value < 1e-7 && own == 0
                #expect(
                    isNear(own, value) || isRounding,
                    "\(golden.kind), tau \(tau): \(own), \(value)"
                )
            }
            let (isi, spike) = (a.isiDistance(to: b), a.spikeDistance(to: b))
            #expect(isNear(isi, golden.isi_distance), "\(golden.kind): \(isi)")
            #expect(isNear(spike, golden.spike_distance), "\(golden.kind): \(spike)")
            let sync = a.spikeSynchronisation(with: b)
            #expect(isNear(sync, golden.spike_sync), "\(golden.kind): \(sync)")
        }
    }

    @Test("coincidences, correlation, rates and intervals")
    func singleTrains() throws {
        for golden in cases {
            let (a, b) = golden.trains
            for (precision, value) in golden.gamma {
                let own = a.coincidences(with: b, within: try #require(Double(precision)))
                #expect(own.count == value.coincidences, "\(golden.kind), \(precision)")
                #expect(isNear(own.factor, value.gamma), "\(golden.kind), \(precision)")
            }
            for (width, value) in golden.corr {
                let own = a.correlation(with: b, binWidth: try #require(Double(width)))
                #expect(isNear(own, value), "\(golden.kind), width \(width)")
            }
            for (index, train) in [a, b].enumerated() {
                #expect(isNear(train.rate * 1000, golden.rate_hz[index]))
                #expect(isNear(train.variation, golden.cv_isi[index]), "\(golden.kind)")
                #expect(isNear(train.localVariation, golden.lv[index]), "\(golden.kind)")
            }
        }
    }
}
