import ChipImage
import Report

/// A comparison of two images as text and JSON.
enum DiffText {
    /// The comparison as JSON, schema `spikeloom.diff/1`.
    static func json(_ difference: ImageDifference) -> JSONValue {
        func texts(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
        let chips = difference.chips.map { chips -> JSONValue in
            ["before": .string(chips.before), "after": .string(chips.after)]
        }
        return [
            "schema": "spikeloom.diff/1",
            "equal": .boolean(difference.isSameNetwork),
            "samePlacement": .boolean(difference.isSamePlacement),
            "chips": chips ?? .null,
            "network": texts(difference.network),
            "removed": texts(difference.removed),
            "added": texts(difference.added),
            "cores": [
                "before": .integer(difference.cores.before),
                "after": .integer(difference.cores.after),
            ],
            "routes": [
                "before": .integer(difference.routes.before),
                "after": .integer(difference.routes.after),
            ],
            "populations": .array(
                difference.populations.map { population in
                    [
                        "population": .string(population.path),
                        "neuronsBefore": .integer(population.before),
                        "neuronsAfter": .integer(population.after),
                        "properties": texts(population.properties),
                        "registers": .array(
                            population.registers.map {
                                [
                                    "register": .string($0.name),
                                    "neurons": .integer($0.neurons),
                                ]
                            }
                        ),
                        "moved": .integer(population.moved),
                    ]
                }
            ),
            "projections": .array(
                difference.projections.map { projection in
                    [
                        "source": .string(projection.source),
                        "target": .string(projection.target),
                        "synapsesBefore": .integer(projection.before),
                        "synapsesAfter": .integer(projection.after),
                        "added": .integer(projection.added),
                        "removed": .integer(projection.removed),
                        "changed": .integer(projection.changed),
                        "largestChange": .number(projection.largestChange),
                    ]
                }
            ),
        ]
    }

    /// The comparison for a terminal.
    static func text(_ difference: ImageDifference, _ before: String, _ after: String) -> String {
        var lines = ["\(before) and \(after): \(verdict(difference))"]
        if let chips = difference.chips {
            lines.append(
                chips.before == chips.after
                    ? "the chips '\(chips.before)' have different specs"
                    : "chip '\(chips.before)' became '\(chips.after)'"
            )
        }
        if !difference.network.isEmpty {
            lines.append("of the network differ: " + difference.network.joined(separator: ", "))
        }
        for (what, names) in [
            ("only before", difference.removed), ("only after", difference.added),
        ] where !names.isEmpty {
            lines.append("\(what): " + names.joined(separator: ", "))
        }
        let populations = difference.populations.filter { !$0.isEqual }
        if !populations.isEmpty { lines.append("\n" + table(of: populations).text) }
        let projections = difference.projections.filter { !$0.isEqual }
        if !projections.isEmpty { lines.append("\n" + table(of: projections).text) }
        return lines.joined(separator: "\n")
    }

    private static func verdict(_ difference: ImageDifference) -> String {
        let networks =
            difference.isSameNetwork ? "the same network" : "the networks differ"
        guard !difference.isSamePlacement else { return networks + ", placed the same" }
        func change(_ what: String, _ numbers: (before: Int, after: Int)) -> String {
            numbers.before == numbers.after
                ? "\(Format.count(numbers.before)) \(what)"
                : "\(Format.count(numbers.before)) → \(Format.count(numbers.after)) \(what)"
        }
        let neurons = difference.populations.reduce(0) { $0 + min($1.before, $1.after) }
        return networks + ", "
            + (difference.isSameNetwork ? "placed differently: " : "")
            + "\(Format.count(difference.movedNeurons)) of \(Format.count(neurons)) neurons "
            + "elsewhere, " + change("cores", difference.cores) + ", "
            + change("routes", difference.routes)
    }

    private static func table(of populations: [ImageDifference.Population]) -> TextTable {
        var table = TextTable([
            .init("population"), .init("neurons", alignment: .right),
            .init("differences"),
        ])
        for population in populations {
            let registers = population.registers.map {
                "\($0.name) of \(Format.count($0.neurons))"
            }
            table.append([
                population.path,
                population.before == population.after
                    ? Format.count(population.before)
                    : "\(Format.count(population.before)) → \(Format.count(population.after))",
                (population.properties + registers).joined(separator: ", "),
            ])
        }
        return table
    }

    private static func table(of projections: [ImageDifference.Projection]) -> TextTable {
        var table = TextTable([
            .init("synapses"), .init("before", alignment: .right),
            .init("after", alignment: .right), .init("added", alignment: .right),
            .init("removed", alignment: .right), .init("changed", alignment: .right),
            .init("largest change", alignment: .right),
        ])
        for projection in projections {
            table.append([
                "\(projection.source) → \(projection.target)", Format.count(projection.before),
                Format.count(projection.after), Format.count(projection.added),
                Format.count(projection.removed), Format.count(projection.changed),
                "\(projection.largestChange)",
            ])
        }
        return table
    }
}
