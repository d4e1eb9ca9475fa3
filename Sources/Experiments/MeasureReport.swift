public import Report

/// A study of devices as text, picture and JSON.
public struct MeasureReport: Sendable {
    /// Name of the network.
    public var network: String
    /// Name of the chip.
    public var chip: String
    /// Number of samples.
    public var samples: Int
    /// Accuracy before the chip: float, then quantised; empty if only an image was given.
    public var before: [AccuracyWaterfall.Stage]
    /// Levels of mismatch.
    public var levels: [MismatchLevel]
    /// Devices a level.
    public var devices: Int
    /// Seed of the first device.
    public var firstSeed: UInt64
    /// Version of the tool.
    public var toolVersion: String
    /// The command that made it, so that it can be made again.
    public var command: String

    /// Describes a study.
    ///
    /// - Parameters:
    ///   - network: Name of the network.
    ///   - chip: Name of the chip.
    ///   - samples: Number of samples.
    ///   - before: Accuracy before the chip.
    ///   - levels: Levels of mismatch.
    ///   - devices: Devices a level.
    ///   - firstSeed: Seed of the first device.
    ///   - toolVersion: Version of the tool.
    ///   - command: The command that made it.
    public init(
        network: String,
        chip: String,
        samples: Int,
        before: [AccuracyWaterfall.Stage],
        levels: [MismatchLevel],
        devices: Int,
        firstSeed: UInt64,
        toolVersion: String,
        command: String
    ) {
        self.network = network
        self.chip = chip
        self.samples = samples
        self.before = before
        self.levels = levels
        self.devices = devices
        self.firstSeed = firstSeed
        self.toolVersion = toolVersion
        self.command = command
    }

    /// Where the accuracy goes, from the network as trained to devices with mismatch.
    public var waterfall: AccuracyWaterfall {
        let chipStages = levels.map { level -> AccuracyWaterfall.Stage in
            guard level.coefficient > 0 else {
                return .init("chip arithmetic", mean: level.meanAccuracy)
            }
            return .init(
                "mismatch \(level.coefficient)",
                mean: level.meanAccuracy,
                deviation: level.accuracyDeviation,
                minimum: level.worst?.accuracy
            )
        }
        return AccuracyWaterfall(
            title: "\(network) on \(chip), \(samples) samples, \(devices) devices",
            stages: before + chipStages
        )
    }

    /// One row a level.
    public var table: TextTable {
        var table = TextTable([
            .init("mismatch", alignment: .right), .init("devices", alignment: .right),
            .init("accuracy", alignment: .right), .init("worst device", alignment: .right),
            .init("energy a sample", alignment: .right),
        ])
        for level in levels {
            let worst = level.worst.map {
                "\(Format.percent($0.accuracy)) (seed \($0.seed))"
            }
            let energy = Quantity(
                level.meanJoulesPerSample,
                "J",
                isLowerBound: level.energyIsLowerBound
            )
            table.append([
                "\(level.coefficient)",
                "\(level.devices.count)",
                Format.percent(level.meanAccuracy, plusMinus: level.accuracyDeviation),
                level.coefficient > 0 ? worst ?? "" : "",
                energy.description,
            ])
        }
        return table
    }

    /// The study as JSON, schema `spikeloom.measure/1`.
    public var json: JSONValue {
        [
            "schema": "spikeloom.measure/1",
            "command": .string(command),
            "network": .string(network),
            "chip": .string(chip),
            "samples": .integer(samples),
            "before": .array(
                before.map { ["stage": .string($0.label), "accuracy": .number($0.mean)] }
            ),
            "levels": .array(levels.map(Self.json)),
            "seeds": ["firstDevice": .unsigned(firstSeed)],
            "versions": ["spikeloom": .string(toolVersion)],
        ]
    }

    private static func json(_ level: MismatchLevel) -> JSONValue {
        [
            "mismatch": .number(level.coefficient),
            "accuracyMean": .number(level.meanAccuracy),
            "accuracyDeviation": .number(level.accuracyDeviation),
            "worst": .optional(level.worst?.accuracy),
            "joulesPerSample": .number(level.meanJoulesPerSample),
            "energyIsLowerBound": .boolean(level.energyIsLowerBound),
            "devices": .array(
                level.devices.map {
                    [
                        "seed": .unsigned($0.seed),
                        "accuracy": .number($0.accuracy),
                        "joulesPerSample": .number($0.joulesPerSample),
                        "secondsPerSample": .number($0.secondsPerSample),
                    ]
                }
            ),
        ]
    }
}
