import Analysis
import ChipSpec
import Description
public import Events
public import Report

/// A learning experiment as text and JSON (`spikeloom.learn/1`).
public struct LearningReport: Sendable {
    private let file: String
    let arms: [LearningStudy.Arm]
    let results: [[LearningResult]]
    let untilAngle: Double?
    private let toolVersion: String
    private let command: String

    /// Describes a study.
    ///
    /// - Parameters:
    ///   - file: Path of the experiment file.
    ///   - study: What was run.
    ///   - results: For each arm, one result a seed.
    ///   - untilAngle: Angle in degrees whose time is reported as well; nil for none.
    ///   - toolVersion: Version of the tool.
    ///   - command: The command that made it.
    public init(
        file: String,
        study: LearningStudy,
        results: [[LearningResult]],
        untilAngle: Double? = nil,
        toolVersion: String,
        command: String
    ) {
        self.file = file
        arms = study.arms
        self.results = results
        self.untilAngle = untilAngle
        self.toolVersion = toolVersion
        self.command = command
    }

    /// One row an arm and projection: medians over seeds, and the worst.
    public var table: TextTable {
        var columns: [TextTable.Column] = [
            .init("arm"), .init("projection"), .init("seeds", alignment: .right),
            .init("before", unit: "°", alignment: .right),
            .init("angle", unit: "°", alignment: .right),
            .init("worst", unit: "°", alignment: .right),
            .init("effective", unit: "°", alignment: .right), .init("slope", alignment: .right),
            .init("r", alignment: .right), .init("spikes", alignment: .right),
            .init("updates", alignment: .right), .init("learning", unit: "mJ", alignment: .right),
            .init("all", unit: "mJ", alignment: .right),
            .init("chip time", unit: "s", alignment: .right),
        ]
        if let untilAngle {
            let name = "until \(Format.fixed(untilAngle, decimals: 1))°"
            columns.append(.init(name, unit: "s", alignment: .right))
        }
        var table = TextTable(columns)
        for (arm, results) in zip(arms, results) {
            let name = arm.experiment.arm ?? arm.experiment.name
            for index in results.first?.projections.indices ?? 0..<0 {
                let courses = results.map { $0.projections[index] }
                let last = courses.compactMap(\.points.last)
                let spikes = results.map { Double($0.total(.spike)) }
                let updates = results.map { Double($0.total(.weightUpdate)) }
                let seconds = median(results.map(\.chipSeconds))
                var row = [
                    name, courses.first?.name ?? "", "\(results.count)",
                    Format.fixed(
                        median(courses.compactMap { $0.points.first?.nominal.angle }),
                        decimals: 1
                    ),
                    Format.fixed(median(last.map(\.nominal.angle)), decimals: 1),
                    Format.fixed(last.map(\.nominal.angle).max() ?? 0, decimals: 1),
                    Format.fixed(median(last.map(\.effective.angle)), decimals: 1),
                    Format.fixed(median(last.map(\.nominal.slope)), decimals: 2),
                    Format.fixed(median(last.map(\.nominal.correlation)), decimals: 3),
                    Format.count(Int(median(spikes))), Format.count(Int(median(updates))),
                    bound(results)
                        + Format.fixed(median(results.map(\.learningJoules)) * 1000, decimals: 2),
                    bound(results)
                        + Format.fixed(median(results.map(\.joules)) * 1000, decimals: 2),
                    Format.fixed(seconds, decimals: seconds < 10 ? 2 : 0),
                ]
                if let untilAngle {
                    let times = courses.map { $0.seconds(untilAngle: untilAngle) }
                    row.append(median(times).map { Format.fixed($0, decimals: 1) } ?? "not reached")
                }
                table.append(row)
            }
        }
        return table
    }

    /// Rates of each population over the last phase of the first run, for experiments without a feedback.
    public var rates: TextTable {
        var table = TextTable([
            .init("population"), .init("phase"), .init("mean", unit: "Hz", alignment: .right),
            .init("lowest", unit: "Hz", alignment: .right),
            .init("highest", unit: "Hz", alignment: .right),
        ])
        guard let phase = results.first?.first?.phases.last else { return table }
        for rate in phase.rates {
            table.append([
                rate.population, phase.name, Format.fixed(rate.mean, decimals: 1),
                Format.fixed(rate.lowest, decimals: 1), Format.fixed(rate.highest, decimals: 1),
            ])
        }
        return table
    }

    private func bound(_ results: [LearningResult]) -> String {
        results.contains { $0.phases.contains(where: \.isLowerBound) } ? "≥ " : ""
    }

    /// Lines about what the monitor stopped.
    public var stops: [String] {
        zip(arms, results).flatMap { arm, results in
            results.flatMap { result in
                result.phases.flatMap { phase in
                    phase.stops.map { stop in
                        "\(arm.experiment.arm ?? arm.experiment.name), seed \(result.seed): the monitor "
                            + "stopped \(stop.projection) after \(Format.fixed(stop.seconds, decimals: 0)) s: "
                            + "\(stop.reason). Its weights are those of before the phase."
                    }
                }
            }
        }
    }

    /// The report for other programs.
    public var json: JSONValue {
        [
            "schema": "spikeloom.learn/1",
            "version": .string(toolVersion),
            "command": .string(command),
            "experiment": .string(file),
            "arms": .array(zip(arms, results).map(json)),
            "plane": planeJSON ?? .null,
        ]
    }

    private func json(_ arm: LearningStudy.Arm, _ results: [LearningResult]) -> JSONValue {
        [
            "arm": .optional(arm.experiment.arm),
            "axisValue": .optional(arm.experiment.axisValue),
            "chip": .string(arm.chip.name),
            "chipDigest": .string(arm.chip.digest.description),
            "energyTable": .string(arm.table.name),
            "stepInSeconds": .number(arm.experiment.stepInSeconds),
            "runs": .array(results.map(json)),
        ]
    }

    private func json(_ result: LearningResult) -> JSONValue {
        [
            "seed": .unsigned(result.seed),
            "projections": .array(result.projections.map(json)),
            "weights": .array(result.weights.map(json)),
            "phases": .array(result.phases.map(json)),
        ]
    }

    private func json(_ course: ProjectionCourse) -> JSONValue {
        let last = course.points.last
        return [
            "projection": .string(course.name),
            "angleBefore": .optional(course.points.first?.nominal.angle),
            "angle": .optional(last?.nominal.angle),
            "angleEffective": .optional(last?.effective.angle),
            "slope": .optional(last?.nominal.slope),
            "correlation": .optional(last?.nominal.correlation),
            "equalSigns": .optional(last?.nominal.equalSigns),
            "secondsUntilAngle": .optional(untilAngle.flatMap { course.seconds(untilAngle: $0) }),
            "course": .array(
                course.points.map { point in
                    [
                        "seconds": .number(point.seconds),
                        "angle": .number(point.nominal.angle),
                        "angleEffective": .number(point.effective.angle),
                        "slope": .number(point.nominal.slope),
                        "correlation": .number(point.nominal.correlation),
                        "equalSigns": .number(point.nominal.equalSigns),
                    ]
                }
            ),
        ]
    }

    private func json(_ course: WeightCourse) -> JSONValue {
        [
            "projection": .string(course.name),
            "before": .optional(course.means.first),
            "after": .optional(course.means.last),
            "lowest": .number(course.lowest),
            "highest": .number(course.highest),
        ]
    }

    private func json(_ phase: PhaseResult) -> JSONValue {
        [
            "phase": .string(phase.name),
            "steps": .unsigned(phase.steps),
            "counts": .object(
                Action.allCases.map { .init($0.name, .unsigned(phase.counts[$0])) }
            ),
            "joules": .number(phase.joules),
            "learningJoules": .number(phase.learningJoules),
            "isLowerBound": .boolean(phase.isLowerBound),
            "chipSeconds": .number(phase.chipSeconds),
            "overruns": .unsigned(phase.overruns),
            "hostBytesForLearning": .unsigned(phase.hostBytes),
            "packetsForLearning": .unsigned(phase.learningPackets),
            "rates": .array(
                phase.rates.map { rate in
                    [
                        "population": .string(rate.population),
                        "mean": .number(rate.mean),
                        "lowest": .number(rate.lowest),
                        "highest": .number(rate.highest),
                    ]
                }
            ),
            "stops": .array(
                phase.stops.map { stop in
                    [
                        "projection": .string(stop.projection),
                        "seconds": .number(stop.seconds),
                        "reason": .string(stop.reason),
                    ]
                }
            ),
        ]
    }
}

/// The middle of some times, of which some never come; nil if the middle never does.
func median(_ times: [Double?]) -> Double? {
    let middle = median(times.map { $0 ?? .infinity })
    return middle.isFinite && !times.isEmpty ? middle : nil
}

/// The middle of some values; 0 of none.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
        ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}

extension LearningResult {
    /// Phases in which weights could change.
    private var learningPhases: [PhaseResult] { phases.filter { $0.name != "trim" } }

    /// How often an action was done while learning, trim phases left out.
    ///
    /// - Parameter action: Which.
    /// - Returns: The count.
    public func total(_ action: Action) -> UInt64 {
        learningPhases.reduce(0) { $0 + $1.counts[action] }
    }

    /// Energy of weight, trace and bias updates in joules.
    public var learningJoules: Double { learningPhases.reduce(0) { $0 + $1.learningJoules } }

    /// Energy of the chip while learning in joules.
    public var joules: Double { learningPhases.reduce(0) { $0 + $1.joules } }

    /// Chip time while learning in seconds.
    public var chipSeconds: Double { learningPhases.reduce(0) { $0 + $1.chipSeconds } }
}
