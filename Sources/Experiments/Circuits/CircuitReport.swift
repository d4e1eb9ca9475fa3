import ChipSpec
import Description
import Events
public import Report

/// A circuit study as text, JSON (`spikeloom.circuit/1`) and picture.
public struct CircuitReport: Sendable {
    private let file: String
    private let arms: [CircuitStudy.Arm]
    private let results: [[TrainedCircuit]]
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
        study: CircuitStudy,
        results: [[TrainedCircuit]],
        toolVersion: String,
        command: String
    ) {
        self.file = file
        arms = study.arms
        self.results = results
        self.toolVersion = toolVersion
        self.command = command
    }

    private func name(_ arm: CircuitStudy.Arm) -> String { arm.circuit.arm ?? arm.circuit.name }

    /// One row an arm, medians over seeds; of a chain that a teacher teaches, one row for each initial sign of
    /// the uppermost feedback weight.
    public var table: TextTable {
        var table = TextTable([
            .init("arm"), .init("first feedback"), .init("seeds", alignment: .right),
            .init("loss", alignment: .right), .init("highest", alignment: .right),
            .init("right sign", alignment: .right),
            .init("accuracy", unit: "%", alignment: .right),
            .init("lowest", unit: "%", alignment: .right),
            .init("angle by layer", unit: "°"), .init("spikes", alignment: .right),
            .init("updates", alignment: .right), .init("learning", unit: "mJ", alignment: .right),
            .init("chip time", unit: "s", alignment: .right),
            .init("host", unit: "bytes", alignment: .right),
        ])
        for (arm, results) in zip(arms, results) {
            for (label, part) in parts(arm, results) where !part.isEmpty {
                table.append(row(arm, label, part))
            }
        }
        return table
    }

    private func row(
        _ arm: CircuitStudy.Arm,
        _ label: String,
        _ results: [TrainedCircuit]
    ) -> [String] {
        let losses = results.compactMap(\.course.finalLoss)
        let accuracies = results.compactMap(\.course.testAccuracy).map { $0 * 100 }
        let signs = results.compactMap { hasTeachersSigns(arm, $0.course.feedback) }
        let angles = (results.first?.course.angles.last ?? []).indices.map { layer in
            median(results.compactMap { $0.course.angles.last?[layer] })
        }
        func middle(_ value: (TrainedCircuit) -> Double) -> Double { median(results.map(value)) }
        return [
            name(arm), label, "\(results.count)",
            losses.isEmpty ? "" : Format.fixed(median(losses), decimals: 5),
            losses.max().map { Format.fixed($0, decimals: 5) } ?? "",
            signs.isEmpty ? "" : "\(signs.count(where: \.self)) of \(signs.count)",
            accuracies.isEmpty ? "" : Format.fixed(median(accuracies), decimals: 1),
            accuracies.min().map { Format.fixed($0, decimals: 1) } ?? "",
            angles.map { Format.fixed($0, decimals: 0) }.joined(separator: " "),
            Format.count(Int(middle { Double($0.counts[.spike]) })),
            Format.count(Int(middle { Double($0.counts[.weightUpdate]) })),
            Format.fixed(middle(\.learningJoules) * 1000, decimals: 3),
            Format.fixed(middle(\.chipSeconds), decimals: 0),
            Format.count(Int(middle { Double($0.hostBytes) })),
        ]
    }

    private func parts(
        _ arm: CircuitStudy.Arm,
        _ results: [TrainedCircuit]
    ) -> [(label: String, results: [TrainedCircuit])] {
        guard case .teacher = arm.circuit.task else { return [("", results)] }
        let signs = results.map { hasTeachersSigns(arm, $0.course.initialFeedback) == true }
        func part(_ isRight: Bool) -> [TrainedCircuit] {
            zip(results, signs).filter { $0.1 == isRight }.map(\.0)
        }
        return [("right sign", part(true)), ("wrong sign", part(false))]
    }

    /// Whether all feedback weights have the signs of the teacher's; nil without a teacher.
    private func hasTeachersSigns(_ arm: CircuitStudy.Arm, _ feedback: [[Double]]) -> Bool? {
        guard case .teacher(let weights, _, _) = arm.circuit.task else { return nil }
        return zip(feedback, weights.dropFirst()).allSatisfy { $0[0] * $1 > 0 }
    }

    /// The report for other programs.
    public var json: JSONValue {
        [
            "schema": "spikeloom.circuit/1",
            "version": .string(toolVersion),
            "command": .string(command),
            "study": .string(file),
            "arms": .array(zip(arms, results).map(json)),
        ]
    }

    private func json(_ arm: CircuitStudy.Arm, _ results: [TrainedCircuit]) -> JSONValue {
        [
            "arm": .optional(arm.circuit.arm),
            "feedback": .string(arm.circuit.feedback.rawValue),
            "numerics": .string(arm.circuit.isFloat ? "float" : "chip"),
            "widths": .array(arm.circuit.widths.map { .unsigned(UInt64($0)) }),
            "chip": .string(arm.chip.name),
            "chipDigest": .string(arm.chip.digest.description),
            "runs": .array(results.map { json($0, arm) }),
        ]
    }

    private func json(_ result: TrainedCircuit, _ arm: CircuitStudy.Arm) -> JSONValue {
        func numbers(_ values: [Double]) -> JSONValue { .array(values.map { .number($0) }) }
        func optional(_ value: Bool?) -> JSONValue { value.map { .boolean($0) } ?? .null }
        func matrices(_ values: [[Double]]) -> JSONValue { .array(values.map(numbers)) }
        let course = result.course
        return [
            "seed": .unsigned(result.seed),
            "losses": numbers(course.losses),
            "finalLoss": .optional(course.finalLoss),
            "testAccuracy": .optional(course.testAccuracy),
            "angles": matrices(course.angles),
            "initialFeedback": matrices(course.initialFeedback),
            "forward": matrices(course.forward),
            "feedback": matrices(course.feedback),
            "hasTeachersSignsAtFirst": optional(hasTeachersSigns(arm, course.initialFeedback)),
            "hasTeachersSigns": optional(hasTeachersSigns(arm, course.feedback)),
            "steps": .unsigned(result.counts[.step]),
            "spikes": .unsigned(result.counts[.spike]),
            "packets": .unsigned(result.counts[.axonOut]),
            "weightUpdates": .unsigned(result.counts[.weightUpdate]),
            "learningJoules": .number(result.learningJoules),
            "chipSeconds": .number(result.chipSeconds),
            "hostBytes": .unsigned(result.hostBytes),
        ]
    }

    /// Loss over the epochs, or angles where there is none: one line an arm, medians over seeds; arms on the
    /// chip and arms in floating point numbers side by side.
    public var figure: MultiFigure {
        let pairs = Array(zip(arms, results))
        let hasLosses = results.contains { $0.contains { !$0.course.losses.isEmpty } }
        let groups = [false, true].map { isFloat in
            pairs.filter { $0.0.circuit.isFloat == isFloat }
        }.filter { !$0.isEmpty }
        let parts = groups.map { group in
            let isFloat = group.first?.0.circuit.isFloat ?? false
            let figure = LineFigure(
                title: groups.count == 1 ? "" : isFloat ? "floating point numbers" : "on the chip",
                x: FigureAxis("epoch"),
                y: hasLosses
                    ? FigureAxis("validation loss", scale: .logarithmic)
                    : FigureAxis("angle of the feedback weights", unit: "°", range: 0...100),
                series: group.flatMap { series(of: $0, $1, hasLosses: hasLosses) },
                caption: "Medians over seeds."
            )
            return MultiFigure.Part.lines(figure)
        }
        return MultiFigure(
            title: arms.first?.circuit.summary ?? "",
            parts: parts,
            columns: groups.count
        )
    }

    private func series(
        of arm: CircuitStudy.Arm,
        _ results: [TrainedCircuit],
        hasLosses: Bool
    ) -> [LineFigure.Series] {
        parts(arm, results).compactMap { label, part in
            let courses = part.map { result in
                hasLosses
                    ? result.course.losses
                    : result.course.angles.map { $0.reduce(0, +) / Double(max(1, $0.count)) }
            }
            guard let count = courses.first?.count, count > 0 else { return nil }
            let points = (0..<count).map { epoch in
                LineFigure.Point(Double(epoch + 1), median(courses.map { $0[epoch] }))
            }
            let title = label.isEmpty ? name(arm) : "\(name(arm)), \(label)"
            return LineFigure.Series(title, points, look: .line)
        }
    }
}
