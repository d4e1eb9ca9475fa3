public import ChipImage
public import ChipSpec
import Emulator
import Events
public import NetworkIR

/// The network that an image holds, in real numbers: registers and weights in the author's units.
///
/// It needs the image alone. τ follows from the decay registers; r and w_in are such that a spike adds
/// exactly what it adds on the chip. What it lacks is the chip's arithmetic: rounding of decays, and
/// rails. `docs/COMPILER.md` says what differs from the compiler's own quantised network.
public struct ImageNetwork {
    /// Most weights of a matrix: NIR has no others than full ones.
    static let mostWeights = 1 << 26
    /// The network.
    public let network: Network
    /// What it lacks: one sentence each.
    public let notes: [String]

    /// Reads the network off an image.
    ///
    /// - Parameters:
    ///   - image: A verified image.
    ///   - device: A device whose thresholds, decays, biases and weights are taken instead of the nominal
    ///     ones.
    /// - Throws: `ImageNetworkError` for what has no equation in real numbers here.
    public init(_ image: ChipImage, device: Device = .ideal) throws(ImageNetworkError) {
        var reader = ImageNetworkReader(image, EffectiveTables(image, on: device))
        let populations = try reader.populations()
        let projections = try reader.projections()
        var network = Network(
            name: image.network.name,
            timeStep: image.network.timeStep,
            reset: try reader.reset(),
            populations: populations,
            projections: projections,
            outputs: []
        )
        network.outputs = image.network.outputs.map { output in
            NetworkOutput(
                name: output.name,
                population: image.inputs.count + output.population,
                shape: image.network.populations[output.population].shape
            )
        }
        reader.noteDelays(of: network)
        self.network = network
        notes = reader.notes
    }
}

/// Why an image has no network in real numbers.
public struct ImageNetworkError: Error, Equatable, CustomStringConvertible {
    /// What, and what to do.
    public let description: String
}

/// Works out populations and projections.
private struct ImageNetworkReader {
    private let image: ChipImage
    private let tables: EffectiveTables
    /// Core and slot of each neuron, `[population][index]`.
    private let places: [[(core: Int, slot: Int)]]
    private(set) var notes: [String] = []

    init(_ image: ChipImage, _ tables: EffectiveTables) {
        self.image = image
        self.tables = tables
        let map = SourceMap(image)
        var dense: [UInt32: Int] = [:]
        for (index, core) in image.cores.enumerated() { dense[core.core] = index }
        places = image.network.populations.indices.map { population in
            map.addresses(ofPopulation: population).map {
                (core: dense[$0.core] ?? 0, slot: Int($0.neuron))
            }
        }
    }

    /// What a spike does to v, which a network says once for all.
    func reset() throws(ImageNetworkError) -> ResetRule {
        let rules = Set(image.network.populations.filter(\.model.isSpiking).map(\.reset))
        guard rules.count <= 1 else {
            throw ImageNetworkError(
                description:
                    "Some populations reset to a potential, others subtract their threshold. A network has "
                    + "one rule: compile it with one."
            )
        }
        return rules.first == .subtract ? .subtractThreshold : .toResetPotential
    }

    // MARK: Populations

    mutating func populations() throws(ImageNetworkError) -> [Population] {
        var result = image.inputs.map {
            Population(path: $0.name, shape: $0.shape, dynamics: .input)
        }
        for index in image.network.populations.indices { result.append(try population(index)) }
        return result
    }

    private mutating func population(_ index: Int) throws(ImageNetworkError) -> Population {
        let table = image.network.populations[index]
        switch table.model {
        case .sampling, .trueNorth, .odinLIF:
            throw ImageNetworkError(
                description:
                    "Population '\(table.path)' is of model \(table.model.rawValue), for which there is no "
                    + "equation in NIR. Compile the network for a chip with lif or cubaLIF somas."
            )
        case .lif, .cubaLIF, .integrateAndFire, .li, .noisyLIF: break
        }
        let units = MembraneUnits(image, population: index)
        let full = Double(1 << (table.model == .cubaLIF ? 12 : image.chip.soma.decayBits))
        // A decay register of 0 is a leak so slow that it is lost in a Double's rounding.
        let slow = Double(sign: .plus, exponent: -60, significand: 1)
        let step = image.network.timeStep
        let offset = table.model == .cubaLIF ? 1.0 : 0
        var loss: [Double] = []
        var currentLoss: [Double] = []
        var bias: [Double] = []
        var currentBias: [Double] = []
        var firing = Firing(threshold: [], reset: [])
        var origin: [Double] = []
        for (neuron, place) in places[index].enumerated() {
            let registers = tables.neurons[place.core]
            let unit = units.scale(of: neuron)
            // The author's potential is 0 after a state reset.
            let zero = 0 - Double(registers.initialPotential[place.slot]) * unit
            let decay = Double(registers.membraneDecay[place.slot])
            let currentDecay = Double(registers.currentDecay[place.slot]) + offset
            loss.append(decay == 0 ? slow : decay / full)
            currentLoss.append(currentDecay == 0 ? slow : currentDecay / full)
            bias.append(Double(registers.membraneBias[place.slot]) * unit)
            currentBias.append(Double(registers.currentBias[place.slot]) * unit)
            origin.append(zero)
            firing.threshold.append(Double(registers.threshold[place.slot]) * unit + zero)
            firing.reset.append(Double(registers.resetPotential[place.slot]) * unit + zero)
        }
        var result = Population(path: table.path, shape: table.shape, dynamics: .relay)
        let hasCurrent = table.hasCurrent && currentLoss.contains { $0 < 1 }
        if table.model == .noisyLIF {
            // v leaks towards bias + i rather than adding them.
            let membrane = LeakyIntegrator(
                tau: loss.map { step / $0 },
                r: loss.map { _ in 1 },
                leak: zip(bias, origin).map { $0 + $1 }
            )
            result.dynamics = dynamics(membrane, firing, hasCurrent ? currentLoss : nil)
            if let noise = table.noise, noise.contains(where: { $0.amplitude != 0 }) {
                notes.append("Population '\(table.path)': its noise is not in the file.")
            }
            if (table.refractorySteps ?? 0) > 0 {
                notes.append(
                    "Population '\(table.path)': its refractory period is not in the file."
                )
            }
            return result
        }
        let membrane = LeakyIntegrator(
            tau: loss.map { step / $0 },
            r: loss.map { 1 / $0 },
            leak: loss.indices.map { bias[$0] / loss[$0] + origin[$0] }
        )
        let isIntegrator = loss.allSatisfy { $0 == slow } && !hasCurrent
        switch table.model {
        case .li:
            result.dynamics = .leakyIntegrator(membrane)
        case .lif, .cubaLIF, .integrateAndFire:
            guard !isIntegrator else {
                // h · r = 1, so that the bias is what it adds to v.
                result.dynamics = .integrateAndFire(
                    IntegrateAndFire(r: loss.map { _ in 1 / step }, firing: firing)
                )
                result.bias = bias.contains { $0 != 0 } ? bias : []
                return result
            }
            result.dynamics = dynamics(membrane, firing, hasCurrent ? currentLoss : nil)
            result.bias = currentBias.contains { $0 != 0 } ? currentBias : []
        case .noisyLIF, .sampling, .trueNorth, .odinLIF: break
        }
        return result
    }

    private func dynamics(
        _ membrane: LeakyIntegrator,
        _ firing: Firing,
        _ currentLoss: [Double]?
    ) -> Dynamics {
        guard let currentLoss else { return .leakyIntegrateAndFire(membrane, firing) }
        let filter = SynapticFilter(
            tau: currentLoss.map { image.network.timeStep / $0 },
            // A spike adds its weight to the current, whatever the time constant.
            inputGain: currentLoss.map { 1 / $0 }
        )
        return .currentBased(filter, membrane, firing)
    }

    // MARK: Projections

    /// Which synapses make one matrix.
    private struct Kind: Hashable, Comparable {
        var target: Int
        var source: Int
        /// Delay on the chip.
        var delay: Int

        static func < (a: Self, b: Self) -> Bool {
            (a.target, a.source, a.delay) < (b.target, b.source, b.delay)
        }
    }

    mutating func projections() throws(ImageNetworkError) -> [Projection] {
        var matrices: [Kind: [Double]] = [:]
        var counts: [Int] = image.inputs.map(\.channelCount)
        counts += image.network.populations.map(\.count)
        var dense: [UInt32: Int] = [:]
        for (index, core) in image.cores.enumerated() { dense[core.core] = index }
        // Population and neuron, `[used core][slot]`.
        let targets = image.cores.map { core in
            core.segments.flatMap { segment in
                (segment.firstSlot..<(segment.firstSlot + segment.count)).map { slot in
                    (
                        population: Int(segment.population),
                        neuron: Int(core.neurons.indexInPopulation[Int(slot)])
                    )
                }
            }
        }
        var learns = false
        for source in counts.indices {
            for sender in 0..<counts[source] {
                for route in routes(of: source, sender) {
                    guard let core = dense[route.core] else { continue }
                    let synapses = image.cores[core].synapses
                    let axon = Int(route.axon)
                    for row in Int(synapses.axonRows[axon])..<Int(synapses.axonRows[axon + 1]) {
                        if !synapses.rowProjection.isEmpty, synapses.rowProjection[row] != 0 {
                            learns = true
                        }
                        let range =
                            Int(synapses.rowSynapses[row])..<Int(synapses.rowSynapses[row + 1])
                        for k in range {
                            let target = targets[core][Int(synapses.targets[k])]
                            let kind = Kind(
                                target: image.inputs.count + target.population,
                                source: source,
                                delay: Int(synapses.rowDelay[row])
                            )
                            let size = counts[source] * counts[kind.target]
                            guard size <= ImageNetwork.mostWeights else {
                                throw tooLarge(source, target.population, size)
                            }
                            let weight =
                                tables.charge(ofSynapse: k, inRow: row, ofCore: core)
                                * scale(
                                    target.population,
                                    target.neuron,
                                    Int(synapses.rowCompartment[row])
                                )
                            matrices[kind, default: [Double](repeating: 0, count: size)][
                                target.neuron * counts[source] + sender
                            ] += weight
                        }
                    }
                }
            }
        }
        if learns { notes.append("Learning rules are not in the file; weights are as they are.") }
        let depths = image.inputs.map { _ in 0 } + image.network.populations.map(\.depth)
        return matrices.keys.sorted().map { kind in
            Projection(
                source: kind.source,
                target: kind.target,
                // The depths of the chip are what it runs late.
                delay: kind.delay + depths[kind.source] - depths[kind.target],
                connectivity: .dense(matrices[kind] ?? [])
            )
        }
    }

    private func tooLarge(_ source: Int, _ population: Int, _ size: Int) -> ImageNetworkError {
        let path =
            source < image.inputs.count
            ? image.inputs[source].name
            : image.network.populations[source - image.inputs.count].path
        return ImageNetworkError(
            description:
                "From '\(path)' to '\(image.network.populations[population].path)' NIR needs a full matrix "
                + "of \(size) weights; \(ImageNetwork.mostWeights) are the limit here. Split the "
                + "populations."
        )
    }

    private func routes(of source: Int, _ sender: Int) -> ArraySlice<Route> {
        guard source >= image.inputs.count else { return image.inputs[source].routes[sender] }
        let place = places[source - image.inputs.count][sender]
        return image.cores[place.core].routes[place.slot]
    }

    /// Author's units that a charge of 1 in a compartment adds to v, or to the current.
    private func scale(_ population: Int, _ neuron: Int, _ compartment: Int) -> Double {
        let table = image.network.populations[population]
        let shift = table.model == .cubaLIF ? 6 : image.chip.soma.accumulatorShift
        let units = table.membraneScale
        return Double(
            sign: .plus,
            exponent: table.compartmentExponents[compartment] + shift,
            significand: units.count == 1 ? units[0] : units[neuron]
        )
    }

    /// Spikes that arrive before they are sent, as the depths of an image made by hand may say.
    mutating func noteDelays(of network: Network) {
        for projection in network.projections where projection.delay < 0 {
            let (source, target) = (
                network.populations[projection.source].path,
                network.populations[projection.target].path
            )
            notes.append(
                "From '\(source)' to '\(target)' spikes take \(projection.delay) steps, in the file 0."
            )
        }
    }
}
