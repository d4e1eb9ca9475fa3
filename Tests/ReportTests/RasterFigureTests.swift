import Report
import Testing

@Suite("Rasters")
struct RasterFigureTests {
    private let figure = RasterFigure(
        title: "run.mcap",
        timeLabel: "step",
        times: 10...50,
        rows: [
            .init("lif1[3]", recorded: [12, 20], emulated: [12, 21], isMarked: true),
            .init("it's", recorded: [30], emulated: [30], isMarked: false),
        ],
        mark: 20
    )

    @Test("recorded spikes stand in the upper half of their row, emulated in the lower")
    func halves() {
        let script = figure.gnuplotScript(output: "x.svg")
        // The first row is the upper one of two.
        #expect(script.contains("12.0 1.52 0.0 0.4\n20.0 1.52 0.0 0.4\n30.0 0.52 0.0 0.4"))
        #expect(script.contains("12.0 1.08 0.0 0.4\n21.0 1.08 0.0 0.4\n30.0 0.08 0.0 0.4"))
    }

    @Test("rows that deviate are shaded, the first difference is a line, names are quoted")
    func marks() {
        let script = figure.gnuplotScript(output: "x.svg")
        #expect(script.contains("rectangle from 10.0, 1.0 to 50.0, 2.0 behind"))
        #expect(!script.contains("rectangle from 10.0, 0.0"))
        #expect(script.contains("arrow from 20.0, 0 to 20.0, 2"))
        #expect(script.contains("'it'.\"'\".'s'"))
        var other = figure
        other.mark = 60
        other.rows = []
        #expect(!other.gnuplotScript(output: "x.svg").contains("first difference"))
    }

    @Test("gnuplot draws it", .enabled(if: InstalledGnuplot.isInstalled, "gnuplot is installed"))
    func draws() throws {
        let gnuplot = try InstalledGnuplot()
        for figure in [figure, RasterFigure(title: "", timeLabel: "step", times: 0...1, rows: [])] {
            let script = figure.gnuplotScript(output: gnuplot.folder + "/raster.svg")
            #expect(try gnuplot.run(script) == "")
        }
    }
}
