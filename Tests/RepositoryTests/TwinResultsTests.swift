import Foundation
import Testing

/// The tables of docs/DEVICES.md against the study that they quote.
@Suite("Results of the recovery of devices")
struct TwinResultsTests {
    private struct Study: Decodable {
        let command: String
        let steps: Int
        let recovery: [Trial]
        let repair: [Repair]
    }

    private struct Trial: Decodable {
        let network: String
        let seed: Int
        let isNoisy: Bool
        let covered: [String: Int]
        let intervals: [String: Int]
        let thresholdVarianceExplained: Double
        let nominalDistance: Double
        let fittedDistance: Double
        let trueDistance: Double
    }

    private struct Repair: Decodable {
        let nominal: Double
        let uncompensated: Double
        let compensatedWithFit: Double
        let compensatedWithTruth: Double
        let uncompensatedWithWeights: Double
        let compensatedWithWeights: Double
    }

    private func study() throws -> Study {
        let text = try Repository.text("docs/results/twin.json")
        let study = try JSONDecoder().decode(Study.self, from: Data(text.utf8))
        #expect(study.command == "scripts/twin" && study.steps >= 20_000)
        return study
    }

    @Test("devices found, by network and condition")
    func recovery() throws {
        let study = try study()
        let page = try Repository.text("docs/DEVICES.md")
        for network in ["digits", "random"] {
            for isNoisy in [false, true] {
                let trials = study.recovery.filter {
                    $0.network == network && $0.isNoisy == isNoisy
                }
                #expect(trials.map(\.seed) == Array(201...205))
                #expect(trials.allSatisfy { $0.fittedDistance < $0.nominalDistance })
                let covered = trials.reduce(0) { $0 + $1.covered.values.reduce(0, +) }
                let intervals = trials.reduce(0) { $0 + $1.intervals.values.reduce(0, +) }
                let ratio = { (distance: (Trial) -> Double) in
                    trials.reduce(0) { $0 + distance($1) }
                        / trials.reduce(0) { $0 + $1.nominalDistance }
                }
                let line = String(
                    format: "| %@, %@ | %d | %.4f | %.1f %% | %.3f | %.3f |",
                    network,
                    isNoisy ? "noise and loss" : "noise-free",
                    trials.count,
                    trials.map(\.thresholdVarianceExplained).min() ?? 0,
                    100 * Double(covered) / Double(max(1, intervals)),
                    ratio(\.fittedDistance),
                    ratio(\.trueDistance)
                )
                #expect(page.contains(line), "\(line)")
            }
        }
    }

    @Test("accuracy regained by compensation")
    func repair() throws {
        let study = try study()
        let page = try Repository.text("docs/DEVICES.md")
        func mean(_ value: (Repair) -> Double) -> Double {
            study.repair.map(value).reduce(0, +) / Double(study.repair.count)
        }
        let nominal = mean(\.nominal)
        let rows = [
            ("threshold, membraneTau; fitted", mean(\.uncompensated), mean(\.compensatedWithFit)),
            ("threshold, membraneTau; known", mean(\.uncompensated), mean(\.compensatedWithTruth)),
            (
                "the same and weight; known", mean(\.uncompensatedWithWeights),
                mean(\.compensatedWithWeights)
            ),
        ]
        for (name, before, after) in rows {
            let line = String(
                format: "| %@ | %d | %.1f %% | %.1f %% | %.1f %% | %.0f %% |",
                name,
                study.repair.count,
                100 * nominal,
                100 * before,
                100 * after,
                100 * (after - before) / (nominal - before)
            )
            #expect(page.contains(line), "\(line)")
        }
    }
}
