import ArgumentParser
import ChipImage
import ChipSpec
import Description
import Events
import Experiments

/// A device as a file, or drawn by seed and coefficient.
enum DeviceChoice {
    /// Help on `--device`.
    static let help = ArgumentHelp(
        "The device, as `spikeloom fit` writes it, in place of a drawn one (docs/DEVICES.md).",
        valueName: "yaml"
    )

    /// Reads a device and checks that it can be one of an image's chip.
    ///
    /// - Parameters:
    ///   - path: Path of the file.
    ///   - image: What is to run on it.
    /// - Throws: `DescriptionError`, or `BadInput` if it is another chip's, or has what the image uses dead.
    /// - Returns: The device.
    static func load(_ path: String, for image: ChipImage) throws -> Device {
        let file = try DeviceFile(path: path)
        try check(file, path, image.chip)
        let used = image.cores.map(\.core).filter(file.device.deadCores.contains)
        guard used.isEmpty else {
            throw BadInput(
                "\(path): core \(used[0]) is dead, and the image uses it (\(used.count) such "
                    + "cores). Compile with --device \(path)."
            )
        }
        return file.device
    }

    /// Checks that a device is one of a chip.
    static func check(_ file: DeviceFile, _ path: String, _ chip: ChipSpec) throws {
        guard file.chip == chip.name else {
            throw BadInput(
                "\(path) is a device of chip '\(file.chip)', and this is '\(chip.name)'. "
                    + "Choose the device of this chip."
            )
        }
        let cores = UInt32(chip.mesh.coreCount)
        let all = Array(file.device.known.keys) + file.device.deadCores
        if let stranger = all.filter({ $0 >= cores }).min() {
            throw BadInput(
                "\(path) names core \(stranger). Chip '\(chip.name)' has cores 0...\(cores - 1)."
            )
        }
        if let digest = file.chipDigest, digest != chip.digest.description {
            Console.warn(path, "it was made for another version of the spec of '\(chip.name)'.")
        }
    }

    /// A device from the options of a command.
    static func device(
        file: String?,
        mismatch: String,
        seed: UInt64,
        for image: ChipImage
    ) throws -> Device {
        guard let file else {
            return try MismatchArgument.device(mismatch, of: image.chip, seed: seed)
        }
        guard mismatch == "off" else {
            throw BadInput(
                "--device and --mismatch exclude each other: a device file says itself what is drawn "
                    + "(`drawn`)."
            )
        }
        return try load(file, for: image)
    }
}
