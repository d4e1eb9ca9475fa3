import ChipImage
import ChipSpec
import Description
import Emulator
import Events

/// The registers on a chip that a probe asks for.
struct ProbedRegisters {
    private enum Place {
        case membranePotentials([NeuronAddress], MembraneUnits)
        case currents([NeuronAddress], MembraneUnits)
        case trace(LearningTrace, columns: [Int])
    }

    let asked: StateProbe
    /// What has them: the path of the population, or the name of the projection on the chip.
    let source: String
    /// Neurons by their index in the population.
    let neurons: [Int]
    /// Core of each register of a trace; empty for registers of neurons.
    let cores: [Int]
    private let place: Place

    /// Finds what probes ask for.
    ///
    /// A projection whose synapses have several delays is several ones on the chip: each has a course of its own.
    /// Traces are found only in a machine.
    static func find(
        _ probes: [StateProbe],
        image: ChipImage,
        machine: Machine? = nil
    ) throws -> [ProbedRegisters] {
        let map = SourceMap(image)
        var found: [ProbedRegisters] = []
        for probe in probes {
            switch probe.quantity {
            case .register(let register, let path):
                guard let index = image.network.populations.firstIndex(where: { $0.path == path })
                else { continue }
                let addresses = map.addresses(ofPopulation: index)
                let neurons = (probe.neurons.isEmpty ? Array(addresses.indices) : probe.neurons)
                    .filter(addresses.indices.contains)
                let places = neurons.map { addresses[$0] }
                // A current has the scale of v.
                let units = MembraneUnits(image, population: index)
                found.append(
                    ProbedRegisters(
                        asked: probe,
                        source: path,
                        neurons: neurons,
                        cores: [],
                        place: register == .v
                            ? .membranePotentials(places, units) : .currents(places, units)
                    )
                )
            case .trace(let trace, let name):
                guard let machine else { continue }
                for (source, trace) in try traces(trace, of: name, in: machine) {
                    let columns = trace.neurons.indices.filter {
                        probe.neurons.isEmpty || probe.neurons.contains(trace.neurons[$0])
                    }
                    guard !columns.isEmpty else { continue }
                    found.append(
                        ProbedRegisters(
                            asked: probe,
                            source: source,
                            neurons: columns.map { trace.neurons[$0] },
                            cores: columns.map { trace.cores[$0] },
                            place: .trace(trace, columns: columns)
                        )
                    )
                }
            }
        }
        return found
    }

    private static func traces(
        _ trace: StateProbe.Trace,
        of name: String,
        in machine: Machine
    ) throws -> [(source: String, trace: LearningTrace)] {
        let projections = machine.image.network.projections
        var found: [(String, LearningTrace)] = []
        for (index, projection) in projections.enumerated() {
            guard let own = projection.name, own == name || own.hasPrefix(name + "["),
                let register = RuleVariable(rawValue: trace.rawValue),
                let trace = machine.learningTrace(register, of: index)
            else { continue }
            found.append((own, trace))
        }
        guard found.isEmpty else { return found }
        throw BadInput(
            "probes: the rule of projection '\(name)' has no trace \(trace.rawValue) on chip "
                + "'\(machine.image.chip.name)'. Name a trace that the rule has."
        )
    }

    /// The registers between two steps, in the order of `neurons`.
    func registers(of machine: Machine) -> [Int32] {
        switch place {
        case .membranePotentials(let addresses, _):
            addresses.map { machine.membranePotential(at: $0) ?? 0 }
        case .currents(let addresses, _):
            addresses.map { machine.synapticCurrent(at: $0) ?? 0 }
        case .trace(let trace, let columns):
            machine.values(of: trace, at: columns)
        }
    }

    /// A register in the units of the network; traces have none.
    func value(of raw: Int32, neuron: Int) -> Double {
        switch place {
        case .membranePotentials(_, let units): units.potential(raw, of: neuron)
        case .currents(_, let units): Double(raw) * units.scale(of: neuron)
        case .trace: Double(raw)
        }
    }
}
