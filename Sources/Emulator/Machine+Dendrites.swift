import ChipImage
import ChipSpec
import FixedPoint

// Dendrites, and weights that two projections share.
extension Machine {
    /// Gives a population dendrites, or changes their settings; averages and targets are kept.
    ///
    /// The population that serves as apical dendrites integrates from now on without spiking.
    ///
    /// - Parameters:
    ///   - population: Index in `NetworkTable.populations`; of `sampling` somas, others are ignored, as
    ///     are chips whose engine has no register e.
    ///   - settings: How; nil takes the dendrites away and leaves the biases.
    public func setDendrites(population: Int, _ settings: DendriteSettings?) {
        guard image.chip.learning?.hasDendrites == true,
            image.network.populations[population].sampling != nil
        else { return }
        let before = dendrites[population]
        if settings == nil || settings?.apical != before?.settings.apical {
            join(population, apical: nil)
        }
        guard let settings else {
            before?.reset(partitions)
            dendrites[population] = nil
            return
        }
        let running =
            before
            ?? RunningDendrites(
                settings,
                somas: places(of: population),
                biases: biases(of: population)
            )
        running.settings = settings
        dendrites[population] = running
        if running.apical.isEmpty { join(population, apical: settings.apical) }
    }

    /// Joins apical dendrites to somas, or takes them away for nil.
    ///
    /// A dendrite does not spike; where it ends, spikes of its soma are the postsynaptic ones.
    private func join(_ population: Int, apical: Int?) {
        guard let running = dendrites[population] else { return }
        silence(running.settings.apical, false)
        running.apical = []
        learning?.setDendrites(of: layout.neuronsOfPopulation[population], [])
        guard let apical, apical != population, image.network.populations[apical].sampling != nil,
            image.network.populations[apical].count == running.somas.count
        else { return }
        running.apical = places(of: apical)
        silence(apical, true)
        learning?.setDendrites(
            of: layout.neuronsOfPopulation[population],
            layout.neuronsOfPopulation[apical]
        )
    }

    /// Writes the target potential of a soma with dendrites.
    ///
    /// - Parameters:
    ///   - population: Index in `NetworkTable.populations`.
    ///   - neuron: Index in the population.
    ///   - raw: Raw units of v; nil ends the nudging.
    public func setTarget(population: Int, neuron: Int, raw: Int32?) {
        guard let running = dendrites[population] else { return }
        running.isNudged[neuron] = raw == nil ? 0 : 1
        running.target[neuron] = raw ?? 0
    }

    /// Mean potential of the somas of a population with dendrites since the sums were cleared.
    ///
    /// - Parameter population: Index in `NetworkTable.populations`.
    /// - Returns: Raw units of v, one a neuron; empty without dendrites.
    public func meanPotentials(of population: Int) -> [Double] {
        guard let running = dendrites[population] else { return [] }
        let steps = Double(max(1, running.summedSteps))
        return (0..<running.sum.count).map { Double(running.sum[$0]) / steps }
    }

    /// Clears the sums of potentials of a population with dendrites.
    ///
    /// - Parameter population: Index in `NetworkTable.populations`.
    public func clearPotentialSums(of population: Int) { dendrites[population]?.clearSums() }

    /// Dendritic error of a soma, in 2^−14 of a spike probability.
    ///
    /// - Parameters:
    ///   - population: Index in `NetworkTable.populations`.
    ///   - neuron: Index in the population.
    /// - Returns: 0 without dendrites.
    public func dendriticError(population: Int, neuron: Int) -> Int32 {
        let (partition, column) = place(ofNeuron: layout.neuronsOfPopulation[population][neuron])
        return partition.error[column]
    }

    private func places(of population: Int) -> [RunningDendrites.Place] {
        layout.neuronsOfPopulation[population].map { neuron in
            let partition = Int(layout.partitionOfNeuron[Int(neuron)])
            let column = Int(layout.columnOfNeuron[Int(neuron)])
            let segment = segmentsOfPopulation[population].first { place in
                let segment = partitions[place.partition].tables.segments[place.segment]
                return place.partition == partition
                    && (segment.first..<segment.first + segment.count).contains(column)
            }
            return RunningDendrites.Place(
                partition: partition,
                segment: segment?.segment ?? 0,
                column: column
            )
        }
    }

    private func biases(of population: Int) -> [Int32] {
        layout.neuronsOfPopulation[population].indices.map {
            bias(population: population, neuron: $0)
        }
    }

    private func silence(_ population: Int?, _ isSilent: Bool) {
        guard let population else { return }
        for place in segmentsOfPopulation[population] {
            partitions[place.partition].isSilent[place.segment] = isSilent
        }
    }

    // MARK: Shared weights

    /// Makes the synapses of a projection read the weight registers of another one.
    ///
    /// As where two rows of synapse memory are one. Both projections must have rules; that of the reader
    /// must stay off. Pairs that the other one does not have keep their weights.
    ///
    /// - Parameters:
    ///   - reader: Index of the projection that reads.
    ///   - owner: Index of the projection whose registers are read.
    ///   - sign: −1, 0 or 1: what the visible weight is multiplied by.
    ///   - isTransposed: Whether the synapse from i to j reads the register from j to i; what a pair of
    ///     projections began with holds for good, only the sign can change.
    public func shareWeights(reader: Int, owner: Int, sign: Int32, isTransposed: Bool = false) {
        guard let learning, image.chip.learning?.engine != .odin else { return }
        let key = UInt64(reader) << 32 | UInt64(owner)
        if sharedWeights[key] == nil {
            let places = index(of: reader)
            sharedWeights[key] = learning.blocks(of: owner).map { block in
                let partners = (0..<block.count).map { k in
                    let pre = Int(block.preIndex[k])
                    let post = Int(block.postIndex[k])
                    return places[isTransposed ? Self.key(post, pre) : Self.key(pre, post)]
                }
                let readers = WeightReaders(partners.map { $0.map { ($0.block, $0.synapse) } })
                block.readers.append(readers)
                return (block, readers)
            }
        }
        for (block, readers) in sharedWeights[key] ?? [] {
            readers.sign = sign
            for k in 0..<block.count { readers.write(k, of: block, weightFormat) }
        }
    }
}
