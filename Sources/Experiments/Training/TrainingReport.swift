import ChipSpec
public import Description
import Events
import RateNetworks
public import Report

/// A training study as text, JSON (`spikeloom.train/1`) and picture.
public struct TrainingReport: Sendable {
    private let file: String
    private let arms: [TrainingStudy.Arm]
    private let results: [[TrainedNetwork]]
    private let toolVersion: String
    private let command: String

    /// Describes a study.
    ///
    /// - Parameters:
    ///   - file: Path of the study.
    ///   - study: What was run.
    ///   - results: For each arm, one result a seed.
    ///   - toolVersion: Version of the tool.
    ///   - command: The command that made it.
    public init(
        file: String,
        study: TrainingStudy,
        results: [[TrainedNetwork]],
        toolVersion: String,
        command: String
    ) {
        self.file = file
        arms = study.arms
        self.results = results
        self.toolVersion = toolVersion
        self.command = command
    }

    private func name(_ arm: TrainingStudy.Arm) -> String { arm.training.arm ?? arm.training.name }

    /// One row an arm: medians over seeds, worst seed, difference to the first arm (at the same place of
    /// an axis) with a 95 % interval.
    public var table: TextTable {
        var table = TextTable([
            .init("arm"), .init("seeds", alignment: .right),
            .init("accuracy", unit: "%", alignment: .right),
            .init("worst", unit: "%", alignment: .right),
            .init("− first arm, paired", unit: "points", alignment: .right),
            .init("epochs to 90 %", alignment: .right),
            .init("sd of the last 5", unit: "points", alignment: .right),
            .init("angle by layer", unit: "°"), .init("slope by layer"),
            .init("gradient angle", unit: "°"), .init("spikes", alignment: .right),
            .init("updates", alignment: .right), .init("learning", unit: "mJ", alignment: .right),
            .init("host", unit: "bytes", alignment: .right),
        ])
        for (index, arm) in arms.enumerated() {
            let results = results[index]
            let accuracy = results.compactMap(\.result.testAccuracy).map { $0 * 100 }
            let reference = reference(of: index)
            let difference = Self.difference(results, self.results[reference])
            table.append([
                name(arm), "\(results.count)",
                Format.fixed(median(accuracy), decimals: 1),
                Format.fixed(accuracy.min() ?? 0, decimals: 1),
                index == reference
                    ? ""
                    : difference.map {
                        Format.fixed($0.mean, decimals: 1) + " ± "
                            + Format.fixed($0.interval, decimals: 1)
                    } ?? "",
                median(results.map { $0.epochs(toShare: 0.9, of: self.results[reference]) })
                    .map { Format.fixed($0, decimals: 0) } ?? "–",
                Format.fixed(median(results.compactMap(\.lateDeviation)) * 100, decimals: 1),
                layers(results) { $0.agreement.map(\.angle) }
                    .map { Format.fixed($0, decimals: 0) }.joined(separator: " "),
                layers(results) { $0.agreement.map(\.slope) }
                    .map { Format.fixed($0, decimals: 2) }.joined(separator: " "),
                layers(results) { $0.result.epochs.last?.gradientAngles ?? [] }
                    .map { $0.isNaN ? "–" : Format.fixed($0, decimals: 0) }.joined(separator: " "),
                Format.count(Int(median(results.map { Double($0.total(.spike)) }))),
                Format.count(Int(median(results.map { Double($0.total(.weightUpdate)) }))),
                Format.fixed(median(results.map(\.learningJoules)) * 1000, decimals: 3),
                Format.count(Int(median(results.map { Double($0.hostBytes) }))),
            ])
        }
        return table
    }

    /// Medians over seeds, layer by layer.
    private func layers(
        _ results: [TrainedNetwork],
        _ values: (TrainedNetwork) -> [Double]
    ) -> [Double] {
        let all = results.map(values)
        return (all.first ?? []).indices.map { layer in
            median(all.compactMap { $0.indices.contains(layer) ? $0[layer] : nil })
        }
    }

    /// Mean difference of test accuracy in points over the seeds that both arms have, with half the width
    /// of its 95 % interval (Student's t).
    static func difference(
        _ results: [TrainedNetwork],
        _ others: [TrainedNetwork]
    ) -> (mean: Double, interval: Double)? {
        let differences = results.compactMap { result -> Double? in
            let other = others.first { $0.seed == result.seed }
            guard let a = result.result.testAccuracy, let b = other?.result.testAccuracy else {
                return nil
            }
            return (a - b) * 100
        }
        guard differences.count > 1 else { return nil }
        let count = Double(differences.count)
        let mean = differences.reduce(0, +) / count
        let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        return (mean, studentT(differences.count - 1) * (variance / count).squareRoot())
    }

    /// 97.5 % quantile of Student's t: a table up to 30, and 1.96 (1 + 0.63/n + …) beyond.
    static func studentT(_ degrees: Int) -> Double {
        let table = [
            12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179,
            2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064,
            2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
        ]
        guard degrees > table.count else { return table[max(1, degrees) - 1] }
        // Cornish and Fisher's first term, within 0.001 from 30 degrees on.
        let z = 1.959964
        return z + (z * z * z + z) / (4 * Double(degrees))
    }

    /// The report for other programs.
    public var json: JSONValue {
        [
            "schema": "spikeloom.train/1",
            "version": .string(toolVersion),
            "command": .string(command),
            "study": .string(file),
            "arms": .array(arms.indices.map { json(arms[$0], results[$0], reference(of: $0)) }),
        ]
    }

    /// Arms on an axis are compared with the first one at their place, all others with the first of all.
    private func reference(of index: Int) -> Int {
        arms.firstIndex { $0.training.axisValue == arms[index].training.axisValue } ?? 0
    }

    private func json(
        _ arm: TrainingStudy.Arm,
        _ results: [TrainedNetwork],
        _ reference: Int
    ) -> JSONValue {
        [
            "arm": .optional(arm.training.arm),
            "axisValue": .optional(arm.training.axisValue),
            "feedback": .string(arm.training.feedback.rawValue),
            "tracking": .boolean(arm.training.tracking),
            "mismatch": .number(arm.training.mismatch),
            "hidden": .array(arm.training.hidden.map { .unsigned(UInt64($0)) }),
            "chip": .string(arm.chip.name),
            "chipDigest": .string(arm.chip.digest.description),
            "runs": .array(results.map { json($0, reference) }),
        ]
    }

    private func json(_ result: TrainedNetwork, _ reference: Int) -> JSONValue {
        func numbers(_ values: [Double]) -> JSONValue {
            .array(values.map { $0.isFinite ? .number($0) : .null })
        }
        let epochs = result.result.epochs
        return [
            "seed": .unsigned(result.seed),
            "learningRate": .number(result.learningRate),
            "testAccuracy": .optional(result.result.testAccuracy),
            "validationAccuracy": numbers(epochs.compactMap(\.validationAccuracy)),
            "epochsTo90Percent": .optional(
                result.epochs(toShare: 0.9, of: results[reference])
            ),
            "lateDeviation": .optional(result.lateDeviation),
            "trainingLoss": numbers(epochs.map(\.trainingLoss)),
            "angles": numbers(result.agreement.map(\.angle)),
            "slopes": numbers(result.agreement.map(\.slope)),
            "gradientAngles": numbers(epochs.last?.gradientAngles ?? []),
            "gradientAnglesByEpoch": .array(epochs.map { numbers($0.gradientAngles) }),
            "spikes": .unsigned(result.total(.spike)),
            "weightUpdates": .unsigned(result.total(.weightUpdate)),
            "learningJoules": .number(result.learningJoules),
            "chipSeconds": .number(result.chipSeconds),
            "hostBytes": .unsigned(result.hostBytes),
        ]
    }

    /// Validation accuracy over the epochs, one line an arm (medians over seeds); nil without validation.
    public var figure: LineFigure? {
        let series = zip(arms, results).compactMap { arm, results -> LineFigure.Series? in
            let courses = results.map { $0.result.epochs.compactMap(\.validationAccuracy) }
            guard let count = courses.first?.count, count > 0 else { return nil }
            let points = (0..<count).map { epoch in
                let values = courses.compactMap { $0.indices.contains(epoch) ? $0[epoch] : nil }
                return LineFigure.Point(Double(epoch + 1), median(values) * 100)
            }
            return LineFigure.Series(name(arm), points, look: .line)
        }
        guard !series.isEmpty else { return nil }
        return LineFigure(
            title: arms.first?.training.summary ?? "",
            x: FigureAxis("epoch"),
            y: FigureAxis("validation accuracy", unit: "%", range: 0...100),
            series: series,
            caption: "Medians over \(results.first?.count ?? 0) seeds."
        )
    }

    /// The figure of an axis: test accuracy against the value, one line an arm.
    ///
    /// - Parameters:
    ///   - axis: Label and scale.
    ///   - places: Where each arm lies, and to which line it belongs.
    /// - Returns: Medians over seeds, with the lowest and highest.
    public func axisFigure(
        _ axis: VariantAxis,
        places: [String: (value: Double, line: String)]
    ) -> LineFigure {
        var lines: [String] = []
        var points: [String: [LineFigure.Point]] = [:]
        for (arm, results) in zip(arms, results) {
            guard let name = arm.training.arm, let place = places[name] else { continue }
            if points[place.line] == nil { lines.append(place.line) }
            let accuracy = results.compactMap(\.result.testAccuracy).map { $0 * 100 }
            points[place.line, default: []].append(
                .init(
                    place.value,
                    accuracy.isEmpty ? nil : median(accuracy),
                    low: accuracy.min(),
                    high: accuracy.max()
                )
            )
        }
        return LineFigure(
            title: arms.first?.training.summary ?? "",
            x: FigureAxis(axis.label, scale: axis.isLogarithmic ? .logarithmic : .linear),
            y: FigureAxis("test accuracy", unit: "%", range: 0...100),
            series: lines.map { .init($0.isEmpty ? "median" : $0, points[$0] ?? []) },
            caption: "Medians over \(results.first?.count ?? 0) seeds, lowest and highest."
        )
    }
}
