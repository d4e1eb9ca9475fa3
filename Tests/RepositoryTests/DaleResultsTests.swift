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
            let responseOffset: Double
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

    /// Slope of a straight line through points, and half its 95 % interval.
    private func slope(_ points: [(x: Double, y: Double)]) -> (value: Double, halfWidth: Double) {
        let n = Double(points.count)
        let x = points.reduce(0) { $0 + $1.x } / n
        let y = points.reduce(0) { $0 + $1.y } / n
        let spread = points.reduce(0) { $0 + pow($1.x - x, 2) }
        let value = points.reduce(0) { $0 + ($1.x - x) * ($1.y - y) } / spread
        let rest = points.reduce(0) { $0 + pow($1.y - y - value * ($1.x - x), 2) }
        // Student's t of 6 degrees: eight networks.
        return (value, 2.447 * (rest / (n - 2) / spread).squareRoot())
    }

    @Test("how far the line follows equal effective weights: part of the way, and all of it")
    func follows() throws {
        for (name, isWhole) in [("dale", false), ("dale-matched", true)] {
            let networks = try Study(name).plane.networks
            #expect(networks.count == 8)
            let published = slope(networks.map { ($0.effectiveOffset, $0.zeroLine.offset) })
            let response = slope(networks.map { ($0.responseOffset, $0.zeroLine.offset) })
            try expectRow([
                name,
                "\(fixed(published.value, 2)) ± \(fixed(published.halfWidth, 2))",
                "\(fixed(response.value, 2)) ± \(fixed(response.halfWidth, 2))",
            ])
            let low = published.value - published.halfWidth
            let high = published.value + published.halfWidth
            #expect((0.5...1 ~= low && high >= 1) == isWhole)
            #expect((high < 1) == !isWhole)
        }
        for network in try Study("dale-matched").plane.networks {
            #expect(network.points.count == 25)
            try expectRow([
                "\(network.seed)",
                "\(fixed(network.zeroLine.offset, 3)) ± \(fixed(network.zeroLine.halfWidth, 3))",
                fixed(network.effectiveOffset, 3), fixed(network.responseOffset, 3),
            ])
            #expect(
                network.points.allSatisfy {
                    $0.drift.magnitude < 4 * $0.standardError
                        || $0.drift * $0.effectiveGap[0] > 0
                }
            )
        }
    }

    @Test("what makes a path count less: each thing that was changed, and what it counts then")
    func cause() throws {
        let networks = try Study("dale-cause").plane.networks
        for line in ["published", "late", "fast", "fast-late", "wide", "nearest", "weak"] {
            let own = networks.filter {
                $0.points.allSatisfy { $0.arm.hasPrefix("\(line)-") }
                    && $0.points[0].arm.dropFirst(line.count + 1).first?.isNumber ?? false
            }
            let weak = own.filter { $0.effectiveOffset < 0 }.map(\.zeroLine.offset)
            let strong = own.filter { $0.effectiveOffset > 0 }.map(\.zeroLine.offset)
            #expect(weak.count == 3 && strong.count == 3)
            // The offsets at which effective weights are equal are 1 apart, of weak paths 0.4.
            let apart = strong.reduce(0, +) / 3 - weak.reduce(0, +) / 3
            let count = line == "weak" ? apart / 0.4 : apart
            try expectRow([
                line, fixed(weak.reduce(0, +) / 3, 2), fixed(strong.reduce(0, +) / 3, 2),
                fixed(count, 2), fixed(count / tanh(1), 2),
            ])
        }
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

    @Test("linear response says how much of a path SAL sees, and that no window sees it all")
    func linearResponse() throws {
        let odds: Double = 25 * Foundation.exp(-2.0)
        let fire = 1 / (1 + odds)
        let slow = (0..<60).map { (delay: 2 + $0, share: fire * pow(1 - fire, Double($0))) }
        let fast = [(delay: 2, share: 0.787), (delay: 3, share: 0.213)]
        let source = RenewalSource()
        func share(_ path: [(delay: Int, share: Double)], direct: Int = 1, window: Double) -> String
        {
            let ways = [path, [(delay: direct, share: 1.0)]].map {
                source.drift($0, window: window)
            }
            return fixed(tanh(1) * ways[0] / ways[1], 2)
        }
        let text =
            "counts\n\(share(slow, window: 25)) of its published weight, "
            + "\(share(slow, window: 100)) with traces of 100 steps, "
            + "\(share(slow, window: 1e5)) with endless ones, \(share(fast, window: 25)) with fast "
            + "neurons, \(share(slow, direct: 5, window: 25)) with late direct"
        #expect(try Repository.text("docs/RESULTS.md").contains(text), "\(text)")
    }
}

/// Linear response of two neurons of refractory time 25 and bias 0 to weak potentials of 25 steps.
private struct RenewalSource {
    private static let tau = 25
    private static let reach = 500
    /// Chance to spike in a step while not refractory.
    private let chance = 1 / Double(1 + tau)
    /// Autocovariance of a spike train for each lag from 0 on, in units of its rate.
    private let autocovariance: [Double]

    init() {
        let tau = Self.tau
        let rate = 1 / (Double(tau - 1) + 1 / chance)
        // A spike follows a spike of `tau` steps or more before, if none came between.
        var density = [1.0] + [Double](repeating: 0, count: Self.reach - 1)
        for step in tau..<Self.reach {
            let busy = density[(step - tau + 1)..<step].reduce(0, +)
            density[step] = chance * (1 - busy)
        }
        autocovariance = density.map { $0 - rate }
    }

    /// What a window ± exp(−|Δ| / window) collects of the effect of a way from the source to the target.
    ///
    /// - Parameters:
    ///   - way: Delays of the potential that a spike of the source causes, and their shares.
    ///   - window: Steps.
    /// - Returns: Drift, in units of its own.
    func drift(_ way: [(delay: Int, share: Double)], window: Double) -> Double {
        let tau = Self.tau
        var response = [Double](repeating: 0, count: 300)
        for (delay, share) in way {
            for step in delay..<(delay + tau) { response[step] += share }
        }
        // A target that spikes more spikes less for as long as it is refractory.
        for step in response.indices {
            response[step] -= chance * response[max(0, step - tau + 1)..<step].reduce(0, +)
        }
        var sum = 0.0
        for (step, effect) in response.enumerated() {
            for lag in (1 - Self.reach)..<Self.reach where lag + step != 0 {
                let distance = Double(lag + step)
                let weight = exp(-abs(distance) / window) * (distance < 0 ? -1 : 1)
                sum += weight * effect * autocovariance[abs(lag)]
            }
        }
        return sum
    }
}
