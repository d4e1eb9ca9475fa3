package import ChipImage
package import ChipSpec
package import Events
import FixedPoint

/// A random valid image on a random chip, with a random device and random input spikes.
///
/// A function of the seed alone. Activity is lively, and registers leave their range often, so that
/// every rule of `docs/NUMERICS.md` decides something.
package struct RandomImage {
    package let seed: UInt64
    package let image: ChipImage
    package let device: Device
    /// Run seed.
    package let runSeed: UInt64

    /// Draws an image; those of odd seeds learn.
    ///
    /// - Parameter seed: Any number.
    /// - Returns: The image that belongs to the seed.
    package static func make(seed: UInt64) -> Self {
        var random = SplitMix64(seed: seed)
        let learns = seed % 2 == 1
        let isExtreme = !learns && random.chance(0.4)
        let chip = RandomChip.make(&random, isExtreme: isExtreme, learns: learns)
        var builder = RandomImageBuilder(chip: chip, isExtreme: isExtreme, random: random)
        let image = builder.build()
        let device = builder.device()
        return Self(seed: seed, image: image, device: device, runSeed: builder.random.next())
    }

    /// Draws an image of a chip with TrueNorth's neuron.
    ///
    /// - Parameter seed: Any number.
    /// - Throws: What decoding the template throws.
    /// - Returns: The image that belongs to the seed.
    package static func makeTrueNorth(seed: UInt64) throws -> Self {
        var random = SplitMix64(seed: seed &+ 0x7A)
        var chip = try TinyChip.trueNorth()
        chip.mesh.coresPerTile = random.int(1...3)
        chip.core.axonsOut = 1 << 16
        chip.core.axonsIn = 1 << 16
        chip.core.synapseMemoryInBytes = 1 << 24
        chip.dendrite.accumulator = RegisterFormat(
            bits: random.int(3...12),
            overflow: random.pick(OverflowRule.allCases)
        )
        chip.mismatch.parameters = [.threshold, .bias, .weight]
        var builder = RandomImageBuilder(chip: chip, isExtreme: false, random: random)
        let image = builder.build()
        let device = builder.device()
        return Self(seed: seed, image: image, device: device, runSeed: builder.random.next())
    }

    /// Draws an image of a chip with weights of more than nine bits.
    ///
    /// - Parameter seed: Any number.
    /// - Returns: The image that belongs to the seed.
    package static func makeWide(seed: UInt64) -> Self {
        var random = SplitMix64(seed: seed &+ 0x16)
        var chip = RandomChip.make(&random, isExtreme: false, learns: false)
        chip.synapse.hasSignModes = false
        chip.synapse.weightBits = random.int(10...16)
        chip.synapse.maximumExponent = 16 - chip.synapse.weightBits
        chip.dendrite.accumulator = RegisterFormat(
            bits: random.int(16...32),
            overflow: random.pick(OverflowRule.allCases)
        )
        var builder = RandomImageBuilder(chip: chip, isExtreme: false, random: random)
        let image = builder.build()
        let device = builder.device()
        return Self(seed: seed, image: image, device: device, runSeed: builder.random.next())
    }

    /// Input spikes for the image of a seed.
    ///
    /// - Parameters:
    ///   - seed: As in `make`.
    ///   - steps: Number of steps.
    /// - Returns: Sorted input spikes of each step.
    package static func inputs(seed: UInt64, steps: Int) -> [[NeuronAddress]] {
        make(seed: seed).inputs(steps: steps)
    }

    /// Input spikes for this image.
    ///
    /// - Parameter steps: Number of steps.
    /// - Returns: Sorted input spikes of each step.
    package func inputs(steps: Int) -> [[NeuronAddress]] {
        var random = SplitMix64(seed: ~seed)
        let rate = random.double(0.05...0.6)
        return (0..<steps).map { _ in
            image.inputs.enumerated().flatMap { port, input in
                (0..<input.channelCount).compactMap { channel in
                    guard random.chance(rate) else { return nil }
                    return NeuronAddress(
                        core: NeuronAddress.firstInputCore + UInt32(port),
                        neuron: UInt32(channel)
                    )
                }
            }
        }
    }
}

/// Draws the tables of a random image.
private struct RandomImageBuilder {
    let chip: ChipSpec
    /// Extreme images drive 24-bit registers to their rails.
    let isExtreme: Bool
    var random: SplitMix64
    var populations: [PopulationTable] = []
    var cores: [CoreTables] = []
    /// Population index of each slot, `[core of the image][slot]`.
    var populationOfSlot: [[Int]] = []
    var inputs: [InputPort] = []

    init(chip: ChipSpec, isExtreme: Bool, random: SplitMix64) {
        self.chip = chip
        self.isExtreme = isExtreme
        self.random = random
    }

    mutating func build() -> ChipImage {
        for index in 0..<random.int(2...6) { populations.append(population(index)) }
        placeNeurons()
        connect()
        var plasticity = RandomPlasticity(chip: chip, random: random)
        if chip.learning != nil {
            plasticity.connect(&populations, &cores, &inputs)
            random = plasticity.random
            for p in populations.indices { scaleByDrive(p) }
        }
        for c in cores.indices { setNeurons(c) }
        let outputs = populations.indices.filter { $0 % 2 == 0 }
            .map { OutputTable(name: "out\($0)", population: $0) }
        let network = NetworkTable(
            name: "random",
            timeStep: 1,
            populations: populations,
            projections: plasticity.projections,
            outputs: outputs,
            drainSteps: outputs.map { populations[$0.population].depth }.max() ?? 0,
            rules: plasticity.rules.isEmpty ? nil : plasticity.rules
        )
        return ChipImage(chip: chip, network: network, inputs: inputs, cores: cores)
    }

    mutating func device() -> Device {
        switch random.int(0...9) {
        case 0...3: return .ideal
        case 4...7:
            let pairs = MismatchParameter.allCases.map { ($0, random.double(0.02...0.5)) }
            return Device(seed: random.next(), variation: Dictionary(uniqueKeysWithValues: pairs))
        default:
            let parameter = random.pick(MismatchParameter.allCases)
            return Device(seed: random.next(), variation: [parameter: random.double(0.02...0.9)])
        }
    }

    private mutating func population(_ index: Int) -> PopulationTable {
        let isRandom = chip.learning != nil && random.chance(0.7)
        let model = random.pick(
            isRandom
                ? chip.soma.models.filter { $0 == .noisyLIF || $0 == .sampling }
                : chip.soma.models
        )
        let isLoihi = model == .cubaLIF
        let shape =
            random.chance(0.3) ? [random.int(1...4), random.int(1...6)] : [random.int(1...20)]
        let shiftsSums = chip.synapse.exponentShift == .perSum
        let lowest = chip.synapse.minimumExponent
        let highest = chip.synapse.maximumExponent
        let sampling = model == .sampling ? samplingTable() : nil
        let compartments =
            model == .trueNorth ? 4 : random.int(1...chip.dendrite.maximumCompartments)
        let exponents = (0..<compartments).map { _ in
            guard shiftsSums else { return 0 }
            return isExtreme
                ? highest : random.int((sampling?.psp == .rectangular ? 0 : lowest)...highest)
        }
        return PopulationTable(
            path: "population\(index)",
            shape: shape,
            model: model,
            reset: isLoihi ? .zero : random.pick(chip.soma.resetRules),
            hasCurrent: isLoihi || model == .sampling
                || (chip.soma.current != nil && random.chance(0.5)),
            compartmentExponents: exponents,
            membraneScale: [1],
            depth: random.chance(0.4) ? 0 : random.int(1...5),
            refractorySteps: model == .noisyLIF ? random.pick([nil, 0, 1, 2, 5]) : nil,
            noise: model == .noisyLIF ? noise() : nil,
            sampling: sampling
        )
    }

    private mutating func noise() -> [NoiseTable]? {
        guard random.chance(0.8) else { return nil }
        return (0..<random.int(1...3)).map { _ in
            NoiseTable(
                amplitude: 1,
                sharedSource: random.chance(0.3) ? "source\(random.int(0...1))" : nil
            )
        }
    }

    private mutating func samplingTable() -> SamplingTable {
        let longest = min(61, 63 - chip.synapse.maximumDelayInSteps)
        return SamplingTable(
            logOddsPerRaw: 1,
            refractorySteps: random.chance(0.1) ? 255 : random.int(1...12),
            psp: random.pick(PSPShape.allCases),
            pspSteps: random.chance(0.2) ? longest : random.int(1...min(12, longest))
        )
    }

    /// Sets log-odds of a raw unit and amplitudes of noise by the charge that the neurons may get.
    private mutating func scaleByDrive(_ p: Int) {
        let drives = cores.indices.flatMap { c in
            zip(excitatoryDrive(c), populationOfSlot[c]).filter { $0.1 == p }.map(\.0)
        }
        let drive = drives.reduce(0, +) / Double(max(drives.count, 1))
        populations[p].sampling?.logOddsPerRaw = random.double(1...20) / max(drive, 1)
        for source in (populations[p].noise ?? []).indices {
            let amplitude = Int(random.double(0.1...1) * max(drive, 4))
            populations[p].noise?[source].amplitude = min(amplitude, (1 << chip.soma.noiseBits) - 1)
        }
    }

    /// Splits every population over the cores and permutes its neurons.
    private mutating func placeNeurons() {
        let used = random.shuffled(Array(0..<chip.mesh.coreCount))
            .prefix(random.int(1...min(6, chip.mesh.coreCount))).sorted()
        var members = [[[Int]]](
            repeating: [[Int]](repeating: [], count: populations.count),
            count: used.count
        )
        for p in populations.indices {
            let first = random.int(0...used.count - 1)
            let spread = random.int(1...used.count)
            for index in random.shuffled(Array(0..<populations[p].count)) {
                members[(first + random.int(0...spread - 1)) % used.count][p].append(index)
            }
        }
        for (core, lists) in zip(used, members) where !lists.allSatisfy(\.isEmpty) {
            var segments: [Segment] = []
            var neurons = NeuronTables()
            var owners: [Int] = []
            for (p, list) in lists.enumerated() where !list.isEmpty {
                segments.append(
                    Segment(
                        population: UInt32(p),
                        firstSlot: UInt32(owners.count),
                        count: UInt32(list.count)
                    )
                )
                neurons.indexInPopulation += list.map(UInt32.init)
                owners += list.map { _ in p }
            }
            cores.append(
                CoreTables(
                    core: UInt32(core),
                    segments: segments,
                    neurons: neurons,
                    synapses: SynapseTables(),
                    routes: RouteTable()
                )
            )
            populationOfSlot.append(owners)
        }
    }

    /// Draws axons, rows, synapses and routes of all neurons and input channels.
    private mutating func connect() {
        let density = random.double(isExtreme ? 0.6...1 : 0.2...0.9)
        for c in cores.indices {
            var routes = RouteTable()
            for _ in populationOfSlot[c] { extend(&routes, density) }
            cores[c].routes = routes
        }
        for port in 0..<random.int(1...2) {
            let shape =
                random.chance(0.3)
                ? [2, random.int(1...4)] : [random.int(isExtreme ? 8...16 : 1...8)]
            var routes = RouteTable()
            for _ in 0..<shape.reduce(1, *) { extend(&routes, max(density, 0.5)) }
            inputs.append(InputPort(name: "input\(port)", shape: shape, routes: routes))
        }
    }

    private mutating func extend(_ table: inout RouteTable, _ density: Double) {
        for c in cores.indices where random.chance(density) {
            let axons = cores[c].synapses.axonCount
            // Now and then two senders share an axon.
            let axon =
                axons > 0 && random.chance(0.05) ? random.int(0...axons - 1) : addAxon(to: c)
            table.routes.append(Route(core: cores[c].core, axon: UInt32(axon)))
        }
        table.offsets.append(UInt32(table.routes.count))
    }

    private mutating func addAxon(to c: Int) -> Int {
        let rows = chip.synapse.weightPlanes == nil ? random.int(1...3) : 1
        for _ in 0..<rows { addRow(to: c) }
        cores[c].synapses.axonRows.append(UInt32(cores[c].synapses.rowDelay.count))
        return cores[c].synapses.axonCount - 1
    }

    private mutating func addRow(to c: Int) {
        let synapse = chip.synapse
        let compartment =
            random.chance(0.5) ? 0 : random.int(0...chip.dendrite.maximumCompartments - 1)
        let candidates = populationOfSlot[c].indices.filter {
            compartment < populations[populationOfSlot[c][$0]].compartmentExponents.count
        }
        guard !candidates.isEmpty else { return }
        let share = random.double(0.1...0.6)
        var targets = candidates.filter { _ in random.chance(share) }
        if targets.isEmpty { targets = [random.pick(candidates)] }
        // A neuron may be named twice in a row.
        if chip.synapse.weightPlanes == nil, random.chance(0.1) {
            targets = (targets + [random.pick(targets)]).sorted()
        }
        let (range, step) = synapse.weightRange(random.pick(SignMode.allCases))
        let lowest = range.lowerBound / step
        let highest = range.upperBound / step
        let isPositive = random.chance(isExtreme ? 0.75 : 0.55)
        let weights = targets.map { _ in
            if chip.synapse.weightPlanes == .bits { return Int16(1) }
            // Most weights of a row agree in sign where the sign mode lets them.
            let candidate =
                isExtreme ? random.pick([lowest, highest]) : random.int(lowest...highest)
            let agrees = isExtreme || random.chance(0.8)
            let wanted = agrees == isPositive ? abs(candidate) : -abs(candidate)
            let chosen = min(max(wanted, lowest), highest)
            let fallback = highest > 0 ? highest : lowest
            return Int16(clamping: (chosen == 0 ? fallback : chosen) * step)
        }
        let delay = random.chance(0.6) ? 1 : random.int(1...synapse.maximumDelayInSteps)
        let exponent: Int
        if synapse.exponentShift == .perSum {
            exponent = 0
        } else if isExtreme {
            exponent = synapse.maximumExponent
        } else {
            exponent = random.int(synapse.minimumExponent...synapse.maximumExponent)
        }
        cores[c].synapses.rowDelay.append(UInt8(delay))
        cores[c].synapses.rowExponent.append(Int8(exponent))
        cores[c].synapses.rowCompartment.append(UInt8(compartment))
        cores[c].synapses.targets += targets.map { UInt16($0) }
        cores[c].synapses.weights += weights
        cores[c].synapses.rowSynapses.append(UInt32(cores[c].synapses.targets.count))
    }

    /// Sets thresholds by the charge a neuron may get, and everything else by the threshold.
    private mutating func setNeurons(_ c: Int) {
        let drive = excitatoryDrive(c)
        for slot in populationOfSlot[c].indices {
            let population = populations[populationOfSlot[c][slot]]
            let isLoihi = population.model == .cubaLIF
            let soma = chip.soma
            let highestMantissa = (1 << soma.thresholdBits) - 1
            let wanted = drive[slot] * random.double(0.03...0.6)
            var mantissa = min(Int(wanted) >> soma.thresholdShift, highestMantissa)
            if isExtreme && random.chance(0.3) {
                mantissa = highestMantissa - random.int(0...min(3, highestMantissa))
            }
            if population.model == .trueNorth {
                setTrueNorth(c)
                continue
            }
            let threshold = mantissa << soma.thresholdShift
            cores[c].neurons.threshold.append(Int32(threshold))

            let highestDecay = isLoihi ? 4095 : (1 << soma.decayBits) - 1
            func decay(_ random: inout SplitMix64) -> UInt16 {
                if random.chance(0.1) { return random.chance(0.5) ? 0 : UInt16(highestDecay) }
                return UInt16(random.int(0...highestDecay) / random.int(1...8))
            }
            let leaks = population.model != .integrateAndFire
            cores[c].neurons.membraneDecay.append(leaks ? decay(&random) : 0)
            cores[c].neurons.currentDecay.append(population.hasCurrent ? decay(&random) : 0)

            let hasBias = random.chance(0.4)
            let isRandom = population.model == .noisyLIF || population.model == .sampling
            let reachOfBias = isRandom ? Int(clamping: threshold * 8) : threshold
            cores[c].neurons.membraneBias.append(hasBias ? bias(reachOfBias) : 0)
            let hasCurrentBias =
                soma.hasCurrentBias && population.hasCurrent && !isLoihi
                && population.model != .sampling && random.chance(0.4)
            cores[c].neurons.currentBias.append(hasCurrentBias ? bias(threshold) : 0)

            let reach = min(max(threshold, 4), Int(clamping: soma.membrane.maximum))
            let hasResetPotential =
                soma.hasResetPotential && population.reset == .zero && !isLoihi
                && random.chance(0.5)
            cores[c].neurons.resetPotential.append(
                hasResetPotential ? Int32(random.int(-reach...reach / 2)) : 0
            )
            cores[c].neurons.initialPotential.append(
                random.chance(0.3) ? Int32(random.int(-reach...reach)) : 0
            )
        }
    }

    /// Adds the registers of a TrueNorth neuron to a core.
    private mutating func setTrueNorth(_ c: Int) {
        let reach = random.pick([2, 20, 255])
        func power() -> Int32 { Int32(1) << Int32(random.int(0...6)) }
        cores[c].neurons.threshold.append(Int32(random.int(0...3 * reach)))
        cores[c].neurons.membraneDecay.append(0)
        cores[c].neurons.currentDecay.append(0)
        cores[c].neurons.membraneBias.append(
            random.chance(0.5) ? 0 : Int32(random.int(-reach / 2...reach / 2))
        )
        cores[c].neurons.currentBias.append(0)
        cores[c].neurons.resetPotential.append(
            random.chance(0.5) ? 0 : random.chance(0.5) ? power() - 1 : 1 - power()
        )
        cores[c].neurons.initialPotential.append(
            random.chance(0.3) ? Int32(random.int(-reach...reach)) : 0
        )
        cores[c].neurons.modelRegisters +=
            TrueNorthRegisters(
                weights: (0..<4).map { _ in Int32(random.int(-reach...reach)) },
                hasStochasticSynapses: (0..<4).map { _ in random.chance(0.3) },
                hasStochasticLeak: random.chance(0.3),
                hasLeakReversal: random.chance(0.3),
                resetMode: random.int(0...2),
                saturatesBelow: random.chance(0.5),
                thresholdMask: random.chance(0.5) ? 0 : Int32(random.int(0...reach)),
                negativeThreshold: Int32(random.int(0...3 * reach))
            ).words
    }

    private mutating func bias(_ threshold: Int) -> Int32 {
        let soma = chip.soma
        let top = (1 << (soma.biasMantissaBits - 1)) - 1
        let exponent = random.int(0...soma.biasMaximumExponent)
        let wanted = max(threshold / 8, 2) >> exponent
        let mantissa = random.int(-min(wanted, top)...min(wanted + 1, top))
        return Int32(mantissa << exponent)
    }

    /// Sum of positive charge a slot can get at once, in units of v.
    private func excitatoryDrive(_ c: Int) -> [Double] {
        var drive = [Double](repeating: 1, count: populationOfSlot[c].count)
        let tables = cores[c].synapses
        for row in tables.rowDelay.indices {
            let synapses = Int(tables.rowSynapses[row])..<Int(tables.rowSynapses[row + 1])
            for k in synapses where tables.weights[k] > 0 {
                let slot = Int(tables.targets[k])
                let population = populations[populationOfSlot[c][slot]]
                let exponent =
                    Int(tables.rowExponent[row])
                    + population.compartmentExponents[Int(tables.rowCompartment[row])]
                    + (population.model == .cubaLIF ? 6 : chip.soma.accumulatorShift)
                drive[slot] +=
                    Double(tables.weights[k])
                    * Double(sign: .plus, exponent: exponent, significand: 1)
            }
        }
        let top = Double(chip.soma.membrane.maximum)
        return drive.map { min($0, top) }
    }
}
