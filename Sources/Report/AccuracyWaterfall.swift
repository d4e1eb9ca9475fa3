/// How accuracy falls from stage to stage, for example from floating point to a real device.
public struct AccuracyWaterfall: Sendable, Equatable {
    /// A stage: the accuracy of one network, or of a population of devices.
    public struct Stage: Sendable, Equatable {
        /// Name, for example `mismatch 0.2`.
        public var label: String
        /// Accuracy, or its mean over devices; 0...1.
        public var mean: Double
        /// Standard deviation over devices; nil for a single network.
        public var deviation: Double?
        /// Accuracy of the worst device; nil for a single network.
        public var minimum: Double?

        /// Describes a stage.
        ///
        /// - Parameters:
        ///   - label: Name.
        ///   - mean: Accuracy, or its mean over devices; 0...1.
        ///   - deviation: Standard deviation over devices, or nil.
        ///   - minimum: Accuracy of the worst device, or nil.
        public init(
            _ label: String,
            mean: Double,
            deviation: Double? = nil,
            minimum: Double? = nil
        ) {
            self.label = label
            self.mean = mean
            self.deviation = deviation
            self.minimum = minimum
        }
    }

    /// Title, for example `digits_fc on pilot, 450 samples`.
    public var title: String
    /// Stages from first to last.
    public var stages: [Stage]

    /// Describes a waterfall.
    ///
    /// - Parameters:
    ///   - title: Title.
    ///   - stages: Stages from first to last.
    public init(title: String, stages: [Stage]) {
        self.title = title
        self.stages = stages
    }

    /// Change against the stage before, in percentage points; nil for the first.
    private func change(_ index: Int) -> Double? {
        index == 0 ? nil : (stages[index].mean - stages[index - 1].mean) * 100
    }

    private func changeText(_ index: Int) -> String {
        guard let change = change(index) else { return "" }
        let digits = Format.fixed(change.magnitude, decimals: 2)
        let isZero = digits == "0.00"
        return (isZero ? "±" : change < 0 ? "−" : "+") + digits
    }
}

extension AccuracyWaterfall {
    /// The waterfall for a terminal: bars from 0 to 100 %.
    ///
    /// A bar is solid up to the worst device, hatched from there to the mean, and light where the stage
    /// before was better.
    ///
    /// - Parameter width: Columns of the terminal.
    /// - Returns: Title, header and one line a stage, each with a line end.
    public func text(width: Int) -> String {
        let labelWidth = stages.reduce(0) { max($0, $1.label.count) }
        let means = stages.map { stage in
            stage.deviation.map { Format.percent(stage.mean, plusMinus: $0) }
                ?? Format.percent(stage.mean)
        }
        let worst = stages.map { $0.minimum.map { Format.percent($0) } ?? "" }
        var table = TextTable([
            .init("stage"), .init("0 %"), .init("accuracy"),
            .init("change", alignment: .right), .init("worst", alignment: .right),
        ])
        let meanWidth = means.reduce(8) { max($0, $1.count) }
        let worstWidth = worst.reduce(5) { max($0, $1.count) }
        let barWidth = max(10, width - max(5, labelWidth) - meanWidth - 6 - worstWidth - 8)
        table.columns[1].title = "0" + String(repeating: " ", count: barWidth - 6) + "100 %"
        for (index, stage) in stages.enumerated() {
            let before = index == 0 ? stage.mean : stages[index - 1].mean
            table.append([
                stage.label, Self.bar(stage, before: before, width: barWidth), means[index],
                changeText(index), worst[index],
            ])
        }
        return title + "\n\n" + table.text
    }

    private static func bar(_ stage: Stage, before: Double, width: Int) -> String {
        var cells = Array(BlockBar.text(stage.mean, width: width))
        if let minimum = stage.minimum {
            let first = Int((min(1, max(0, minimum)) * Double(width)).rounded())
            for cell in first..<max(first, cells.count) where cells[cell] == "█" {
                cells[cell] = "▓"
            }
        }
        let lost = Int((min(1, max(0, before)) * Double(width)).rounded())
        if lost > cells.count {
            cells += Array(repeating: "░", count: lost - cells.count)
        }
        return String(cells)
    }

    /// A gnuplot script that draws the waterfall.
    ///
    /// Bars are means, the light part above a bar is what the stage lost, error bars are standard
    /// deviations and a short line marks the worst device. Above each bar stand its accuracy and the
    /// change in percentage points.
    ///
    /// - Parameters:
    ///   - output: Path of the picture.
    ///   - format: Kind of picture.
    /// - Returns: The script, to be piped to `gnuplot`.
    public func gnuplotScript(output: String, format: FigureFormat = .svg) -> String {
        let labels = stages.map { Gnuplot.lines(Gnuplot.shortened($0.label), width: 11) }
        let labelHeight = labels.reduce(1) { max($0, $1.count) }
        let ticks = labels.enumerated().map { "\(Gnuplot.joined($1)) \($0)" }
        var lines = Gnuplot.preamble(
            output: output,
            format: format,
            width: max(560, 100 + 110 * stages.count),
            height: 410 + 20 * labelHeight
        )
        lines += [
            "set title \(Gnuplot.quoted(title)) noenhanced font ',16'",
            "set ylabel 'accuracy (%)'",
            "set bmargin \(Double(labelHeight) + 3.2)",
            "set key bottom outside center horizontal maxrows 1 reverse Left samplen 1.5 width -2 "
                + "font ',12'",
            "set border 1",
            "set xrange [-0.6:\(Double(max(1, stages.count)) - 0.4)]",
            "set yrange [0:115]",
            "set ytics scale 0 0,20,100",
            "set grid ytics linecolor rgb '#DDDDDD' linetype 1 linewidth 0.5",
            "set xtics scale 0 (\(ticks.joined(separator: ", ")))",
            "# stage, mean, mean of the stage before, standard deviation, worst device",
            "$stages << END_OF_DATA",
        ]
        for (index, stage) in stages.enumerated() {
            let before = index == 0 ? stage.mean : stages[index - 1].mean
            let numbers = [stage.mean, before, stage.deviation, stage.minimum]
            let columns = numbers.map { Gnuplot.number($0.map { $0 * 100 }) }
            lines.append("\(index) " + columns.joined(separator: " "))
        }
        lines.append("END_OF_DATA")
        for (index, stage) in stages.enumerated() {
            let value = Gnuplot.quoted(Format.fixed(stage.mean * 100, decimals: 1))
            let change = Gnuplot.quoted(changeText(index))
            lines.append("set label \(value) at \(index),111 center")
            lines.append(
                "set label \(change) at \(index),104.5 center font ',12' "
                    + "textcolor rgb '\(Gnuplot.grey)'"
            )
        }
        lines += ["set boxwidth 0.62", "plot " + layers.joined(separator: ", \\\n     ")]
        return lines.joined(separator: "\n") + "\n"
    }

    /// What is drawn, from back to front; nothing of which there is none.
    private var layers: [String] {
        let hasLoss = stages.indices.contains { (change($0) ?? 0) < 0 }
        let loss =
            "$stages using 1:(($2+$3)/2):(0.31):($3 > $2 ? ($3-$2)/2 : 1/0) with boxxyerror "
            + "linecolor rgb '\(Gnuplot.lightRed)' title 'lost at this stage'"
        let mean =
            "$stages using 1:2 with boxes linecolor rgb '\(Gnuplot.blue)' title 'accuracy'"
        let deviation =
            "$stages using 1:($4 >= 0 ? $2-$4 : NaN):(0):(2*$4) with vectors heads size 0.07,90 "
            + "linewidth 1.5 linecolor rgb '#222222' title 'standard deviation'"
        let worst =
            "$stages using ($1-0.2):5:(0.4):(0) with vectors nohead linewidth 3 "
            + "linecolor rgb '\(Gnuplot.yellow)' title 'worst device'"
        return [mean] + (hasLoss ? [loss] : [])
            + (stages.contains { $0.deviation != nil } ? [deviation] : [])
            + (stages.contains { $0.minimum != nil } ? [worst] : [])
    }
}
