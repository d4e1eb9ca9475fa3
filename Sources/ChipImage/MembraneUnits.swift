/// Turns raw membrane potentials of a population into the author's units.
///
/// A chip without a reset potential register has the origin of v moved to the author's reset
/// potential; the initial potential, 0 to the author, tells by how much.
public struct MembraneUnits: Sendable {
    private let scale: [Double]
    private let origin: [Int32]

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
        var origin = [Int32](repeating: 0, count: table.count)
        for core in image.cores {
            for segment in core.segments where Int(segment.population) == population {
                for slot in Int(segment.firstSlot)..<Int(segment.firstSlot + segment.count) {
                    let index = Int(core.neurons.indexInPopulation[slot])
                    origin[index] = core.neurons.initialPotential[slot]
                }
            }
        }
        self.origin = origin
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
