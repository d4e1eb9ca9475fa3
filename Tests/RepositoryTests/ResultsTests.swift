import Foundation
import Testing

/// The tables of the docs against the results they quote.
@Suite("Results")
struct ResultsTests {
    private struct Study: Decodable {
        struct Stage: Decodable {
            let stage: String
            let accuracy: Double
        }

        struct Level: Decodable {
            let mismatch: Double
            let accuracyMean: Double
            let accuracyDeviation: Double
            let worst: Double
        }

        let chip: String
        let command: String
        let before: [Stage]
        let levels: [Level]
        let versions: [String: String]
    }

    private func percent(_ share: Double) -> String { String(format: "%.2f", share * 100) }

    @Test(
        "the table of docs/DIGITS.md holds what the studies wrote",
        arguments: ["pilot", "loihi"]
    )
    func digitsTable(chip: String) throws {
        let table = try Repository.text("docs/DIGITS.md")
        let results = try Repository.text("docs/results/digits_mismatch_\(chip).json")
        let study = try JSONDecoder().decode(Study.self, from: Data(results.utf8))
        #expect(study.chip == chip && study.command.contains("--chip \(chip)"))
        #expect(study.versions["spikeloom"] != nil)
        let stages = study.before.map { "| \(chip) | \($0.stage) | \(percent($0.accuracy)) | | |" }
        let levels = study.levels.map { level in
            level.mismatch == 0
                ? "| \(chip) | chip arithmetic | \(percent(level.accuracyMean)) | | |"
                : "| \(chip) | mismatch \(level.mismatch) | \(percent(level.accuracyMean)) "
                    + "| \(percent(level.accuracyDeviation)) | \(percent(level.worst)) |"
        }
        let quoted = table.split(separator: "\n").filter { $0.hasPrefix("| \(chip) |") }
        #expect(quoted.map(String.init) == stages + levels)
    }

    private struct Learning: Decodable {
        struct Arm: Decodable {
            let arm: String
            let axisValue: Double
            let runs: [Run]
        }

        struct Run: Decodable {
            let projections: [Projection]
        }

        struct Projection: Decodable {
            let angle: Double
        }

        let command: String
        let arms: [Arm]
    }

    @Test(
        "the tables of docs/SAL.md hold the medians that the studies wrote",
        arguments: [
            "noise", "common-noise", "mismatch", "delay", "bits", "step", "chip-time",
            "weight-scale",
        ]
    )
    func alignmentTables(axis: String) throws {
        let page = try Repository.text("docs/SAL.md")
        let results = try Repository.text("docs/results/sal_axis_\(axis).json")
        let study = try JSONDecoder().decode(Learning.self, from: Data(results.utf8))
        #expect(study.command.contains("axes/\(axis).yaml"))
        var lines: [String] = []
        var rows: [String: [String]] = [:]
        for arm in study.arms {
            let line = arm.arm.contains("@") ? String(arm.arm.prefix { $0 != "@" }) : ""
            if rows[line] == nil { lines.append(line) }
            let angles = arm.runs.compactMap(\.projections.first?.angle).sorted()
            let middle = (angles[(angles.count - 1) / 2] + angles[angles.count / 2]) / 2
            rows[line, default: []].append(String(format: "%.1f", middle))
        }
        let quoted = page.split(separator: "\n").filter {
            $0.hasPrefix("| \(axis),") || $0.hasPrefix("| \(axis) |")
        }.map {
            $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }.dropFirst()
        }
        #expect(quoted.count == lines.count)
        for (row, line) in zip(quoted, lines) {
            #expect(row.filter { !$0.isEmpty } == rows[line], "\(axis) \(line)")
        }
    }
}
