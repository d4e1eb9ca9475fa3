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

    private struct Traffic: Decodable {
        let boundPerTileAndSlot: Double
        let curves: [Curve]
    }

    private struct Curve: Decodable {
        let queueInPackets: Int
        let points: [Point]
    }

    private struct Point: Decodable {
        let delivered: Double
    }

    @Test(
        "the shares of a mesh's bound that queues of 2, 4 and 16 packets carry are those of the page"
    )
    func traffic() throws {
        let text = try Repository.text("docs/results/traffic.json")
        let traffic = try JSONDecoder().decode(Traffic.self, from: Data(text.utf8))
        #expect(traffic.curves.map(\.queueInPackets) == [2, 4, 16])
        let shares = traffic.curves.map { curve in
            (curve.points.map(\.delivered).max() ?? 0) / traffic.boundPerTileAndSlot * 100
        }
        #expect(shares.allSatisfy { $0 <= 100 })
        let quoted = shares.map { String(format: "%.0f", $0) }
        let sentence =
            "Queues of 2, 4 and 16 packets carry \(quoted[0]), \(quoted[1]) and \(quoted[2]) %"
        #expect(try Repository.text("docs/TIMING.md").contains(sentence), "\(sentence)")
    }
}
