import Foundation
import Testing

/// The tables of docs/COMPILER.md against the study of the mapping benchmark that they quote.
@Suite("Results of the mapping benchmark")
struct MappingResultsTests {
    private struct Study: Decodable {
        let command: String
        let runs: [Run]
        let places: [Places]
        let growth: [Run]
    }

    private struct Run: Decodable {
        let network: String
        let seed: Int
        let effort: String
        let packets: Int
        let cores: Int
        let hops: Int
        let seconds: Double
        let peakBytes: Int
        let packetsInOrder: Int
        let synapses: Int
        let imageBytes: Int
    }

    /// Hops of the usual places, and of those that 5,000,000 proposals of annealing find.
    private struct Places: Decodable {
        let network: String
        let seed: Int
        let hops: Int
        let hopsLong: Int
        var ratio: Double { Double(hops) / Double(hopsLong) }
    }

    private func study() throws -> Study {
        let text = try Repository.text("docs/results/mapping.json")
        let study = try JSONDecoder().decode(Study.self, from: Data(text.utf8))
        #expect(study.command == "scripts/mapping")
        return study
    }

    /// The worst of the seeds: most packets, most cores.
    private func worst(_ study: Study, _ network: String, _ effort: String) throws -> (Run, String)
    {
        let runs = study.runs.filter { $0.network == network && $0.effort == effort }
        #expect(runs.map(\.seed) == [1, 2, 3])
        let packets = try #require(runs.map(\.packets).max())
        let cores = try #require(runs.map(\.cores).max())
        let run = try #require(runs.max { $0.seconds < $1.seconds })
        return (run, "\(packets) / \(cores)")
    }

    @Test("packets, cores, hops and seconds of four networks, worst of three seeds")
    func table() throws {
        let study = try study()
        let page = try Repository.text("docs/COMPILER.md")
        for network in ["dense", "conv", "local", "pd"] {
            let fast = try worst(study, network, "fast")
            let usual = try worst(study, network, "default")
            let best = try worst(study, network, "best")
            let hops = study.runs.filter { $0.network == network && $0.effort == "default" }
                .map(\.hops).max()
            let line = String(
                format: "| %@ | %d | %@ | %@ | %@ | %d | %.1f | %.1f |",
                network,
                usual.0.packetsInOrder,
                fast.1,
                usual.1,
                best.1,
                try #require(hops),
                usual.0.seconds,
                best.0.seconds
            )
            #expect(page.contains(line), "\(line)")
        }
    }

    @Test("bounds on packets and cores, default effort")
    func bounds() throws {
        let study = try study()
        let bounds = [
            ("dense", 15126, 21), ("conv", 30000, 73), ("local", 150_000, 64),
            ("pd", 1_370_000, 340),
        ]
        for (network, packets, cores) in bounds {
            for run in study.runs where run.network == network {
                #expect(run.packets <= run.packetsInOrder)
                guard run.effort != "fast" else { continue }
                #expect(run.packets <= packets && run.cores <= cores)
            }
        }
    }

    @Test("places within 1 % of a long annealing, on all four networks")
    func places() throws {
        let study = try study()
        let page = try Repository.text("docs/COMPILER.md")
        for network in ["dense", "conv", "local", "pd"] {
            let places = study.places.filter { $0.network == network }
            #expect(places.map(\.seed) == [1, 2, 3])
            for place in places {
                #expect(place.ratio <= 1.01)
                let run = study.runs.first {
                    $0.network == network && $0.seed == place.seed && $0.effort == "default"
                }
                #expect(run?.hops == place.hops)
            }
            let worst = try #require(places.max { $0.ratio < $1.ratio })
            let line = String(
                format: "| %@ | %d | %d | %.4f |",
                network,
                worst.hops,
                worst.hopsLong,
                worst.ratio
            )
            #expect(page.contains(line), "\(line)")
        }
    }

    @Test("time and memory of growing networks")
    func growth() throws {
        let study = try study()
        let page = try Repository.text("docs/COMPILER.md")
        #expect(study.growth.count >= 5)
        for run in study.growth {
            let millions = Double(run.synapses) / 1e6
            let line = String(
                format: "| %d | %.2f | %.2f | %.1f | %.2f |",
                run.synapses,
                run.seconds,
                run.seconds / millions,
                Double(run.peakBytes) / Double(run.synapses),
                Double(run.imageBytes) / Double(run.synapses)
            )
            #expect(page.contains(line), "\(line)")
        }
    }

    @Test("a network of 10^8 synapses")
    func large() throws {
        struct Study: Decodable { let run: Run }
        struct Loaded: Decodable {
            struct Run: Decodable {
                let loadSeconds: Double
                let loadPeakBytes: Int
            }
            let run: Run
        }
        let data = Data(try Repository.text("docs/results/mapping_large.json").utf8)
        let run = try JSONDecoder().decode(Study.self, from: data).run
        let loaded = try JSONDecoder().decode(Loaded.self, from: data).run
        #expect(run.synapses == 100_000_000 && run.packets < run.packetsInOrder)
        let line = String(
            format: "| %d | %.0f | %.2f | %.1f | %.2f | %.1f | %d |",
            run.synapses,
            run.seconds,
            run.seconds / 100,
            Double(run.peakBytes) / 1e8,
            Double(run.imageBytes) / 1e8,
            loaded.loadSeconds,
            loaded.loadPeakBytes >> 20
        )
        #expect(try Repository.text("docs/COMPILER.md").contains(line), "\(line)")
    }
}
