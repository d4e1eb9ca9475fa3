public import Events

/// A neuron in the words of the network.
public struct NeuronOfNetwork: Sendable, Hashable {
    /// Index in `NetworkTable.populations`.
    public let population: Int
    /// Index within the population, C order of its shape.
    public let index: Int
}

/// The way between places on the chip and neurons of the network.
public struct SourceMap: Sendable {
    private let denseCore: [UInt32: Int]
    /// `[used core][slot]`.
    private let neurons: [[NeuronOfNetwork]]
    /// `[population][index]`.
    private let addresses: [[NeuronAddress]]

    /// Reads the map off an image.
    ///
    /// - Parameter image: A verified image.
    public init(_ image: ChipImage) {
        var denseCore: [UInt32: Int] = [:]
        var neurons: [[NeuronOfNetwork]] = []
        var addresses = image.network.populations.map {
            [NeuronAddress](repeating: NeuronAddress(core: 0, neuron: 0), count: $0.count)
        }
        for (dense, core) in image.cores.enumerated() {
            denseCore[core.core] = dense
            var row: [NeuronOfNetwork] = []
            for segment in core.segments {
                for slot in segment.firstSlot..<(segment.firstSlot + segment.count) {
                    let population = Int(segment.population)
                    let index = Int(core.neurons.indexInPopulation[Int(slot)])
                    row.append(NeuronOfNetwork(population: population, index: index))
                    addresses[population][index] = NeuronAddress(core: core.core, neuron: slot)
                }
            }
            neurons.append(row)
        }
        self.denseCore = denseCore
        self.neurons = neurons
        self.addresses = addresses
    }

    /// The neuron at a place.
    ///
    /// - Parameter address: Core and slot.
    /// - Returns: Nil for inputs and for places that hold no neuron.
    public func neuron(at address: NeuronAddress) -> NeuronOfNetwork? {
        guard let dense = denseCore[address.core], Int(address.neuron) < neurons[dense].count
        else { return nil }
        return neurons[dense][Int(address.neuron)]
    }

    /// The places of a population's neurons, by index.
    ///
    /// - Parameter population: Index in `NetworkTable.populations`.
    /// - Returns: One address a neuron.
    public func addresses(ofPopulation population: Int) -> [NeuronAddress] {
        addresses[population]
    }
}
