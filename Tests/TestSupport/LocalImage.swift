package import ChipImage
import ChipSpec

/// The image of a static network with local connections, as large as asked for.
///
/// Neurons sit on a torus, 320 a core in blocks of 20 × 16, and send to 100 others: 95 % near neighbours, 5 %
/// anywhere. Numbers of neurons are random, so the targets of a row lie anywhere on their core, and axons are
/// in the order of their senders' numbers, as the compiler has them. Weights are normal, of deviation 20.
/// The statistics are those of the network `local` of the mapping benchmark.
package enum LocalImage {
    /// Neurons of a core.
    package static let neuronsPerCore = blockWidth * blockHeight
    /// Synapses of a neuron.
    package static let fanOut = 100
    private static let blockWidth = 20
    private static let blockHeight = 16
    /// Deviation of near targets along each axis.
    private static let reach = 4.2

    /// Draws the image.
    ///
    /// - Parameters:
    ///   - width: Cores across.
    ///   - height: Cores down.
    ///   - seed: Any number.
    /// - Throws: What decoding the template of the chip throws.
    /// - Returns: A valid image.
    package static func make(width: Int, height: Int, seed: UInt64) throws -> ChipImage {
        var random = SplitMix64(seed: seed)
        let (across, down) = (width * blockWidth, height * blockHeight)
        let neurons = across * down
        let numbers = random.shuffled(Array(0..<neurons))
        // Places in the order of their core, then number; so slots ascend by number.
        func core(_ place: Int) -> Int {
            place / across / blockHeight * width + place % across / blockWidth
        }
        var placeOfNumber = [Int](repeating: 0, count: neurons)
        for (place, number) in numbers.enumerated() { placeOfNumber[number] = place }
        var coreOf = [Int](repeating: 0, count: neurons)
        var slotOf = [Int](repeating: 0, count: neurons)
        var members = [[Int]](repeating: [], count: width * height)
        for number in 0..<neurons {
            let core = core(placeOfNumber[number])
            coreOf[number] = core
            slotOf[number] = members[core].count
            members[core].append(number)
        }
        var cores = members.indices.map { index in
            CoreTables(
                core: UInt32(index),
                segments: [
                    Segment(population: 0, firstSlot: 0, count: UInt32(neuronsPerCore))
                ],
                neurons: registers(of: members[index]),
                synapses: SynapseTables(),
                routes: RouteTable()
            )
        }
        var routes = [[Route]](repeating: [], count: neurons)
        var lastSender = [Int](repeating: -1, count: neurons)
        for sender in 0..<neurons {
            let place = placeOfNumber[sender]
            var targets: [(core: Int, slot: Int)] = []
            while targets.count < fanOut {
                let target: Int
                if random.chance(0.05) {
                    target = random.int(0...neurons - 1)
                } else {
                    let x = (place % across + offset(&random) + across) % across
                    let y = (place / across + offset(&random) + down) % down
                    target = numbers[y * across + x]
                }
                guard lastSender[target] != sender else { continue }
                lastSender[target] = sender
                targets.append((coreOf[target], slotOf[target]))
            }
            targets.sort { ($0.core, $0.slot) < ($1.core, $1.slot) }
            for (core, slot) in targets {
                if routes[sender].last?.core != UInt32(core) {
                    let axon = cores[core].synapses.axonCount
                    routes[sender].append(Route(core: UInt32(core), axon: UInt32(axon)))
                    cores[core].synapses.axonRows.append(UInt32(axon + 1))
                    cores[core].synapses.rowSynapses.append(
                        UInt32(cores[core].synapses.targets.count)
                    )
                    cores[core].synapses.rowDelay.append(1)
                    cores[core].synapses.rowExponent.append(1)
                    cores[core].synapses.rowCompartment.append(0)
                }
                cores[core].synapses.targets.append(UInt16(slot))
                cores[core].synapses.weights.append(weight(&random))
                cores[core].synapses.rowSynapses[cores[core].synapses.axonCount] += 1
            }
        }
        for number in 0..<neurons {
            // Numbers of a core ascend, as its slots do.
            let core = coreOf[number]
            cores[core].routes.routes += routes[number]
            cores[core].routes.offsets.append(UInt32(cores[core].routes.routes.count))
        }
        return ChipImage(
            chip: try chip(width: width, height: height),
            network: network(neurons: neurons),
            inputs: [],
            cores: cores
        )
    }

    /// Cores of the size of the mapping benchmark's.
    private static func chip(width: Int, height: Int) throws -> ChipSpec {
        var chip = try TinyChip.plain()
        chip.name = "tiny-mapping"
        chip.mesh.width = width
        chip.mesh.height = height
        chip.core.neurons = 1024
        chip.core.axonsIn = 1 << 13
        chip.core.axonsOut = 1 << 16
        chip.core.synapseMemoryInBytes = 1 << 18
        return chip
    }

    private static func network(neurons: Int) -> NetworkTable {
        NetworkTable(
            name: "local",
            timeStep: 1,
            populations: [
                PopulationTable(
                    path: "neurons",
                    shape: [neurons],
                    model: .integrateAndFire,
                    reset: .zero,
                    hasCurrent: false,
                    compartmentExponents: [0],
                    membraneScale: [0.01],
                    depth: 0
                )
            ],
            projections: [
                ProjectionTable(
                    source: "neurons",
                    target: "neurons",
                    delay: 1,
                    compartment: 0,
                    signMode: .mixed,
                    weightScale: 0.02,
                    synapses: neurons * fanOut,
                    largestError: 0,
                    rootMeanSquareError: 0
                )
            ],
            outputs: [OutputTable(name: "output", population: 0)],
            drainSteps: 0
        )
    }

    private static func registers(of members: [Int]) -> NeuronTables {
        var neurons = NeuronTables()
        let count = members.count
        neurons.indexInPopulation = members.map { UInt32($0) }
        neurons.threshold = [Int32](repeating: 8191, count: count)
        neurons.membraneDecay = [UInt16](repeating: 0, count: count)
        neurons.currentDecay = [UInt16](repeating: 0, count: count)
        neurons.membraneBias = [Int32](repeating: 0, count: count)
        neurons.currentBias = [Int32](repeating: 0, count: count)
        neurons.resetPotential = [Int32](repeating: -64, count: count)
        neurons.initialPotential = [Int32](repeating: 0, count: count)
        return neurons
    }

    /// A number that is close to normal: 12 uniform ones.
    private static func normal(_ random: inout SplitMix64) -> Double {
        (0..<12).reduce(-6) { sum, _ in sum + random.double(0...1) }
    }

    private static func offset(_ random: inout SplitMix64) -> Int {
        Int((normal(&random) * reach).rounded())
    }

    private static func weight(_ random: inout SplitMix64) -> Int16 {
        while true {
            let weight = Int16((normal(&random) * 20).rounded())
            // A weight of 0 is no synapse.
            if weight != 0, (-127...127).contains(weight) { return weight }
        }
    }
}
