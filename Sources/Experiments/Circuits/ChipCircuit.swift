import ChipImage
import ChipSpec
import Compiler
import Description
import Emulator
import NetworkIR

/// A circuit on a chip: all weights are registers that the chip's engine changes; the host writes inputs and
/// targets, and switches.
final class ChipCircuit: CircuitSubstrate {
    /// The machine, for counts.
    let machine: Machine
    /// Bytes that the host sent or read.
    private(set) var hostBytes: UInt64 = 0
    private let circuit: Circuit
    private let network: NetworkTable
    private let hiddenBits: Int
    private let units: [MembraneUnits]
    private var isAligning = false

    /// Compiles and loads a circuit; its weights are 0.
    ///
    /// - Parameters:
    ///   - circuit: What to run.
    ///   - chip: A chip whose engine has register e.
    ///   - seed: Of spikes and rounding.
    /// - Throws: `RuleError`, `CompilerError`, `CircuitError`.
    init(_ circuit: Circuit, chip: ChipSpec, seed: UInt64) throws {
        guard chip.learning?.hasDendrites == true else {
            throw CircuitError.noDendrites(chip: chip.name)
        }
        self.circuit = circuit
        let description = circuit.network
        let rules = try description.rules.map { try RuleCompiler.program(for: $0, on: chip) }
        try Self.check(circuit, rules)
        let image = try Compiler.compile(description, for: chip, rules: rules).image
        network = image.network
        hiddenBits = chip.synapse.hiddenWeightBits
        units = network.populations.indices.map { MembraneUnits(image, population: $0) }
        machine = Machine(image: image, seed: seed)
        let limit = Double(DendriteSettings.couplings.upperBound) / Self.couplingUnit
        for layer in hiddenLayers where max(1, circuit.apicalCoupling) * ratio(layer) > limit {
            let factor = max(1, circuit.apicalCoupling) * ratio(layer)
            throw CircuitError.couplingTooLarge(layer: layer, factor: factor, limit: limit)
        }
        setRates(share: 1)
        setDendrites()
        for layer in hiddenLayers {
            machine.shareWeights(
                reader: projection("predict\(layer)"),
                owner: projection("up\(layer + 1)"),
                sign: 1
            )
            if circuit.feedback == .shared {
                machine.shareWeights(
                    reader: projection("down\(layer)"),
                    owner: projection("up\(layer + 1)"),
                    sign: 1,
                    isTransposed: true
                )
            }
            setCancelling(layer, isOn: true)
        }
    }

    private static func check(_ circuit: Circuit, _ rules: [RuleProgram]) throws {
        var needed = [(circuit.rule.name, "rate")]
        if circuit.feedback == .aligned, let alignment = circuit.alignment {
            needed.append((alignment.rule.name, "eta"))
        }
        for (rule, name) in needed {
            guard rules.first(where: { $0.name == rule })?.amplitudes.contains(name) == true else {
                throw CircuitError.noAmplitude(name, rule: rule)
            }
        }
    }

    private static let couplingUnit = Double(1 << DendriteSettings.couplingBits)

    /// Raw units of a hidden layer's potential for one of its apical potential: weights decide both.
    private func ratio(_ layer: Int) -> Double {
        units[population("apical\(layer)")].scale(of: 0)
            / units[population("layer\(layer)")].scale(of: 0)
    }

    private var hiddenLayers: Range<Int> { 1..<circuit.widths.count - 1 }

    private func projection(_ name: String) -> Int {
        network.projections.firstIndex { $0.name == name } ?? 0
    }

    private func population(_ path: String) -> Int {
        network.populations.firstIndex { $0.path == path } ?? 0
    }

    private func setAmplitude(_ name: String, of projection: Int, _ value: Double) {
        let rule = network.projections[projection].rule.flatMap { network.rules?[$0] }
        guard let index = rule?.amplitudes.firstIndex(of: name) else { return }
        machine.setAmplitude(
            projection: projection,
            index: index,
            value: value / network.projections[projection].weightScale
        )
        hostBytes += 4
    }

    /// An interneuron's synapse reads the same register as that of the neuron it predicts, and inverts it.
    private func setCancelling(_ layer: Int, isOn: Bool) {
        machine.shareWeights(
            reader: projection("cancel\(layer)"),
            owner: projection("down\(layer)"),
            sign: isOn ? -1 : 0
        )
    }

    private func setDendrites() {
        let unit = Self.couplingUnit
        for layer in 1..<circuit.widths.count {
            let isHidden = hiddenLayers.contains(layer)
            let coupling = isAligning ? 1 : circuit.apicalCoupling
            machine.setDendrites(
                population: population("layer\(layer)"),
                DendriteSettings(
                    apical: isHidden ? population("apical\(layer)") : nil,
                    coupling: isHidden ? Int32((coupling * ratio(layer) * unit).rounded()) : 0,
                    nudging: isHidden ? 0 : Int32((circuit.nudging * unit).rounded()),
                    averagingShift: circuit.averagingShift
                )
            )
        }
    }

    func setInputs(_ potentials: [Double]) {
        let population = population("layer0")
        for (k, potential) in potentials.enumerated() {
            let raw = units[population].bias(toMoveRestBy: potential, of: k).rounded()
            machine.setBias(population: population, neuron: k, raw: Int32(clamping: Int64(raw)))
        }
        hostBytes += UInt64(4 * potentials.count)
    }

    func setTargets(_ potentials: [Double]?) {
        let output = population("layer\(circuit.widths.count - 1)")
        for k in 0..<(circuit.widths.last ?? 0) {
            let raw = potentials.map {
                Int32(clamping: Int64(units[output].bias(toMoveRestBy: $0[k], of: k).rounded()))
            }
            machine.setTarget(population: output, neuron: k, raw: raw)
        }
        hostBytes += UInt64(4 * (circuit.widths.last ?? 0))
    }

    func setRates(share: Double) {
        for layer in 1..<circuit.widths.count {
            setAmplitude("rate", of: projection("up\(layer)"), share * circuit.rates[layer - 1])
        }
    }

    func setEta(_ eta: Double) {
        for layer in hiddenLayers { setAmplitude("eta", of: projection("down\(layer)"), eta) }
    }

    func setLearning(_ isOn: Bool) {
        for layer in circuit.learningLayers {
            machine.setLearning(projection: projection("up\(layer)"), isOn: isOn)
            hostBytes += 1
        }
    }

    func setAligning(_ isOn: Bool) {
        isAligning = isOn
        setDendrites()
        for layer in hiddenLayers {
            setCancelling(layer, isOn: !isOn)
            machine.setLearning(
                projection: projection("down\(layer)"),
                isOn: isOn && circuit.feedback == .aligned
            )
            hostBytes += 4
        }
    }

    func run(steps: Int) {
        for _ in 0..<steps { machine.step() }
    }

    func measure(steps: Int) -> [Double] {
        let output = population("layer\(circuit.widths.count - 1)")
        machine.clearPotentialSums(of: output)
        run(steps: steps)
        let means = machine.meanPotentials(of: output)
        hostBytes += UInt64(8 * means.count)
        return means.enumerated().map { $1 * units[output].scale(of: $0) }
    }

    // MARK: Weights

    var forward: [[Double]] {
        get { (1..<circuit.widths.count).map { weights(of: projection("up\($0)")) } }
        set {
            for (index, matrix) in newValue.enumerated() {
                setWeights(matrix, of: projection("up\(index + 1)"), fanIn: circuit.widths[index])
            }
        }
    }

    var feedback: [[Double]] {
        get { hiddenLayers.map { weights(of: projection("down\($0)")) } }
        set {
            guard circuit.feedback != .shared else { return }
            for (index, matrix) in newValue.enumerated() {
                let fanIn = circuit.widths[index + 2]
                setWeights(matrix, of: projection("down\(index + 1)"), fanIn: fanIn)
            }
        }
    }

    private func registerUnit(of projection: Int) -> Double {
        network.projections[projection].weightScale / Double(1 << hiddenBits)
    }

    private func weights(of projection: Int) -> [Double] {
        let unit = registerUnit(of: projection)
        return machine.synapses(of: projection).sorted { ($0.post, $0.pre) < ($1.post, $1.pre) }
            .map { Double($0.register) * unit }
    }

    private func setWeights(_ matrix: [Double], of projection: Int, fanIn: Int) {
        let unit = registerUnit(of: projection)
        for (index, weight) in matrix.enumerated() {
            machine.setWeightRegister(
                projection: projection,
                pre: index % fanIn,
                post: index / fanIn,
                value: Int((weight / unit).rounded())
            )
        }
    }
}
