import Foundation
import Report
import Testing

private let waterfall = AccuracyWaterfall(
    title: "digits on pilot",
    stages: [
        .init("float", mean: 438.0 / 450), .init("chip arithmetic", mean: 437.0 / 450),
        .init("mismatch 0.4", mean: 0.713, deviation: 0.071, minimum: 0.551),
        .init("calibrated", mean: 0.9),
    ]
)

private let chart = BarChart(
    title: "digits on pilot",
    quantity: "energy per sample",
    unit: "J",
    bars: [
        .init("synapticEvent", 2.4e-8), .init("spike", 3e-9), .init("hop", 1e-12),
        .init("stateReset", nil), .init("step", 0, text: "none"),
    ]
)

@Suite("Figures in a terminal")
struct FigureTextTests {
    @Test("a waterfall shows mean, loss against the stage before, and the worst device")
    func showsWaterfall() {
        #expect(
            waterfall.text(width: 80) == """
                digits on pilot

                stage            0                        100 %  accuracy        change    worst
                ───────────────  ──────────────────────────────  ──────────────  ──────  ───────
                float            █████████████████████████████▎  97.33 %
                chip arithmetic  █████████████████████████████▏  97.11 %          −0.22
                mismatch 0.4     █████████████████▓▓▓▓▍░░░░░░░   71.30 ± 7.10 %  −25.81  55.10 %
                calibrated       ███████████████████████████     90.00 %         +18.70

                """
        )
    }

    @Test("bars are as long as their values, to an eighth of a column; unknown has none")
    func showsBars() {
        #expect(
            chart.text(width: 40) == """
                digits on pilot: energy per sample
                synapticEvent █████████████████ 24.0 nJ
                spike         ██▏ 3.00 nJ
                hop           ▏ 1.00 pJ
                stateReset    unknown
                step          none

                """
        )
    }

    @Test("no line is wider than the terminal", arguments: [60, 80, 132])
    func fits(width: Int) {
        for text in [waterfall.text(width: width), chart.text(width: width)] {
            #expect(text.split(separator: "\n").allSatisfy { $0.count <= width })
        }
    }

    @Test("figures without content, and with values out of range, do not trap")
    func survivesOddValues() {
        let odd = AccuracyWaterfall(
            title: "",
            stages: [
                .init("", mean: .nan), .init("b", mean: -3, deviation: .nan, minimum: .infinity),
                .init("c", mean: 9, minimum: -1), .init("d", mean: 0, minimum: .nan),
            ]
        )
        #expect(!odd.text(width: 1).isEmpty)
        #expect(!AccuracyWaterfall(title: "", stages: []).text(width: 80).isEmpty)
        for value in [Double.nan, .infinity, -1, 0, .leastNonzeroMagnitude] {
            let chart = BarChart(title: "", quantity: "", unit: "", bars: [.init("a", value)])
            #expect(!chart.text(width: 0).isEmpty)
        }
    }
}

@Suite(
    "Figures through gnuplot",
    .enabled(if: InstalledGnuplot.isInstalled, "gnuplot is installed")
)
struct GnuplotTests {
    @Test("both figures are drawn in every format", arguments: FigureFormat.allCases)
    func draws(format: FigureFormat) throws {
        let gnuplot = try InstalledGnuplot()
        let output = gnuplot.folder + "/it's a figure." + format.rawValue
        for script in [
            waterfall.gnuplotScript(output: output, format: format),
            chart.gnuplotScript(output: output, format: format),
        ] {
            #expect(try gnuplot.run(script) == "")
            let data = try Data(contentsOf: URL(fileURLWithPath: output))
            #expect(data.count > 4000)
            try FileManager.default.removeItem(atPath: output)
        }
    }

    @Test("labels, values and the key are in the picture")
    func writesTexts() throws {
        let gnuplot = try InstalledGnuplot()
        let output = gnuplot.folder + "/figure.svg"
        #expect(try gnuplot.run(waterfall.gnuplotScript(output: output)) == "")
        let picture = try String(contentsOfFile: output, encoding: .utf8)
        for text in ["mismatch", "0.4", "97.3", "−25.81", "worst device", "accuracy (%)"] {
            #expect(picture.contains(text), "\(text)")
        }
    }

    @Test("a key names only what is drawn")
    func namesWhatIsDrawn() {
        let plain = AccuracyWaterfall(title: "", stages: [.init("a", mean: 1)])
        let script = plain.gnuplotScript(output: "x")
        #expect(!script.contains("title 'worst") && !script.contains("title 'standard"))
    }

    @Test("names that look like gnuplot commands or mark-up are only drawn")
    func quotesTexts() throws {
        let gnuplot = try InstalledGnuplot()
        let output = gnuplot.folder + "/figure.svg"
        let mark = gnuplot.folder + "/mark"
        let names = [
            "`touch \(mark)`", "'; system('touch \(mark)'); x='", "\"; !touch \(mark)",
            "a\n!touch \(mark)\nEND_OF_DATA", "@mark a_b^c{/Bold d} %s \\", "''", "",
        ]
        for name in names {
            let figures = [
                AccuracyWaterfall(title: name, stages: [.init(name, mean: 0.5)])
                    .gnuplotScript(output: output),
                BarChart(title: name, quantity: name, unit: name, bars: [.init(name, 1)])
                    .gnuplotScript(output: output),
            ]
            for script in figures { #expect(try gnuplot.run(script) == "", "\(name)") }
        }
        #expect(!FileManager.default.fileExists(atPath: mark))
        let last = BarChart(title: "a_b^c{/Bold d} \\", quantity: "", unit: "", bars: [])
        #expect(try gnuplot.run(last.gnuplotScript(output: output)) == "")
        let picture = try String(contentsOfFile: output, encoding: .utf8)
        #expect(picture.contains("a_b^c{/Bold d} \\"))
    }
}
