import ChipSpec

/// Turns raw membrane potentials of a population into the author's units.
///
/// A chip without a reset potential register has the origin of v moved to the author's reset
/// potential; the initial potential, 0 to the author, tells by how much.
public struct MembraneUnits: Sendable {
    private let scale: [Double]
    private let origin: [Int32]
    /// Share of a raw bias in the resting potential's raw units.
    private let biasFactor: [Double]

    /// Reads the units off an image.
    ///
    /// - Parameters:
    ///   - image: A verified image.
    ///   - population: Index in `NetworkTable.populations`.
    public init(_ image: ChipImage, population: Int) {
        let table = image.network.populations[population]
        scale =
            table.membraneScale.count == 1
            ? .init(repeating: table.membraneScale[0], count: table.count) : table.membraneScale
        // Random somas pull v towards the bias, an integrator adds it; a leak loses a share of v a step.
        let leaks = [.lif, .cubaLIF, .li].contains(table.model)
        let full = Double(1 << image.chip.soma.decayBits)
        var origin = [Int32](repeating: 0, count: table.count)
        var biasFactor = [Double](repeating: 1, count: table.count)
        for core in image.cores {
            for segment in core.segments where Int(segment.population) == population {
                for slot in Int(segment.firstSlot)..<Int(segment.firstSlot + segment.count) {
                    let index = Int(core.neurons.indexInPopulation[slot])
                    origin[index] = core.neurons.initialPotential[slot]
                    let decay = core.neurons.membraneDecay[slot]
                    if leaks, decay > 0 { biasFactor[index] = Double(decay) / full }
                }
            }
        }
        self.origin = origin
        self.biasFactor = biasFactor
    }

    /// The bias that moves the resting potential of a neuron; of a neuron without leak, that moves v in
    /// each step.
    ///
    /// - Parameters:
    ///   - potential: By how much, author's units.
    ///   - neuron: Index within the population.
    /// - Returns: Raw units of v, not rounded.
    public func bias(toMoveRestBy potential: Double, of neuron: Int) -> Double {
        potential / scale[neuron] * biasFactor[neuron]
    }

    /// A potential in the author's units.
    ///
    /// - Parameters:
    ///   - raw: Register value.
    ///   - neuron: Index within the population.
    /// - Returns: 0 for the initial potential.
    public func potential(_ raw: Int32, of neuron: Int) -> Double {
        (Double(raw) - Double(origin[neuron])) * scale[neuron]
    }

    /// Author's units per raw 1.
    ///
    /// - Parameter neuron: Index within the population.
    /// - Returns: Positive.
    public func scale(of neuron: Int) -> Double { scale[neuron] }
}
