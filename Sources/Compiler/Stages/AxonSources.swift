import NetworkIR

/// Numbers for what an axon listens to: a sender, or, where weights have planes, a sender for one kind
/// of row.
///
/// Numbers ascend by (population, neuron, kind).
package struct AxonSources: Sendable, Equatable {
    /// First number of each population of the network; one more entry at the end.
    private let first: [Int]
    /// Numbers of each neuron of a population.
    private let stride: [Int]
    /// First kind of row of each population.
    private let firstKind: [Int]
    /// Kinds of row, ascending.
    package let kinds: [RowKind]
    /// Indices into `kinds`, `[projection][plane]`.
    package let kindsOfProjection: [[Int]]
    /// Whether each kind of row has an axon of its own.
    package let hasPlanes: Bool

    /// Numbers the senders of a network.
    ///
    /// - Parameter quantised: The network in the chip's integers.
    package init(_ quantised: QuantisedNetwork) {
        (kinds, kindsOfProjection) = quantised.rowKinds()
        hasPlanes = quantised.hasPlanes
        let populations = quantised.canonical.network.populations
        var ofPopulation = [Int](repeating: 0, count: populations.count)
        for kind in kinds { ofPopulation[kind.source] += 1 }
        var (numbers, kindNumbers) = ([0], [0])
        var strides: [Int] = []
        for (population, count) in zip(populations, ofPopulation) {
            let each = hasPlanes ? max(count, 1) : 1
            strides.append(each)
            numbers.append((numbers.last ?? 0) + each * population.count)
            kindNumbers.append((kindNumbers.last ?? 0) + count)
        }
        first = numbers
        stride = strides
        firstKind = kindNumbers
    }

    /// How many numbers there are.
    package var count: Int { first.last ?? 0 }

    /// The numbers of a population.
    ///
    /// - Parameter population: Index in `Network.populations`.
    /// - Returns: All of its numbers.
    package func numbers(of population: Int) -> Range<Int> {
        first[population]..<first[population + 1]
    }

    /// The numbers of a neuron.
    ///
    /// - Parameters:
    ///   - neuron: Index within the population.
    ///   - population: Index in `Network.populations`.
    /// - Returns: One number, or one for each kind of row where these have axons of their own.
    package func numbers(of neuron: Int, in population: Int) -> Range<Int> {
        let start = first[population] + neuron * stride[population]
        return start..<start + stride[population]
    }

    /// The number that the axon of a synapse listens to.
    ///
    /// - Parameters:
    ///   - neuron: Index within the population.
    ///   - population: Index in `Network.populations`.
    ///   - kind: Kind of row of the synapse.
    /// - Returns: The number.
    @inline(__always)
    package func number(of neuron: Int, in population: Int, kind: Int) -> Int {
        hasPlanes
            ? first[population] + neuron * stride[population] + kind - firstKind[population]
            : first[population] + neuron
    }

    /// Kinds of row that a population sends.
    ///
    /// - Parameter population: Index in `Network.populations`.
    /// - Returns: Indices into `kinds`.
    package func kinds(of population: Int) -> Range<Int> {
        firstKind[population]..<firstKind[population + 1]
    }

    /// The neuron that a number stands for.
    ///
    /// - Parameters:
    ///   - number: A number of the population.
    ///   - population: Index in `Network.populations`.
    /// - Returns: Index within the population.
    package func neuron(of number: Int, in population: Int) -> Int {
        (number - first[population]) / stride[population]
    }
}

extension QuantisedNetwork {
    /// Calls for each synapse of a neuron, or for each of its parts where weights have planes.
    ///
    /// - Parameters:
    ///   - neuron: Index within the population.
    ///   - population: Index in `Network.populations`.
    ///   - body: Receives the projection, the plane, the source neuron, and the weight in the image.
    @inline(__always)
    package func forEachSynapse(
        of neuron: Int,
        in population: Int,
        _ body: (_ projection: Int, _ plane: Int, _ source: Int, _ weight: Int16) -> Void
    ) {
        for projection in canonical.incoming[population] {
            let table = projections[projection]
            let indices = table.layout.indices(of: neuron)
            if table.planes == nil {
                for k in indices where table.isSynapse(k) {
                    body(
                        projection,
                        0,
                        table.layout.source(of: k, target: neuron),
                        table.weights[k]
                    )
                }
            } else {
                for k in indices {
                    for plane in PlaneSet(table.planes(of: k)) {
                        let source = table.layout.source(of: k, target: neuron)
                        body(projection, plane, source, table.part(of: k))
                    }
                }
            }
        }
    }
}

extension Partitioning {
    /// What the axons of each core listen to.
    ///
    /// - Parameter sources: Numbers of senders.
    /// - Returns: Numbers, ascending, one list a core.
    func axons(_ sources: AxonSources) -> [[Int32]] {
        let canonical = quantised.canonical
        var listening = [Int32](repeating: -1, count: sources.count)
        return cores.indices.map { index in
            var axons: [Int32] = []
            axons.reserveCapacity(cores[index].usage.axonsIn)
            for slice in cores[index].slices {
                let population = canonical.onChip[slice.population]
                for neuron in slice.neurons {
                    quantised.forEachSynapse(of: Int(neuron), in: population) {
                        projection,
                        plane,
                        source,
                        _ in
                        let number = sources.number(
                            of: source,
                            in: canonical.network.projections[projection].source,
                            kind: sources.kindsOfProjection[projection][plane]
                        )
                        if listening[number] == Int32(truncatingIfNeeded: index) { return }
                        listening[number] = Int32(truncatingIfNeeded: index)
                        axons.append(Int32(truncatingIfNeeded: number))
                    }
                }
            }
            axons.sort()
            return axons
        }
    }
}
