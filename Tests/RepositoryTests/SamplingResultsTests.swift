import Foundation
import Testing

/// The tables of sampling networks in docs/RESULTS.md against the results they quote.
@Suite("Results of sampling networks")
struct SamplingResultsTests {
    private struct Study: Decodable {
        struct Arm: Decodable {
            let arm: String
            let initialNoise: Double
            let plasticityNoise: Double
            let alignmentRate: Double
            let runs: [Run]

            func median(_ figure: (Run) -> Double) -> Double {
                let values = runs.map(figure).sorted()
                return (values[(values.count - 1) / 2] + values[values.count / 2]) / 2
            }
        }

        struct Run: Decodable {
            let seed: UInt64
            let divergence: Double
            let asymmetryBefore: Double
            let asymmetry: Double
        }

        let command: String
        let arms: [Arm]

        init(_ name: String) throws {
            let text = try Repository.text("docs/results/sampling_\(name).json")
            self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
        }

        func arm(noise: Double, aligns: Bool) -> Arm? {
            arms.first { $0.initialNoise == noise && ($0.alignmentRate > 0) == aligns }
        }
    }

    private func fixed(_ value: Double, _ decimals: Int) -> String {
        String(format: "%.\(decimals)f", value)
    }

    @Test(
        "the tables hold medians, lowest and highest seeds that the studies wrote",
        arguments: [
            "initial-noise", "initial-noise-twelve", "initial-noise-long", "initial-bias",
            "plasticity-noise",
        ]
    )
    func table(name: String) throws {
        let study = try Study(name)
        let page = try Repository.text("docs/RESULTS.md")
        // Threads and the places of files change no result.
        let flags = study.command.split(separator: " ").dropFirst().prefix {
            $0 != "--threads" && $0 != "--json" && $0 != "--plot"
        }
        #expect(page.contains("    spikeloom " + flags.joined(separator: " ") + "\n"))
        for arm in study.arms {
            let divergences = arm.runs.map(\.divergence).sorted()
            let isInitial = name != "plasticity-noise"
            let row = [
                name, fixed(isInitial ? arm.initialNoise : arm.plasticityNoise, isInitial ? 1 : 3),
                arm.arm, fixed(arm.median(\.divergence), 4),
                fixed(divergences[0], 4), fixed(divergences[divergences.count - 1], 4),
                fixed(arm.median(\.asymmetryBefore), 3), fixed(arm.median(\.asymmetry), 4),
            ]
            #expect((arm.arm == "with") == (arm.alignmentRate > 0))
            #expect(page.contains("| " + row.joined(separator: " | ") + " |"), "\(row)")
        }
    }

    @Test(
        "and the ratios of D_KL without to with SAL at noise 1, of medians and of seeds",
        arguments: [
            ("initial-noise", 4), ("initial-noise-twelve", 12), ("initial-noise-long", 4),
            ("initial-bias", 4),
        ]
    )
    func ratios(name: String, seeds: Int) throws {
        let study = try Study(name)
        let with = try #require(study.arm(noise: 1, aligns: true))
        let without = try #require(study.arm(noise: 1, aligns: false))
        #expect(with.runs.count == seeds && with.runs.map(\.seed) == without.runs.map(\.seed))
        let own = zip(without.runs, with.runs).map { $0.divergence / $1.divergence }.sorted()
        let middle = (own[(own.count - 1) / 2] + own[own.count / 2]) / 2
        let row = [
            name, "\(seeds)",
            fixed(without.median(\.divergence) / with.median(\.divergence), 2), fixed(middle, 2),
            fixed(own[0], 2), fixed(own[own.count - 1], 2), "\(own.count { $0 >= 2 })",
        ]
        let page = try Repository.text("docs/RESULTS.md")
        #expect(page.contains("| " + row.joined(separator: " | ") + " |"), "\(row)")
    }

    @Test("the gain of a seed goes with the asymmetry that its noise drew")
    func asymmetry() throws {
        let study = try Study("initial-noise-twelve")
        let with = try #require(study.arm(noise: 1, aligns: true))
        let without = try #require(study.arm(noise: 1, aligns: false))
        let seeds = zip(without.runs, with.runs).sorted {
            $0.0.asymmetryBefore < $1.0.asymmetryBefore
        }
        func median(_ values: [Double]) -> Double {
            let sorted = values.sorted()
            return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        }
        let page = try Repository.text("docs/RESULTS.md")
        for half in [seeds.prefix(6), seeds.suffix(6)] {
            let before = half.map(\.0.asymmetryBefore)
            let medians = [half.map(\.0.divergence), half.map(\.1.divergence)].map(median)
            let row = [
                "\(fixed(before[0], 2)) … \(fixed(before[5], 2))",
                fixed(medians[0] / medians[1], 2),
                fixed(median(half.map { $0.0.divergence / $0.1.divergence }), 2),
            ]
            #expect(page.contains("| " + row.joined(separator: " | ") + " |"), "\(row)")
        }
        let x = seeds.map(\.0.asymmetryBefore)
        let y = seeds.map { $0.0.divergence / $0.1.divergence }
        let (meanX, meanY) = (x.reduce(0, +) / 12, y.reduce(0, +) / 12)
        let product = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
        let squares = [(x, meanX), (y, meanY)].map { values, mean in
            values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        }
        let correlation = product / (squares[0] * squares[1]).squareRoot()
        #expect(page.contains("(correlation \(fixed(correlation, 2)))"))
    }

    @Test("with SAL weights become symmetric; without noise it costs nothing")
    func bounds() throws {
        let study = try Study("initial-noise")
        let with = try #require(study.arm(noise: 1, aligns: true))
        let without = try #require(study.arm(noise: 1, aligns: false))
        #expect(with.runs.count >= 4 && with.runs.map(\.seed) == without.runs.map(\.seed))
        #expect(with.median(\.asymmetry) < 0.05)
        let quiet = try #require(study.arm(noise: 0, aligns: true))
        let plain = try #require(study.arm(noise: 0, aligns: false))
        #expect(quiet.median(\.divergence) < 1.1 * plain.median(\.divergence))
    }

    @Test("the divergence without SAL is twice that with it, once both have learned long enough")
    func ratio() throws {
        let study = try Study("initial-noise-long")
        let with = try #require(study.arm(noise: 1, aligns: true))
        let without = try #require(study.arm(noise: 1, aligns: false))
        #expect(without.median(\.divergence) >= 2 * with.median(\.divergence))
        #expect(with.median(\.asymmetry) < 0.05)
    }
}
