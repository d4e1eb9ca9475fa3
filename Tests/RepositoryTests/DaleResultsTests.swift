import Foundation
import Testing

/// What docs/RESULTS.md says of SAL under Dale's law, against the results it quotes.
@Suite("Results of Dale's law")
struct DaleResultsTests {
    private struct Study: Decodable {
        struct Arm: Decodable {
            let arm: String
            let axisValue: Double?
            let runs: [Run]
        }

        struct Run: Decodable {
            let seed: UInt64
            let weights: [Weights]
        }

        struct Weights: Decodable {
            let projection: String
            let lowest: Double
        }

        struct Plane: Decodable { let networks: [Network] }

        struct Network: Decodable {
            let seed: UInt64
            let effectiveOffset: Double
            let zeroLine: Line
            let points: [Point]
        }

        struct Line: Decodable {
            let offset: Double
            let halfWidth: Double
        }

        struct Point: Decodable {
            let arm: String
            let x: [Double]
            let y: [Double]
            let effectiveGap: [Double]
            let drift: Double
            let standardError: Double
        }

        let command: String
        let arms: [Arm]
        let plane: Plane

        init(_ name: String) throws {
            let text = try Repository.text("docs/results/\(name).json")
            self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
            let page = try Repository.text("docs/RESULTS.md")
            #expect(page.contains("    spikeloom learn Examples/studies/\(name).yaml\n"))
            #expect(command.hasPrefix("spikeloom learn Examples/studies/\(name).yaml "))
        }
    }

    private func fixed(_ value: Double, _ decimals: Int) -> String {
        let text = String(format: "%.\(decimals)f", value)
        return text.hasPrefix("-") ? "−" + text.dropFirst() : text
    }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    private func expectRow(_ cells: [String]) throws {
        let row = "| " + cells.joined(separator: " | ") + " |"
        #expect(try Repository.text("docs/RESULTS.md").contains(row), "\(row)")
    }

    @Test("the effectively larger weight falls, at each point of the grid where the drift is clear")
    func drift() throws {
        let study = try Study("dale")
        #expect(study.plane.networks.count == 8)
        for network in study.plane.networks {
            #expect(network.points.count == 25)
            let clear = network.points.filter { $0.drift.magnitude > 4 * $0.standardError }
            #expect(clear.count >= 15 && clear.allSatisfy { $0.drift * $0.effectiveGap[0] > 0 })
            let line = network.zeroLine
            try expectRow([
                "\(network.seed)", "\(fixed(line.offset, 3)) ± \(fixed(line.halfWidth, 3))",
                fixed(network.effectiveOffset, 3), "\(clear.count)",
            ])
        }
        // Nearer to equal effective weights than to equal weights, root mean squares.
        func error(_ expected: (Study.Network) -> Double) -> Double {
            let squares = study.plane.networks.map { pow($0.zeroLine.offset - expected($0), 2) }
            return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
        }
        #expect(error(\.effectiveOffset) < error { _ in 0 })
    }

    @Test("the line without drift moves with the inhibition of one path, and has its sign")
    func paths() throws {
        let study = try Study("dale-paths")
        var lines: [Double: [Double]] = [:]
        for network in study.plane.networks {
            let offset = (network.effectiveOffset * 1000).rounded() / 1000 + 0
            lines[offset, default: []].append(network.zeroLine.offset)
            #expect(network.points.count == 4)
        }
        #expect(lines.keys.sorted() == [-1, -0.5, 0, 0.5, 1])
        for (effective, offsets) in lines {
            #expect(offsets.count == 4)
            let mean = offsets.reduce(0, +) / 4
            try expectRow([
                fixed(-1 - effective, 1), fixed(effective, 1), fixed(mean, 2),
                "\(fixed(offsets.min() ?? 0, 2)) … \(fixed(offsets.max() ?? 0, 2))",
            ])
            #expect(effective == 0 || mean / effective > 0.25)
        }
    }

    @Test("both weights come to rest near equal effective weights, and neither changes its sign")
    func rest() throws {
        let study = try Study("dale-converge")
        for arm in study.arms {
            let points = study.plane.networks.flatMap(\.points).filter { $0.arm == arm.arm }
            #expect(points.count == 8)
            let lowest = arm.runs.flatMap(\.weights).map(\.lowest).min() ?? -1
            #expect(lowest >= 0)
            let after = points.map { abs($0.effectiveGap[1]) }
            try expectRow([
                arm.arm, fixed(median(points.map { $0.x[0] }), 1),
                fixed(median(points.map { $0.y[0] }), 1),
                fixed(median(points.map { abs($0.effectiveGap[0]) }), 2), fixed(median(after), 2),
                fixed(after.max() ?? 0, 2), fixed(lowest, 2),
            ])
        }
    }
}
