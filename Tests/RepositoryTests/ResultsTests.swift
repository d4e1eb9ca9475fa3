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
            let runs: [Run]

            /// Middle and highest of a figure of the runs.
            func figure(_ value: (Run) -> Double?) -> (median: Double, worst: Double) {
                let values = runs.compactMap(value).sorted()
                let middle = (values[(values.count - 1) / 2] + values[values.count / 2]) / 2
                return (middle, values[values.count - 1])
            }
        }

        struct Run: Decodable {
            let seed: UInt64
            let projections: [Projection]
            let phases: [Phase]

            /// Weight updates of all phases in which weights could change.
            var updates: Double {
                phases.filter { $0.phase != "trim" }.reduce(0) {
                    $0 + ($1.counts["weightUpdate"] ?? 0)
                }
            }
        }

        struct Projection: Decodable {
            let angle: Double
            let angleEffective: Double
            let slope: Double
            let secondsUntilAngle: Double?
        }

        struct Phase: Decodable {
            let phase: String
            let counts: [String: Double]
            let learningJoules: Double
            let chipSeconds: Double
        }

        let command: String
        let arms: [Arm]

        init(_ name: String) throws {
            let text = try Repository.text("docs/results/sal_\(name).json")
            self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
        }
    }

    /// Cells of the rows of docs/SAL.md that begin with a name.
    private func rows(_ name: String) throws -> [[String]] {
        try Repository.text("docs/SAL.md").split(separator: "\n").filter { $0.hasPrefix("|") }.map {
            $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }.filter { $0.first == name || $0.first?.hasPrefix(name + ",") == true }
    }

    private func fixed(_ value: Double, _ decimals: Int) -> String {
        String(format: "%.\(decimals)f", value)
    }

    @Test(
        "the axes of docs/SAL.md hold the medians that the studies wrote",
        arguments: [
            "noise", "common-noise", "mismatch", "delay", "bits", "step", "chip-time",
            "weight-scale", "weight-scale-sampling", "fan-in",
        ]
    )
    func alignmentAxes(axis: String) throws {
        let study = try Learning("axis_\(axis)")
        #expect(study.command.contains("axes/\(axis).yaml"))
        var lines: [String] = []
        var medians: [String: [String]] = [:]
        for arm in study.arms {
            let line = arm.arm.contains("@") ? String(arm.arm.prefix { $0 != "@" }) : ""
            if medians[line] == nil { lines.append(line) }
            let isTime = axis == "fan-in"
            let figure = arm.figure {
                isTime ? $0.projections.first?.secondsUntilAngle : $0.projections.first?.angle
            }
            medians[line, default: []].append(fixed(figure.median, isTime ? 0 : 1))
        }
        let quoted = try rows(axis).filter { !($0.first ?? "").contains("(") || axis == "fan-in" }
        #expect(quoted.count == lines.count)
        for (row, line) in zip(quoted, lines) {
            #expect(Array(row.dropFirst()) == medians[line], "\(axis) \(line)")
        }
    }

    @Test(
        "the arms of docs/SAL.md hold medians and worst seeds of ten seeds that the studies wrote",
        arguments: ["reciprocal", "controls", "chips"]
    )
    func alignmentArms(name: String) throws {
        let study = try Learning(name)
        #expect(study.command.contains("Examples/learning/\(name).yaml"))
        for arm in study.arms {
            let isDemo = arm.arm == "quick"
            #expect(arm.runs.map(\.seed) == (isDemo ? [200] : Array(200...209)))
            let angle = arm.figure { $0.projections.first?.angle }
            let effective = arm.figure { $0.projections.first?.angleEffective }
            let updates = arm.figure { $0.updates }
            var cells = [
                fixed(angle.median, 1), fixed(angle.worst, 1),
                fixed(effective.median, 1), fixed(effective.worst, 1),
                fixed(arm.figure { $0.projections.first?.slope }.median, 2),
                fixed(updates.median / 1e6, 1) + " M",
            ]
            if name == "chips" {
                let phases = { (run: Learning.Run) in run.phases.filter { $0.phase != "trim" } }
                let joules = arm.figure { phases($0).reduce(0) { $0 + $1.learningJoules } }
                let seconds = arm.figure { phases($0).reduce(0) { $0 + $1.chipSeconds } }
                let bound = arm.arm == "pilot" ? "" : "≥ "
                cells += [
                    bound + fixed(joules.median * 1e3, 2) + " mJ", fixed(seconds.median, 2) + " s",
                ]
            }
            let quoted = try rows(arm.arm).filter { $0.count >= 2 + cells.count }
            #expect(quoted.count == 1, "\(arm.arm)")
            #expect(quoted.first.map { Array($0[2..<(2 + cells.count)]) } == cells, "\(arm.arm)")
        }
    }

    @Test("many cores align as one large core, as docs/SAL.md says")
    func manyCores() throws {
        let study = try Learning("many-cores")
        let angles = study.arms.map { arm in arm.runs.compactMap(\.projections.first?.angle) }
        #expect(angles.count == 2 && angles[0].count == 10 && angles[0] == angles[1])
        let figure = study.arms[0].figure { $0.projections.first?.angle }
        let page = try Repository.text("docs/SAL.md").split(whereSeparator: \.isNewline)
            .joined(separator: " ")
        #expect(
            page.contains("\(fixed(figure.median, 1))° (worst \(fixed(figure.worst, 1))°) on both")
        )
    }

    private struct Training: Decodable {
        struct Arm: Decodable {
            let arm: String
            let runs: [Run]

            /// Test accuracies in percent, ascending.
            var accuracy: [Double] { runs.map { $0.testAccuracy * 100 }.sorted() }
        }

        struct Run: Decodable {
            let seed: UInt64
            let testAccuracy: Double
            let angles: [Double?]
            let gradientAngles: [Double?]
        }

        let command: String
        let arms: [Arm]

        init(_ name: String) throws {
            let text = try Repository.text("docs/results/train_\(name).json")
            self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
        }
    }

    private func middle(_ values: [Double]) -> Double {
        (values[(values.count - 1) / 2] + values[values.count / 2]) / 2
    }

    @Test(
        "the tables of docs/RESULTS.md hold the medians and worst seeds of the training studies",
        arguments: [
            "digits-depth", "digits-mismatch", "digits-mismatch-deep", "yin-yang", "temporal-xor",
            "noise", "digits-rivals",
            "yin-yang-rivals", "temporal-xor-rivals",
        ]
    )
    func trainingTables(name: String) throws {
        let study = try Training(name)
        #expect(study.command.contains("Examples/studies/\(name).yaml"))
        var lines: [String] = []
        var cells: [String: [String]] = [:]
        for arm in study.arms {
            #expect(Set(arm.runs.map(\.seed)).count >= 8)
            let line = String(arm.arm.prefix { $0 != "@" })
            if cells[line] == nil { lines.append(line) }
            let accuracy = arm.accuracy
            cells[line, default: []].append(
                fixed(middle(accuracy), 1) + " (" + fixed(accuracy[0], 0) + ")"
            )
        }
        let page = try Repository.text("docs/RESULTS.md")
        let section =
            page.components(separatedBy: "\n## ")
            .first { $0.contains("Examples/studies/\(name).yaml") } ?? ""
        let rows = section.split(separator: "\n").map {
            $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        for line in lines {
            // A study without an axis has one column of accuracies, and others after it.
            let wanted = cells[line] ?? []
            let quoted = rows.filter { $0.first == line && $0.count > wanted.count }
                .map { Array($0[1...wanted.count]) }
            #expect(quoted.contains(wanted), "\(name) \(line)")
        }
    }

    /// Mean difference of test accuracy in points, paired by seed, with the 95 % interval of eight seeds.
    private func difference(_ arm: Training.Arm, _ other: Training.Arm) -> String {
        let pairs = arm.runs.compactMap { run in
            other.runs.first { $0.seed == run.seed }.map {
                100 * (run.testAccuracy - $0.testAccuracy)
            }
        }
        let count = Double(pairs.count)
        let mean = pairs.reduce(0, +) / count
        let variance = pairs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let interval = 2.365 * (variance / count).squareRoot()
        return String(format: "%+.1f", mean) + " ± " + fixed(interval, 1)
    }

    /// Median over the runs of a mean over layers, in whole degrees; a dash where there is none.
    private func angle(_ arm: Training.Arm, _ layers: (Training.Run) -> [Double?]) -> String {
        let means = arm.runs.compactMap { run -> Double? in
            let values = layers(run).compactMap { $0 }
            return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }.sorted()
        return means.isEmpty ? "–" : fixed(middle(means), 0)
    }

    @Test("pairs of the two studies of depth are those of docs/RESULTS.md")
    func rivalsPaired() throws {
        let (rivals, depth) = (try Training("digits-rivals"), try Training("digits-depth"))
        func arm(_ study: Training, _ name: String) throws -> Training.Arm {
            try #require(study.arms.first { $0.arm == name })
        }
        let page = try Repository.text("docs/RESULTS.md")
        for sal in ["sal", "sal-servo-tracking"] {
            for rival in ["stdwi", "rdd", "symmetric-stdp"] {
                let cells = try (1...6).map { "@\($0)" }.map {
                    difference(try arm(depth, sal + $0), try arm(rivals, rival + $0))
                }
                let row = "| \(sal) − \(rival) | " + cells.joined(separator: " | ") + " |"
                #expect(page.contains(row), "\(row)")
            }
        }
        for place in (1...6).map({ "@\($0)" }) {
            let pair = (try arm(rivals, "bp" + place), try arm(depth, "bp" + place))
            #expect(pair.0.runs.map(\.testAccuracy) == pair.1.runs.map(\.testAccuracy))
        }
    }

    @Test(
        "differences and angles of docs/RESULTS.md are those of the studies",
        arguments: ["noise", "digits-rivals", "yin-yang-rivals", "temporal-xor-rivals"]
    )
    func trainingFigures(name: String) throws {
        let study = try Training(name)
        var cells: [String: [String]] = [:]
        for arm in study.arms {
            let line = String(arm.arm.prefix { $0 != "@" })
            let place = arm.arm.dropFirst(line.count)
            #expect(arm.runs.count == 8)
            if line != "bp" {
                let reference = try #require(study.arms.first { $0.arm == "bp" + place })
                cells["\(line), − bp", default: []].append(difference(arm, reference))
                cells["\(line), angle of B", default: []].append(angle(arm, \.angles))
            }
            cells["\(line), gradient angle", default: []].append(
                angle(arm) { Array($0.gradientAngles.dropLast()) }
            )
        }
        let section =
            try Repository.text("docs/RESULTS.md").components(separatedBy: "\n## ")
            .first { $0.contains("Examples/studies/\(name).yaml") } ?? ""
        let rows = section.split(separator: "\n").map {
            $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        // Back-propagation without noise has no angle to tell.
        for (label, wanted) in cells where label != "bp, gradient angle" || name == "noise" {
            #expect(rows.contains([label] + wanted), "\(label): \(wanted)")
        }
    }
}
