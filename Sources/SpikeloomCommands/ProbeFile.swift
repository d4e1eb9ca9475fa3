import ChipImage
import Emulator
import Events
import Foundation

/// Writes registers of whole populations to a CSV file, step by step.
final class ProbeFile {
    private enum Register: String { case v, u }

    private struct Probe {
        let population: String
        let register: Register
        let addresses: [NeuronAddress]
        let units: MembraneUnits
    }

    private let probes: [Probe]
    private let path: String
    private let temporary: String
    private let file: FileHandle
    private var buffer = "step,population,register,neuron,raw,value\n"

    init(_ names: [String], image: ChipImage, path: String) throws {
        let map = SourceMap(image)
        probes = try names.map { name in
            let sides = name.split(separator: ":").map(String.init)
            let populations = image.network.populations
            guard sides.count == 2, let register = Register(rawValue: sides[1]),
                let index = populations.firstIndex(where: { $0.path == sides[0] })
            else {
                throw BadInput(
                    "--probe '\(name)' is not POPULATION:v or POPULATION:u. The populations are "
                        + populations.map(\.path).joined(separator: ", ") + "."
                )
            }
            return Probe(
                population: sides[0],
                register: register,
                addresses: map.addresses(ofPopulation: index),
                units: MembraneUnits(image, population: index)
            )
        }
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

    /// Notes the registers after a step.
    func note(_ machine: Machine) throws {
        let step = machine.currentStep - 1
        for probe in probes {
            for (neuron, address) in probe.addresses.enumerated() {
                // A current has the scale of v, and no origin but 0.
                let raw: Int32
                let value: Double
                switch probe.register {
                case .v:
                    raw = machine.membranePotential(at: address) ?? 0
                    value = probe.units.potential(raw, of: neuron)
                case .u:
                    raw = machine.synapticCurrent(at: address) ?? 0
                    value = Double(raw) * probe.units.scale(of: neuron)
                }
                buffer += "\(step),\(probe.population),\(probe.register.rawValue),\(neuron),"
                buffer += "\(raw),\(value)\n"
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
