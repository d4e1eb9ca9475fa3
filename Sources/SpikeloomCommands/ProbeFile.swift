import ChipImage
import Description
import Emulator
import Events
import Foundation

/// Writes registers of neurons to a CSV file, step by step.
final class ProbeFile {
    private struct Probe {
        let asked: StateProbe
        let neurons: [(index: Int, address: NeuronAddress)]
        let units: MembraneUnits
    }

    private let probes: [Probe]
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
        return StateProbe(population: sides[0], register: register)
    }

    init(_ probes: [StateProbe], image: ChipImage, path: String) throws {
        let map = SourceMap(image)
        self.probes = probes.compactMap { probe in
            guard
                let index = image.network.populations.firstIndex(where: {
                    $0.path == probe.population
                })
            else { return nil }
            let addresses = map.addresses(ofPopulation: index)
            let neurons = probe.neurons.isEmpty ? Array(addresses.indices) : probe.neurons
            return Probe(
                asked: probe,
                neurons: neurons.filter(addresses.indices.contains).map { ($0, addresses[$0]) },
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

    /// Notes the registers after a step that ends at a time.
    func note(_ machine: Machine, at seconds: Double = 0) throws {
        let step = machine.currentStep - 1
        for probe in probes where seconds >= probe.asked.from && seconds <= probe.asked.to {
            for (neuron, address) in probe.neurons {
                // A current has the scale of v, and no origin but 0.
                let raw: Int32
                let value: Double
                switch probe.asked.register {
                case .v:
                    raw = machine.membranePotential(at: address) ?? 0
                    value = probe.units.potential(raw, of: neuron)
                case .u:
                    raw = machine.synapticCurrent(at: address) ?? 0
                    value = Double(raw) * probe.units.scale(of: neuron)
                }
                buffer += "\(step),\(probe.asked.population),\(probe.asked.register.rawValue),"
                buffer += "\(neuron),"
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
