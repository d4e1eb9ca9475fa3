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
}
