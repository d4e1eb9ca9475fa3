import Foundation
import Report

/// Figures with data like those of learning experiments.
enum ExampleFigures {
    /// Repeatable numbers of a normal distribution.
    struct Normal {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        private mutating func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (Double(state >> 11) + 0.5) / 0x1p53
        }

        mutating func next() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
    }

    /// Angle against chip time, ten seeds, with and without plasticity.
    static let angleOverTime: LineFigure = {
        func falling(to end: Double, every step: Double, tau: Double) -> [LineFigure.Point] {
            stride(from: 0, through: 400, by: step).map { time in
                let angle = end + (89 - end) * exp(-time / tau)
                return .init(time, angle, low: angle - 1.5, high: angle + 2.5)
            }
        }
        return LineFigure(
            title: "Angle between W and Bᵀ, set-up R",
            x: FigureAxis("chip time", unit: "s"),
            y: FigureAxis("angle", unit: "°", range: 0...95),
            series: [
                .init("S2, exponential", falling(to: 12.4, every: 2, tau: 55), spread: .band),
                .init("H2, homeostasis", falling(to: 9.2, every: 2, tau: 35), spread: .band),
                .init("H9, nearest neighbour", falling(to: 17, every: 20, tau: 70)),
                .init(
                    "no plasticity",
                    stride(from: 0, through: 400, by: 2).map { .init($0, 89 + sin($0 / 9)) }
                ),
            ],
            references: [.init("bound of S2: 15.5°", 15.5), .init("bound of H2: 10.5°", 10.5)],
            caption: "median of seeds 200–209, band: lowest and highest seed"
        )
    }()

    /// Angle against the length of a step, on a logarithmic axis, one point missing.
    static let angleOverStep = LineFigure(
        title: "Angle against step length",
        x: FigureAxis("step length", unit: "ms", scale: .logarithmic),
        y: FigureAxis("angle after 400 s", unit: "°"),
        series: [
            .init(
                "exponential",
                [(0.1, 11.8), (0.2, 11.9), (0.5, 12.1), (1, 12.4), (2, 17), (5, 44)].map {
                    LineFigure.Point($0, $1, low: $1 * 0.9, high: $1 * 1.15)
                }
            ),
            .init(
                "nearest neighbour",
                [
                    .init(0.1, 13), .init(0.2, 13.1), .init(0.5, nil),
                    .init(1, 13.6, low: 12, high: 15), .init(2, 21, low: 18, high: 25),
                    .init(5, 58, low: 51, high: 66),
                ]
            ),
        ],
        references: [.init("bound", 15.5)]
    )

    /// Eight arms with long names, bits on the axis.
    static let manyArms = LineFigure(
        title: "Angle against accumulator bits for eight ways to round and hold weights",
        x: FigureAxis("accumulator bits", ticks: [0, 2, 4, 6, 8]),
        y: FigureAxis("angle", unit: "°"),
        series: (0..<8).map { arm in
            .init(
                "arm \(arm): stochastic rounding",
                stride(from: 0.0, through: 8, by: 2).map { bits in
                    .init(bits, 12 + 9 * Double(arm) + (8 - bits) * (8 - bits) / 4)
                }
            )
        },
        references: [.init("chance", 90)]
    )

    /// Weights against feedback weights, before and after learning.
    static func weights(_ count: Int) -> ScatterFigure {
        var normal = Normal(seed: 200)
        let pairs = (0..<count).map { _ in (w: 0.2 * normal.next(), b: 0.2 * normal.next()) }
        return ScatterFigure(
            title: "87.3° → 9.8°",
            x: FigureAxis("weight w", unit: "thresholds"),
            y: FigureAxis("feedback weight b", unit: "thresholds"),
            series: [
                .init("before", pairs.map { FigurePoint($0.w, $0.b) }),
                .init("after", pairs.map { FigurePoint($0.w, 0.92 * $0.w + 0.15 * $0.b) }),
            ]
        )
    }

    /// Differences of spike times before and after learning.
    static let differences: HistogramFigure = {
        func counts(_ peak: Double) -> [Int] {
            (-20...20).map { step in
                let near = exp(-Double(step.magnitude) / 5)
                return Int(4000 + 3000 * near * (step > 0 ? peak : 0.3))
            }
        }
        return HistogramFigure(
            title: "Spike-time differences",
            quantity: "t post − t pre",
            unit: "steps",
            height: .density,
            series: [
                .init("before", first: -20, counts: counts(0.3)),
                .init("after", first: -20, counts: counts(1)),
            ]
        )
    }()

    /// Drift of two coupled neurons with two zero lines.
    static let drift: FieldFigure = {
        let grid = stride(from: -1.0, through: 1, by: 0.2)
        let arrows = grid.flatMap { w in
            grid.map { b -> FieldFigure.Arrow in
                let pull = (w - b) * 0.01
                return .init(FigurePoint(w, b), drift: FigurePoint(-pull, pull + 0.001 * w))
            }
        }
        func line(_ slope: Double, _ offset: Double) -> [FigurePoint] {
            stride(from: -1.0, through: 1, by: 0.05).map {
                FigurePoint($0, slope * $0 + offset * $0 * $0)
            }
        }
        return FieldFigure(
            title: "Drift of two coupled neurons",
            x: FigureAxis("weight w", unit: "log-odds"),
            y: FigureAxis("feedback weight b", unit: "log-odds"),
            arrows: arrows,
            lines: [
                .init("no drift, window 6", line(0.97, 0.03)),
                .init("gain error 5 %", line(0.9, 0.15)),
                .init("ties broken", line(0.6, -0.1)),
            ],
            caption: "exact Markov chain, ties: no update"
        )
    }()

    /// The report of a learning experiment.
    static let report = MultiFigure(
        title: "reciprocal.yaml on pilot, seed 200",
        parts: [
            .scatter(weights(1600)), .lines(angleOverTime), .histogram(differences),
        ]
    )

    /// Every example as a script.
    static func scripts(output: String, format: FigureFormat = .svg) -> [(String, String)] {
        [
            ("time", angleOverTime.gnuplotScript(output: output, format: format)),
            ("step", angleOverStep.gnuplotScript(output: output, format: format)),
            ("arms", manyArms.gnuplotScript(output: output, format: format)),
            ("weights", weights(1600).gnuplotScript(output: output, format: format)),
            ("many", weights(6000).gnuplotScript(output: output, format: format)),
            ("differences", differences.gnuplotScript(output: output, format: format)),
            ("drift", drift.gnuplotScript(output: output, format: format)),
            ("report", report.gnuplotScript(output: output, format: format)),
        ]
    }
}
