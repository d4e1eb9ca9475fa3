import Foundation
import Report
import Testing

/// Rows of a data block of a script.
private func block(_ name: String, of script: String) -> [String] {
    let lines = script.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let first = lines.firstIndex(of: "$\(name) << END_OF_DATA") else { return [] }
    return Array(lines[(first + 1)...].prefix { $0 != "END_OF_DATA" })
}

private func lines(
    _ series: [LineFigure.Series],
    x: FigureAxis = FigureAxis("x"),
    y: FigureAxis = FigureAxis("y"),
    references: [LineFigure.Reference] = []
) -> String {
    LineFigure(title: "", x: x, y: y, series: series, references: references)
        .gnuplotScript(output: "x")
}

@Suite("Line figures")
struct LineFigureTests {
    @Test("a missing value is a gap; a point between gaps is marked, and a bar shows its spread")
    func leavesGaps() {
        let points: [LineFigure.Point] = [
            .init(0, 1), .init(1, 2, low: 1, high: 4), .init(2, nil), .init(3, 5, low: 4),
            .init(4, .nan), .init(5, 6), .init(6, 7),
        ]
        let script = lines([.init("a", points, spread: .band)])
        #expect(
            block("series0line", of: script)
                == ["0.0 1.0", "1.0 2.0", "", "3.0 5.0", "", "5.0 6.0", "6.0 7.0"]
        )
        #expect(
            block("series0band", of: script) == ["0.0 1.0", "1.0 1.0", "1.0 4.0", "0.0 1.0"]
        )
        #expect(block("series0bars", of: script) == ["3.0 5.0 4.0 5.0"])
        #expect(block("series0marks", of: script).count == 5)
    }

    @Test("a curve of up to 40 points is marked at each, a longer one at twelve")
    func thinsMarks() {
        for (count, marks) in [(40, 40), (41, 11), (1200, 12)] {
            let points = (0..<count).map { LineFigure.Point(Double($0), 1) }
            let script = lines([.init("a", points)])
            #expect(block("series0line", of: script).count == count)
            #expect(block("series0marks", of: script).count == marks)
        }
        // Of a point between gaps nothing else would show.
        let lone = (0..<80).map { LineFigure.Point(Double($0), $0.isMultiple(of: 2) ? 1 : nil) }
        #expect(block("series0marks", of: lines([.init("a", lone)])).count == 40)
    }

    @Test("a logarithmic axis leaves out what is not above zero, and labels 1, 2 and 5")
    func drawsDecades() {
        let script = lines(
            [.init("a", [.init(0, 3), .init(0.1, 0), .init(0.2, 1, low: 0), .init(5, 2)])],
            x: FigureAxis("step", unit: "ms", scale: .logarithmic),
            y: FigureAxis("angle", scale: .logarithmic, range: 0.1...10)
        )
        #expect(block("series0line", of: script) == ["0.2 1.0", "5.0 2.0"])
        #expect(block("series0bars", of: script) == ["0.2 1.0 0.1 1.0"])
        #expect(script.contains("set xtics ('0.1' 0.1, '0.2' 0.2, '0.5' 0.5, '1' 1.0, '2' 2.0"))
        #expect(script.contains("set yrange [0.1:10.0]\nset logscale y 10\n"))
    }

    @Test("small positive values start the axis at zero, and references lie within it")
    func choosesRanges() {
        let script = lines(
            [.init("a", [.init(0, 10), .init(20, 90)])],
            references: [.init("chance", 100), .init("beyond", .infinity)]
        )
        #expect(script.contains("set xrange [0.0:21.0]"))
        #expect(script.contains("set yrange [0.0:104.5]"))
        #expect(script.contains("'chance'") && !script.contains("'beyond'"))
    }

    @Test(
        "ticks are 1, 2 or 5 of a decade, in short texts",
        arguments: [
            (0.0...95, "'0' 0.0, '20' 20.0, '40' 40.0, '60' 60.0, '80' 80.0"),
            (0.0...400, "'0' 0.0, '50' 50.0, '100' 100.0, '150' 150.0, '200' 200.0, '250' 250.0"),
            (-0.8...0.3, "'-0.8' -0.8, '-0.6' -0.6, '-0.4' -0.4, '-0.2' -0.2, '0' 0.0, '0.2' 0.2"),
            (0.0...1.4e6, "'0' 0.0, '0.2 M' 200000.0, '0.4 M' 400000.0"),
            (9999.0...10_001, "'9.9990 k' 9999.0, '9.9995 k' 9999.5"),
            (0.0...0.0035, "'0' 0.0, '0.5e-3' 0.0005, '1.0e-3' 0.001"),
            (-1e99...1e99, "'-1.0e99' -1e+99, '-0.5e99' -5e+98, '0' 0.0"),
        ]
    )
    func choosesTicks(range: ClosedRange<Double>, start: String) {
        let script = lines([], y: FigureAxis("y", range: range))
        #expect(script.contains("set ytics (" + start))
    }

    @Test("marks, lines, or both")
    func hasLooks() {
        let points = [LineFigure.Point(0, 1), .init(1, 2)]
        let script = lines([
            .init("a", points), .init("b", points, look: .line), .init("c", points, look: .marks),
        ])
        #expect(script.contains("$series0line with lines") && script.contains("$series0marks with"))
        #expect(script.contains("$series1line with lines") && !script.contains("$series1marks"))
        #expect(!script.contains("$series2line") && script.contains("$series2marks with points"))
    }

    @Test("names of close references do not overlap")
    func movesNames() throws {
        let script = lines(
            [.init("a", [.init(0, 0), .init(1, 100)])],
            references: [
                .init("one", 50), .init("two", 50.5), .init("three", 51), .init("four", 90),
            ]
        )
        let heights = try ["one", "two", "three", "four"].map { name in
            let line = try #require(
                script.split(separator: "\n").first { $0.contains("'\(name)'") }
            )
            let rest = try #require(line.components(separatedBy: "graph 1.015, graph ").last)
            return try #require(Double(rest.prefix { $0 != " " }))
        }
        #expect(abs(heights[0] - 50 / 105) < 1e-5 && abs(heights[3] - 90 / 105) < 1e-5)
        for (lower, upper) in zip(heights, heights.dropFirst()) {
            #expect(upper - lower > 0.044)
        }
    }

    @Test("series differ by dash and by mark, not by colour alone")
    func differsInGrey() {
        let point = [LineFigure.Point(0, 1)]
        let script = lines((0..<8).map { .init("\($0)", point) })
        func all(_ word: String) -> Set<String> {
            let words = script.split { " \n".contains($0) }
            return Set(zip(words, words.dropFirst()).filter { $0.0 == word }.map { String($0.1) })
        }
        #expect(all("pointtype").count == 8)
        // Of two solid lines one is blue, the other light grey; references are not drawn.
        #expect(all("dashtype").count == 7)
    }
}

@Suite("Scatter figures")
struct ScatterFigureTests {
    private func figure(_ points: [FigurePoint]) -> ScatterFigure {
        ScatterFigure(
            title: "87.3° → 9.8°",
            x: FigureAxis("w"),
            y: FigureAxis("b"),
            series: [.init("after", points)]
        )
    }

    @Test("5,000 points are all drawn; of more, 5,000 spread over all, and the caption says so")
    func thins() throws {
        for (count, width) in [(5000, 50), (5001, 50), (40_000, 8), (65_536, 256)] {
            let points = (0..<count).map { FigurePoint(Double($0), Double($0 % width)) }
            let script = figure(points).gnuplotScript(output: "x")
            let rows = block("cloud0", of: script)
            #expect(rows.count == 5000)
            let places = try rows.map { try #require(Double($0.prefix { $0 != " " })) }
            #expect(zip(places, places.dropFirst()).allSatisfy { $0 < $1 })
            #expect(script.contains("5,000 of") == (count > 5000))
            // Every column of a matrix is drawn, also if its width is the part left out.
            let columns = Set(rows.compactMap { $0.split(separator: " ").last })
            #expect(columns.count == width)
        }
    }

    @Test("both axes have the range of all points, also of those left out")
    func hasEqualAxes() {
        var points = Array(repeating: FigurePoint(0, 1), count: 10_000)
        points[1] = FigurePoint(-3, .nan)
        points[2] = FigurePoint(-2, 2)
        let script = figure(points).gnuplotScript(output: "x")
        #expect(
            script.contains("set xrange [-2.2:2.2]") && script.contains("set yrange [-2.2:2.2]")
        )
        #expect(
            script.contains("from first -2.2, first -2.2 to first 2.2, first 2.2 nohead back")
        )
    }
}

@Suite("Histogram figures")
struct HistogramFigureTests {
    private func script(_ height: HistogramFigure.Height) -> String {
        HistogramFigure(
            title: "differences",
            quantity: "t",
            unit: "steps",
            height: height,
            series: [
                .init("before", first: -1, counts: [1, 2, 1]),
                .init("after", first: 0, counts: [6]),
            ]
        ).gnuplotScript(output: "x")
    }

    @Test("the first series has bars about whole numbers, the second an outline")
    func drawsBars() {
        #expect(block("bars0", of: script(.counts)) == ["-1.0 1.0", "0.0 2.0", "1.0 1.0"])
        #expect(
            block("bars1", of: script(.counts)) == ["-0.5 0.0", "-0.5 6.0", "0.5 6.0", "0.5 0.0"]
        )
        #expect(script(.counts).contains("set arrow from first 0, graph 0 to first 0, graph 1"))
    }

    @Test("densities add up to one in each series")
    func normalises() {
        #expect(block("bars0", of: script(.density)) == ["-1.0 0.25", "0.0 0.5", "1.0 0.25"])
        #expect(block("bars1", of: script(.density))[1] == "-0.5 1.0")
    }
}

@Suite("Field figures")
struct FieldFigureTests {
    private func script(_ arrows: [FieldFigure.Arrow]) -> String {
        FieldFigure(
            title: "drift",
            x: FigureAxis("w"),
            y: FigureAxis("b"),
            arrows: arrows,
            lines: [
                .init(
                    "zero",
                    [.init(0, 0), .init(1, 1), .init(1, .nan), .init(1, .nan), .init(1, 0)]
                )
            ]
        ).gnuplotScript(output: "x")
    }

    @Test("the strongest arrow nearly reaches its neighbour, a quarter of it has half the length")
    func scalesArrows() {
        let script = script([
            .init(FigurePoint(0, 0), drift: FigurePoint(4e-3, 0)),
            .init(FigurePoint(2, 0), drift: FigurePoint(0, -1e-3)),
            .init(FigurePoint(0, 2), drift: FigurePoint(0, 0)),
            .init(FigurePoint(2, 2), drift: FigurePoint(.nan, 1)),
            .init(FigurePoint(1, 1), drift: FigurePoint(-4e-3, 0)),
        ])
        #expect(
            block("arrows", of: script)
                == ["0.0 0.0 1.8 0.0", "2.0 0.0 0.0 -0.9", "1.0 1.0 -1.8 0.0"]
        )
        #expect(block("still", of: script) == ["0.0 2.0"])
    }

    @Test("lines have gaps where points are not numbers; the diagonal is in the key")
    func drawsLines() {
        #expect(block("line0", of: script([])) == ["0.0 0.0", "1.0 1.0", "", "1.0 0.0"])
        #expect(script([]).contains("'zero'") && script([]).contains("'diagonal'"))
    }
}

@Suite("Pictures of several figures")
struct MultiFigureTests {
    private func places(_ script: String, _ margin: String) -> [Double] {
        script.split(separator: "\n").compactMap { line in
            line.hasPrefix("set \(margin) at screen ")
                ? line.split(separator: " ").last.flatMap { Double($0) } : nil
        }
    }

    @Test("axes in a row are level, however many lines titles and keys have, and do not overlap")
    func alignsAxes() {
        var drift = ExampleFigures.drift
        drift.title += " on a chip whose title needs two lines"
        let script = MultiFigure(
            title: "all",
            parts: [
                .lines(ExampleFigures.manyArms), .scatter(ExampleFigures.weights(10)),
                .field(drift), .histogram(ExampleFigures.differences),
            ],
            columns: 3
        ).gnuplotScript(output: "x")
        let (top, bottom) = (places(script, "tmargin"), places(script, "bmargin"))
        #expect(top.count == 4 && Set(top.prefix(3)).count == 1)
        #expect(Set(bottom.prefix(3)).count == 1 && top[3] < bottom[0])
        let (left, right) = (places(script, "lmargin"), places(script, "rmargin"))
        #expect(left[1] > right[0] && left[2] > right[1] && right[2] < 1)
        #expect(script.contains("set multiplot") && script.contains("\nreset\n"))
    }

    @Test("a title is broken into lines that fit, and so is a word that is too long")
    func breaksTitles() {
        var figure = ExampleFigures.weights(10)
        figure.title = "a title of words " + String(repeating: "x", count: 200)
        figure.caption = String(repeating: "many words ", count: 20)
        let script = figure.gnuplotScript(output: "x")
        let labels = script.split(separator: "\n").compactMap { line in
            line.hasPrefix("set label '") ? line.dropFirst(11).prefix { $0 != "'" } : nil
        }
        #expect(labels.contains("a title of words") && labels.contains { $0.hasSuffix("x…") })
        #expect(labels.allSatisfy { $0.count <= 66 })
        #expect(labels.filter { $0.hasPrefix("many") || $0.hasPrefix("words") }.count == 4)
    }

    @Test("one figure alone needs no frame around it")
    func drawsOne() {
        let part = ExampleFigures.differences
        let multi = MultiFigure(parts: [.histogram(part)]).gnuplotScript(output: "x")
        #expect(multi == part.gnuplotScript(output: "x"))
    }
}

@Suite("Figures with axes drawn by gnuplot", .enabled(if: InstalledGnuplot.isInstalled))
struct PanelPictureTests {
    @Test("gnuplot draws every example without a warning", arguments: FigureFormat.allCases)
    func draws(format: FigureFormat) throws {
        let gnuplot = try InstalledGnuplot()
        let output = gnuplot.folder + "/it's a figure." + format.rawValue
        for (name, script) in ExampleFigures.scripts(output: output, format: format) {
            #expect(try gnuplot.run(script) == "", "\(name)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: output)).count > 4000, "\(name)")
            try FileManager.default.removeItem(atPath: output)
        }
    }

    @Test("the same figure has the same bytes, and all names of a long key are in it")
    func repeats() throws {
        let gnuplot = try InstalledGnuplot()
        let output = gnuplot.folder + "/figure.svg"
        var pictures: [Data] = []
        for _ in 0..<2 {
            #expect(try gnuplot.run(ExampleFigures.manyArms.gnuplotScript(output: output)) == "")
            pictures.append(try Data(contentsOf: URL(fileURLWithPath: output)))
        }
        #expect(pictures[0] == pictures[1])
        let picture = String(decoding: pictures[0], as: UTF8.self)
        for arm in 0..<8 { #expect(picture.contains("arm \(arm): stochastic rounding")) }
        #expect(picture.contains("accumulator bits") && picture.contains("chance"))
    }

    @Test("figures without content, or with numbers out of all range, are drawn without a warning")
    func survivesOddValues() throws {
        let gnuplot = try InstalledGnuplot()
        let odd: [Double] =
            [0, -0.0, 1, .nan, .infinity, -.infinity, 1e300, -1e99, 1e99, 1e-99] + [
                .leastNonzeroMagnitude
            ]
        for values in [[], [.nan], [3], [1e-99], [-1e99, 1e99], odd] {
            for scale in [FigureAxis.Scale.linear, .logarithmic] {
                let axis = FigureAxis("x", scale: scale)
                let points = values.map { FigurePoint($0, $0) }
                let curve = values.map { LineFigure.Point($0, $0, low: -$0, high: 1) }
                let output = gnuplot.folder + "/figure.svg"
                let parts: [MultiFigure.Part] = [
                    .lines(.init(title: "", x: axis, y: axis, series: [.init("", curve)])),
                    .lines(
                        .init(
                            title: "",
                            x: axis,
                            y: FigureAxis("y", range: 2...2, ticks: [.nan, 1]),
                            series: [.init("a", curve, spread: .band, look: .marks)],
                            references: values.map { .init("r", $0) }
                        )
                    ),
                    .scatter(.init(title: "", x: axis, y: axis, series: [.init("a", points)])),
                    .field(
                        .init(
                            title: "",
                            x: axis,
                            y: axis,
                            arrows: points.map { .init($0, drift: $0) },
                            lines: [.init("", points)]
                        )
                    ),
                    .histogram(.init(title: "", quantity: "", series: [])),
                    .histogram(
                        .init(
                            title: "",
                            quantity: "",
                            height: .density,
                            series: [
                                .init("", first: .min, counts: [0, -1]),
                                .init("", first: .max, counts: [.max, .max]),
                            ]
                        )
                    ),
                ]
                for part in parts {
                    let script = MultiFigure(parts: [part]).gnuplotScript(output: output)
                    #expect(try gnuplot.run(script) == "", "\(values) \(scale)")
                }
                let script = MultiFigure(parts: parts, columns: 0).gnuplotScript(output: output)
                #expect(try gnuplot.run(script) == "")
            }
        }
        let empty = MultiFigure(parts: []).gnuplotScript(output: gnuplot.folder + "/figure.svg")
        #expect(try gnuplot.run(empty) == "")
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
            let axis = FigureAxis(name, unit: name)
            let point = FigurePoint(0, 1)
            let parts: [MultiFigure.Part] = [
                .lines(
                    .init(
                        title: name,
                        x: axis,
                        y: axis,
                        series: [.init(name, [.init(0, 1)])],
                        references: [.init(name, 1)],
                        caption: name
                    )
                ),
                .scatter(.init(title: name, x: axis, y: axis, series: [.init(name, [point])])),
                .histogram(
                    .init(
                        title: name,
                        quantity: name,
                        unit: name,
                        series: [.init(name, first: 0, counts: [1])]
                    )
                ),
                .field(
                    .init(
                        title: name,
                        x: axis,
                        y: axis,
                        arrows: [.init(point, drift: point)],
                        lines: [.init(name, [point])],
                        caption: name
                    )
                ),
            ]
            let script = MultiFigure(title: name, parts: parts).gnuplotScript(output: output)
            #expect(try gnuplot.run(script) == "", "\(name)")
        }
        #expect(!FileManager.default.fileExists(atPath: mark))
    }
}

@Suite("Sparklines")
struct SparklineTests {
    private let angle = Sparkline([87.3, 70, 55, 41, 28, 17, 12, 9.8], unit: "°")

    @Test("a curve stands between its first and its last value")
    func showsCurve() {
        #expect(angle.text(width: 80) == "87.3° █▆▅▄▃▂▁▁ 9.8°")
        #expect(Sparkline([2, 1, 1, 2], decimals: 0).text(width: 80) == "2 █▁▁█ 2")
    }

    @Test("a narrow line has blocks of means, then no numbers, then nothing; never more columns")
    func fits() {
        #expect(angle.text(width: 15) == "87.3° █▅▂▁ 9.8°")
        #expect(angle.text(width: 13) == "█▆▅▄▃▂▁▁")
        #expect(angle.text(width: 4) == "█▅▂▁")
        for width in -1...100 { #expect(angle.text(width: width).count <= max(0, width)) }
    }

    @Test("a missing value is a gap; a range may be given; equal values are in the middle")
    func showsOddValues() {
        #expect(Sparkline([nil, 90, .nan, 0], range: 0...90).text(width: 80) == "90.0  █ ▁ 0.0")
        #expect(Sparkline([200, 45], range: 0...90).text(width: 80) == "200.0 █▅ 45.0")
        #expect(Sparkline([3, 3], decimals: 0).text(width: 80) == "3 ▄▄ 3")
        #expect(Sparkline([nil, .infinity]).text(width: 80) == "")
        #expect(Sparkline([]).text(width: 80) == "")
        let greatest = Double.greatestFiniteMagnitude
        #expect(Sparkline([-greatest, greatest]).text(width: 5) == "▁█")
    }
}
