import Compiler
import Experiments
import Foundation
import Report

/// Further tables of a compilation for a terminal.
enum CompileTables {
    /// Every parameter, its register, and what that stands for.
    static func parameters(_ parameters: [ParameterReport]) -> TextTable {
        var table = TextTable([
            .init("of"), .init("parameter"), .init("neurons", alignment: .right),
            .init("value", alignment: .right), .init("register", alignment: .right),
            .init("stands for", alignment: .right), .init("error", alignment: .right),
        ])
        for parameter in parameters {
            for row in parameter.rows {
                table.append([
                    parameter.of, parameter.parameter, Format.count(row.neurons),
                    number(row.value), Format.count(row.register), number(row.standsFor),
                    error(row.relativeError),
                ])
            }
            if parameter.differentValues > parameter.rows.count {
                let count = Format.count(parameter.differentValues)
                table.append(["", "(\(count) different values)", "", "", "", "", ""])
            }
        }
        return table
    }

    /// How much of each limit is used.
    static func resources(_ report: CompileReport) -> TextTable {
        var table = TextTable([
            .init("resource"), .init("used", alignment: .right),
            .init("available", alignment: .right), .init("share", alignment: .right),
            .init("fullest core", alignment: .right), .init("near limit", alignment: .right),
            .init("binds", alignment: .right),
        ])
        for resource in report.resources {
            table.append([
                resource.resource.rawValue, Format.count(resource.fill.used),
                resource.fill.limit == .max ? "∞" : Format.count(resource.fill.limit),
                Format.percent(resource.fill.share, decimals: 1),
                Format.percent(resource.fullest, decimals: 1),
                cores(resource.coresNearLimit), cores(resource.coresItBinds),
            ])
        }
        return table
    }

    /// Statistics, time and memory of the passes.
    static func passes(_ passes: [PassReport]) -> TextTable {
        var table = TextTable([
            .init("pass"), .init("time", alignment: .right),
            .init("peak memory", alignment: .right), .init("statistics"),
        ])
        for pass in passes {
            let statistics = pass.statistics.filter { $0.count != 0 }.map {
                "\($0.name) \(Format.count($0.count))"
            }
            table.append([
                pass.name, pass.seconds.map { Format.si($0, "s") } ?? "–",
                pass.peakBytes.map { $0 == 0 ? "–" : Format.si(Double($0), "B") } ?? "–",
                statistics.joined(separator: ", "),
            ])
        }
        return table
    }

    /// What a calibration chose and why.
    static func calibration(_ result: CalibrationResult) -> TextTable {
        var table = TextTable([
            .init("population"), .init("scale"), .init("error", alignment: .right),
            .init("of", alignment: .right), .init("clipped", alignment: .right), .init("measure"),
        ])
        for population in result.populations {
            for candidate in population.candidates {
                let isChosen = candidate.rule == population.chosen
                table.append([
                    population.path, candidate.rule + (isChosen ? " *" : ""),
                    number(candidate.error), number(population.reference),
                    Format.percent(candidate.clippedShare, decimals: 2),
                    population.measure == .spikeCounts ? "spike counts" : "potentials",
                ])
            }
        }
        return table
    }

    private static func cores(_ count: Int) -> String {
        count == 1 ? "1 core" : "\(Format.count(count)) cores"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e9
            ? Format.count(Int(value)) : String(format: "%.6g", value)
    }

    private static func error(_ relative: Double?) -> String {
        guard let relative else { return "–" }
        return relative == 0 ? "exact" : String(format: "%+.2e", relative)
    }
}
