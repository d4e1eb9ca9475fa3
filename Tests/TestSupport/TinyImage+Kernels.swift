package import ChipImage
import ChipSpec

extension TinyImage {
    /// One core of six neurons behind four channels: two filters of two weights each, written by hand.
    ///
    /// Filter 0 is (3, −2), filter 1 is (5, 0): a neuron at place x hears channels x and x + 1.
    package static func kernels() throws -> ChipImage {
        var chip = try TinyChip.plain()
        chip.synapse.hasSharedKernels = true
        let population = PopulationTable(
            path: "map",
            shape: [2, 3],
            model: .lif,
            reset: .zero,
            hasCurrent: false,
            compartmentExponents: [0],
            membraneScale: [1],
            depth: 1
        )
        var neurons = NeuronTables()
        neurons.indexInPopulation = [0, 1, 2, 3, 4, 5]
        neurons.threshold = [2, 2, 2, 2, 2, 2]
        let zeros = [Int32](repeating: 0, count: 6)
        neurons.membraneDecay = [UInt16](repeating: 0, count: 6)
        neurons.currentDecay = neurons.membraneDecay
        neurons.membraneBias = zeros
        neurons.currentBias = zeros
        neurons.resetPotential = zeros
        neurons.initialPotential = zeros
        var synapses = SynapseTables()
        synapses.axonRows = [0, 1, 2, 3, 4]
        synapses.rowSynapses = [0, 2, 5, 8, 9]
        synapses.rowDelay = [1, 1, 1, 1]
        synapses.rowExponent = [0, 0, 0, 0]
        synapses.rowCompartment = [0, 0, 0, 0]
        synapses.targets = [0, 3, 0, 1, 4, 1, 2, 5, 2]
        synapses.weights = [3, 5, -2, 3, 5, -2, 3, 5, -2]
        let core = CoreTables(
            core: 1,
            segments: [Segment(population: 0, firstSlot: 0, count: 6)],
            neurons: neurons,
            synapses: synapses,
            routes: RouteTable(offsets: [0, 0, 0, 0, 0, 0, 0])
        )
        let kernels = KernelTable(
            filters: 2,
            channels: 1,
            size: [1, 2],
            strides: [1, 1],
            dilation: [1, 1],
            origin: [0, 0],
            extents: [1, 4],
            exponent: 0,
            weights: [3, -2, 5, 0]
        )
        return ChipImage(
            chip: chip,
            network: NetworkTable(
                name: "tiny-kernels",
                timeStep: 1,
                populations: [population],
                projections: [
                    ProjectionTable(
                        source: "in",
                        target: "map",
                        delay: 1,
                        compartment: 0,
                        signMode: .mixed,
                        weightScale: 1,
                        synapses: 9,
                        largestError: 0,
                        rootMeanSquareError: 0,
                        kernels: kernels
                    )
                ],
                outputs: [OutputTable(name: "out", population: 0)],
                drainSteps: 1
            ),
            inputs: [
                InputPort(
                    name: "in",
                    shape: [1, 4],
                    routes: RouteTable(
                        offsets: [0, 1, 2, 3, 4],
                        routes: (0..<4).map { Route(core: 1, axon: $0) }
                    )
                )
            ],
            cores: [core]
        )
    }
}
