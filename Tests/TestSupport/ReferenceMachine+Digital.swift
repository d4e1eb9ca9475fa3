import ChipImage

/// Section 12 of `docs/NUMERICS.md`: the neurons of digital chips.
extension ReferenceMachine {
    /// Events of each axon type.
    func axonEvents(_ sums: [Int64], _ population: PopulationTable) -> [Int64] {
        (0..<TrueNorthRegisters.types).map { type in
            var alone = [Int64](repeating: 0, count: sums.count)
            alone[type] = sums[type]
            return max(0, somaInput(alone, population))
        }
    }

    /// `trueNorth`.
    mutating func updateTrueNorth(
        _ events: [Int64],
        _ population: PopulationTable,
        _ c: Int,
        _ i: Int
    ) -> Bool {
        let tables = image.cores[c].neurons
        var neuron = PlainTrueNorth(
            v: v[c][i],
            registers: tables.trueNorthRegisters(ofSlot: i),
            alpha: neurons[c][i].threshold,
            lambda: bias(c, i),
            reset: neurons[c][i].resetPotential
        )
        let types = events.indices.flatMap { type in
            [Int](repeating: type, count: Int(events[type]))
        }
        let isSpiking = neuron.tick(
            types,
            PlainTrueNorth.Draws(
                seed: seed,
                neuron: tables.indexInPopulation[i],
                population: Self.id(population.path),
                step: drawStep
            )
        )
        v[c][i] = neuron.v
        return isSpiking
    }
}
