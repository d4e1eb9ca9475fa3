import ChipImage
import Description
import Emulator
import Foundation

/// Writes registers of neurons to a CSV file, step by step.
final class ProbeFile {
    private let probes: [ProbedRegisters]
    private let path: String
    private let temporary: String
    private let file: FileHandle
    private var buffer = "step,population,register,neuron,raw,value\n"

    /// What `--probe POPULATION:v` asks for.
    static func probe(_ name: String, image: ChipImage) throws -> StateProbe {
        let sides = name.split(separator: ":").map(String.init)
        let populations = image.network.populations
        guard sides.count == 2, let register = StateProbe.Register(rawValue: sides[1]),
            populations.contains(where: { $0.path == sides[0] })
        else {
            throw BadInput(
                "--probe '\(name)' is not POPULATION:v or POPULATION:u. The populations are "
                    + populations.map(\.path).joined(separator: ", ") + "."
            )
        }
        return StateProbe(.register(register, population: sides[0]))
    }

    init(_ probes: [ProbedRegisters], path: String) throws {
        self.probes = probes
        self.path = path
        temporary = path + ".part"
        guard FileManager.default.createFile(atPath: temporary, contents: nil),
            let file = FileHandle(forWritingAtPath: temporary)
        else {
            throw BadInput("--probe-file \(path): cannot be written. Choose another place.")
        }
        self.file = file
    }

    /// A file that was not finished goes away.
    deinit { _ = unsafe unlink(temporary) }

    /// Notes the registers after a step that ends at a time.
    func note(_ machine: Machine, at seconds: Double = 0) throws {
        let step = machine.currentStep - 1
        for probe in probes where probe.asked.includes(seconds) {
            for (raw, neuron) in zip(probe.registers(of: machine), probe.neurons) {
                buffer += "\(step),\(probe.source),\(probe.asked.name),\(neuron),"
                buffer += "\(raw),\(probe.value(of: raw, neuron: neuron))\n"
            }
        }
        if buffer.utf8.count > 1 << 20 { try flush() }
    }

    /// Gives the file its name.
    func finish() throws {
        try flush()
        try file.close()
        try Tools.move(temporary, to: path)
    }

    private func flush() throws {
        try file.write(contentsOf: Data(buffer.utf8))
        buffer.removeAll(keepingCapacity: true)
    }
}
