import Analysis
import Description
public import Report

extension LearningReport {
    /// The picture of the first seed of the first arm: weights before and after, angle against chip time, and
    /// spike-time differences where they were counted.
    public var figure: MultiFigure? {
        guard let result = results.first?.first, let course = result.projections.first,
            let first = course.points.first, let last = course.points.last
        else { return nil }
        let before = Format.fixed(first.nominal.angle, decimals: 1)
        let after = Format.fixed(last.nominal.angle, decimals: 1)
        func cloud(_ pairs: WeightPairs) -> [FigurePoint] {
            zip(pairs.forward, pairs.feedback).map { FigurePoint($0, $1) }
        }
        let arm = arms.first.map { $0.experiment.arm ?? $0.experiment.name } ?? ""
        var parts: [MultiFigure.Part] = [
            .scatter(
                ScatterFigure(
                    title: "\(before)° → \(after)°",
                    x: FigureAxis("forward weight"),
                    y: FigureAxis("feedback weight"),
                    series: [
                        .init("before", cloud(course.before)), .init("after", cloud(course.after)),
                    ]
                )
            ),
            .lines(
                LineFigure(
                    title: "\(course.name): angle over time",
                    x: FigureAxis("network time", unit: "s"),
                    y: FigureAxis("angle", unit: "°", range: 0...95),
                    series: [
                        .init(
                            "registers",
                            course.points.map { .init($0.seconds, $0.nominal.angle) },
                            look: .line
                        ),
                        .init(
                            "effective",
                            course.points.map { .init($0.seconds, $0.effective.angle) },
                            look: .line
                        ),
                    ]
                )
            ),
        ]
        if let differences = course.differences {
            parts.append(
                .histogram(
                    HistogramFigure(
                        title: "Spike-time differences",
                        quantity: "t_post − t_pre",
                        unit: "steps",
                        series: [
                            .init(
                                "forward weight > 0",
                                first: -SpikeDifferences.range,
                                counts: differences.positive
                            ),
                            .init(
                                "forward weight < 0",
                                first: -SpikeDifferences.range,
                                counts: differences.negative
                            ),
                        ]
                    )
                )
            )
        }
        return MultiFigure(title: "\(arm), seed \(result.seed)", parts: parts, columns: 3)
    }

    /// The figure of an axis, one line an arm: angle of the first projection against the value, or the time
    /// until `untilAngle`.
    ///
    /// - Parameters:
    ///   - label: Label of the axis with its unit.
    ///   - isLogarithmic: Whether the axis is logarithmic.
    ///   - places: Where each arm lies, and to which line it belongs.
    /// - Returns: Medians over seeds, with the lowest and highest.
    public func axisFigure(
        label: String,
        isLogarithmic: Bool,
        places: [String: (value: Double, line: String)]
    ) -> LineFigure {
        var lines: [String] = []
        var points: [String: [LineFigure.Point]] = [:]
        for (arm, results) in zip(arms, results) {
            guard let name = arm.experiment.arm, let place = places[name] else { continue }
            if points[place.line] == nil { lines.append(place.line) }
            let courses = results.compactMap(\.projections.first)
            let values: [Double?] = courses.map { course in
                untilAngle.map { course.seconds(untilAngle: $0) }
                    ?? course.points.last?.nominal.angle
            }
            let known = values.compactMap(\.self)
            points[place.line, default: []].append(
                .init(place.value, median(values), low: known.min(), high: known.max())
            )
        }
        return LineFigure(
            title: arms.first?.experiment.summary ?? "",
            x: FigureAxis(label, scale: isLogarithmic ? .logarithmic : .linear),
            y: untilAngle.map { angle in
                FigureAxis(
                    "network time until \(Format.fixed(angle, decimals: 1))°",
                    unit: "s",
                    scale: isLogarithmic ? .logarithmic : .linear
                )
            } ?? FigureAxis("angle(Wᵀ, B)", unit: "°", range: 0...95),
            series: lines.map { .init($0.isEmpty ? "median" : $0, points[$0] ?? []) },
            caption: "Medians over \(results.first?.count ?? 0) seeds, lowest and highest."
        )
    }
}
