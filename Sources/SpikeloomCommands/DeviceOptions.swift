import ArgumentParser
import ChipImage
import ChipSpec
import Experiments
import Foundation

/// Which copy of the chip runs, and how the host is used.
struct DeviceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Coefficient of variation of the device's parameters (0.2 for 20 %), or by parameter: "
                + "threshold=0.2,weight=0.1.",
            valueName: "cv|off"
        )
    )
    var mismatch = "off"

    @Option(help: DeviceChoice.help)
    var device: String?

    @Option(help: "Seed of the device's fixed pattern.")
    var deviceSeed: UInt64 = 1

    @Option(help: "Seed of the run, for what is random in time (nothing on the chips of today).")
    var seed: UInt64 = 1

    @Option(help: "Threads. The results are the same for any number.")
    var threads = 1

    @Option(
        help: ArgumentHelp(
            "Energy table of the chip, where it has several (`spikeloom chips NAME`).",
            valueName: "table"
        )
    )
    var energy: String?

    func validate() throws {
        guard (1...256).contains(threads) else {
            throw ValidationError("--threads must lie in 1...256.")
        }
    }

    /// The device that was asked for, fit for an image.
    func device(for image: ChipImage) throws -> Device {
        try DeviceChoice.device(file: device, mismatch: mismatch, seed: deviceSeed, for: image)
    }

    /// The energy table that was asked for; nil for the chip's first.
    func table(of chip: ChipSpec) throws -> EnergyTable? {
        try EnergyChoice.table(energy, of: chip)
    }
}

/// Finds an energy table by name.
enum EnergyChoice {
    static func table(_ name: String?, of chip: ChipSpec) throws -> EnergyTable? {
        guard let name else { return nil }
        guard let table = chip.energyTables.first(where: { $0.name == name }) else {
            throw BadInput(
                "--energy: chip '\(chip.name)' has no table '\(name)'. It has "
                    + chip.energyTables.map(\.name).joined(separator: ", ") + "."
            )
        }
        return table
    }
}

extension SampleOptions {
    /// A run of an image as these options ask for it.
    func chipRun(_ image: ChipImage) throws -> ChipRun {
        let outputs = NetworkPorts(image).outputs
        let index = try outputIndex(among: outputs.map(\.name))
        var run = ChipRun(
            image: image,
            readout: try readout(outputSpikes: outputs[index].isSpiking, name: outputs[index].name)
        )
        run.between = try betweenSamples()
        run.inputSteps = steps
        run.output = index
        return run
    }
}
