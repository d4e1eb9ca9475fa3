import Foundation
import Testing

/// The table of docs/TIMING.md against the comparison with SANA-FE that it quotes.
@Suite("Results of timing")
struct TimingResultsTests {
    private struct Comparison: Decodable {
        let command: String
        let networks: [Row]
    }

    private struct Row: Decodable {
        let network: String
        let neurons: Int
        let cores: Int
        let synapses: Int
        let spikes: Int
        let spikesEqual: Bool
        let energyDifference: Double
        let simpleDifference: Double
        let detailedDifferences: [Double]
        let detailedSpreadOfSanafe: Double
    }

    @Test("SANA-FE: spikes, energy and simple time are equal, detailed time is within 3 %")
    func sanafe() throws {
        let text = try Repository.text("docs/results/sanafe.json")
        let comparison = try JSONDecoder().decode(Comparison.self, from: Data(text.utf8))
        #expect(comparison.command == "scripts/interop sanafe")
        #expect(comparison.networks.count >= 5)
        let page = try Repository.text("docs/TIMING.md")
        for row in comparison.networks {
            #expect(row.spikesEqual && row.energyDifference.magnitude < 1e-9)
            #expect(row.simpleDifference.magnitude < 1e-9)
            let differences = row.detailedDifferences.map { $0 * 100 }
            let lowest = try #require(differences.min())
            let highest = try #require(differences.max())
            #expect(max(lowest.magnitude, highest.magnitude) < 3)
            let line = String(
                format: "| %d | %d | %d | %d | equal | equal | equal | %.2f … %.2f %% | %.2f %% |",
                row.neurons,
                row.cores,
                row.synapses,
                row.spikes,
                lowest,
                highest,
                row.detailedSpreadOfSanafe * 100
            )
            #expect(page.contains(line), "\(line)")
        }
    }
}
