package import ChipImage
package import ChipSpec
import NetworkIR

/// Writes the tables of the image.
package struct Emit: Pass {
    package static let name = "emit"
    let chip: ChipSpec
    let rules: [RuleProgram]

    /// Makes the pass.
    ///
    /// - Parameters:
    ///   - chip: The chip.
    ///   - rules: Programs of the network's rules, in their order.
    package init(chip: ChipSpec, rules: [RuleProgram] = []) {
        self.chip = chip
        self.rules = rules
    }

    package func run(_ routing: Routing) -> ChipImage {
        let partitioning = routing.placement.partitioning
        let quantised = partitioning.quantised
        var cores = partitioning.cores.indices.map { tables(ofCore: $0, routing) }
        cores.sort { $0.core < $1.core }
        let canonical = quantised.canonical
        let inputs = canonical.inputs.map { population in
            InputPort(
                name: canonical.network.populations[population].path,
                shape: canonical.network.populations[population].shape,
                routes: table(of: routing.routes[population])
            )
        }
        return ChipImage(
            chip: chip,
            network: networkTable(of: quantised),
            inputs: inputs,
            cores: cores
        )
    }

    package func statistics(of output: ChipImage) -> [Statistic] {
        [
            Statistic("synapses", output.cores.reduce(0) { $0 + $1.synapses.weights.count }),
            Statistic("routes", output.cores.reduce(0) { $0 + $1.routes.routes.count }),
            Statistic("input routes", output.inputs.reduce(0) { $0 + $1.routes.routes.count }),
            Statistic("drain steps", output.network.drainSteps),
        ]
    }

    package func violation(in output: ChipImage, of input: Routing) -> String? {
        for (one, next) in zip(output.cores, output.cores.dropFirst()) where one.core >= next.core {
            return "cores are not in order."
        }
        return nil
    }

    private func table(of routes: [[Route]]) -> RouteTable {
        var table = RouteTable()
        for sender in routes {
            table.routes += sender
            table.offsets.append(UInt32(table.routes.count))
        }
        return table
    }

    private func networkTable(of quantised: QuantisedNetwork) -> NetworkTable {
        let canonical = quantised.canonical
        let network = canonical.network
        let populations = quantised.populations.map { population in
            let author = network.populations[population.lowered.population]
            return PopulationTable(
                path: author.path,
                shape: author.shape,
                model: population.lowered.model,
                reset: population.lowered.reset,
                hasCurrent: population.lowered.hasCurrent,
                compartmentExponents: population.compartmentExponents,
                membraneScale: population.membraneScale,
                depth: canonical.depth[population.lowered.population],
                refractorySteps: population.sampling == nil
                    && population.lowered.refractorySteps > 0
                    ? population.lowered.refractorySteps : nil,
                noise: population.noise.isEmpty ? nil : population.noise,
                sampling: population.sampling
            )
        }
        let projections = quantised.projections.enumerated().map { index, projection in
            let author = network.projections[index]
            return ProjectionTable(
                source: network.populations[author.source].path,
                target: network.populations[author.target].path,
                delay: canonical.delay[index],
                compartment: projection.compartment,
                signMode: projection.signMode,
                weightScale: projection.scale,
                synapses: projection.synapses,
                largestError: projection.error.largest,
                rootMeanSquareError: projection.error.rootMeanSquare,
                name: author.name,
                rule: projection.rule,
                feedbackOf: author.feedbackOf
            )
        }
        let outputs = network.outputs.map { output in
            OutputTable(name: output.name, population: canonical.chipIndex[output.population] ?? 0)
        }
        return NetworkTable(
            name: network.name,
            timeStep: network.timeStep,
            populations: populations,
            projections: projections,
            outputs: outputs,
            drainSteps: network.outputs.map { canonical.depth[$0.population] }.max() ?? 0,
            rules: rules.isEmpty ? nil : rules
        )
    }

    private func tables(ofCore index: Int, _ routing: Routing) -> CoreTables {
        let partitioning = routing.placement.partitioning
        let quantised = partitioning.quantised
        var segments: [Segment] = []
        var neurons = NeuronTables()
        var routes: [[Route]] = []
        for slice in partitioning.cores[index].slices {
            let population = quantised.populations[slice.population]
            segments.append(
                Segment(
                    population: UInt32(slice.population),
                    firstSlot: UInt32(neurons.count),
                    count: UInt32(slice.neurons.count)
                )
            )
            neurons.append(population, slice.neurons, accumulatorShift: chip.soma.accumulatorShift)
            if population.lowered.model == .odinLIF {
                let incoming = quantised.canonical.incoming[population.lowered.population]
                let learns = incoming.contains { quantised.projections[$0].rule != nil }
                for neuron in slice.neurons {
                    // Our choice of what SDSP needs: half the threshold, and calcium of 1...6.
                    let registers =
                        learns
                        ? ODINRegisters(
                            hasCalcium: true,
                            membraneThreshold: max(1, population.threshold[neuron] / 2),
                            lowestCalcium: 1,
                            fallingLimit: 4,
                            risingLimit: 7,
                            calciumLeak: 5
                        ) : ODINRegisters()
                    neurons.modelRegisters += registers.words
                }
            }
            routes += routing.routes[population.lowered.population][slice.neurons]
        }
        return CoreTables(
            core: UInt32(routing.placement.physicalCore[index]),
            segments: segments,
            neurons: neurons,
            synapses: synapses(ofCore: index, routing),
            routes: table(of: routes)
        )
    }

    /// Sorts the synapses of a core into rows: counts, then offsets, then places.
    private func synapses(ofCore index: Int, _ routing: Routing) -> SynapseTables {
        let partitioning = routing.placement.partitioning
        let quantised = partitioning.quantised
        let network = quantised.canonical.network
        let (kinds, kindsOfProjection) = quantised.rowKinds()
        let hasPlanes = quantised.hasPlanes
        let core = partitioning.cores[index]

        var counts = kinds.map {
            [UInt32](repeating: 0, count: network.populations[$0.source].count)
        }
        forEachSynapse(of: core, in: quantised) { projection, plane, source, _, _ in
            counts[kindsOfProjection[projection][plane]][source] += 1
        }

        var tables = SynapseTables()
        // Where the next synapse of a row goes; kinds are ascending, so are the rows of an axon.
        var next = counts
        for sender in routing.axons[index] {
            for (kind, properties) in kinds.enumerated()
            where properties.source == sender.population && counts[kind][sender.neuron] > 0
                && (!hasPlanes || kind == sender.kind)
            {
                let start = tables.rowSynapses.last ?? 0
                next[kind][sender.neuron] = start
                tables.rowSynapses.append(start + counts[kind][sender.neuron])
                tables.rowDelay.append(UInt8(properties.delay))
                tables.rowExponent.append(Int8(properties.exponent))
                tables.rowCompartment.append(UInt8(properties.compartment))
                tables.rowProjection.append(UInt16(properties.projection))
            }
            tables.axonRows.append(UInt32(tables.rowDelay.count))
        }
        if tables.rowProjection.allSatisfy({ $0 == 0 }) { tables.rowProjection = [] }
        let total = Int(tables.rowSynapses.last ?? 0)
        tables.targets = [UInt16](repeating: 0, count: total)
        tables.weights = [Int16](repeating: 0, count: total)
        // Slots come in ascending order, so the targets of each row do.
        forEachSynapse(of: core, in: quantised) { projection, plane, source, slot, weight in
            let kind = kindsOfProjection[projection][plane]
            let position = Int(next[kind][source])
            next[kind][source] += 1
            tables.targets[position] = UInt16(slot)
            tables.weights[position] = weight
        }
        return tables
    }

    private func forEachSynapse(
        of core: PartitionedCore,
        in quantised: QuantisedNetwork,
        _ body: (
            _ projection: Int, _ plane: Int, _ source: Int, _ slot: Int, _ weight: Int16
        ) -> Void
    ) {
        var slot = 0
        for slice in core.slices {
            let population = quantised.canonical.onChip[slice.population]
            for neuron in slice.neurons {
                for projection in quantised.canonical.incoming[population] {
                    let table = quantised.projections[projection]
                    for k in table.layout.indices(of: neuron) where table.isSynapse(k) {
                        let source = table.layout.source(of: k, target: neuron)
                        guard table.planes != nil else {
                            body(projection, 0, source, slot, table.weights[k])
                            continue
                        }
                        for plane in PlaneSet(table.planes(of: k)) {
                            body(projection, plane, source, slot, table.part(of: k))
                        }
                    }
                }
                slot += 1
            }
        }
    }
}

extension NeuronTables {
    /// Adds neurons of a population in the next slots.
    fileprivate mutating func append(
        _ population: QuantisedPopulation,
        _ neurons: Range<Int>,
        accumulatorShift: Int
    ) {
        indexInPopulation += neurons.map { UInt32($0) }
        // A soma that never spikes has no threshold; the table keeps one entry a slot.
        threshold +=
            population.threshold.isEmpty
            ? [Int32](repeating: 0, count: neurons.count) : Array(population.threshold[neurons])
        membraneDecay += population.membraneDecay[neurons]
        currentDecay += population.currentDecay[neurons]
        membraneBias += population.membraneBias[neurons]
        currentBias += population.currentBias[neurons]
        resetPotential += population.resetPotential[neurons]
        initialPotential += population.initialPotential[neurons]
        switch population.lowered.model {
        case .trueNorth:
            // Bits of a two's complement weight, the highest negative.
            let unit = Int32(1) << Int32(accumulatorShift)
            let registers = TrueNorthRegisters(
                weights: [unit, 2 * unit, 4 * unit, -8 * unit],
                resetMode: population.lowered.reset == .subtract ? 1 : 0
            )
            for _ in neurons { modelRegisters += registers.words }
        // ODIN's depend on what learns.
        case .cubaLIF, .lif, .integrateAndFire, .li, .noisyLIF, .sampling, .odinLIF: break
        }
    }
}

extension QuantisationError {
    /// Root mean square of the differences, over weights other than 0.
    package var rootMeanSquare: Double {
        weights == 0 ? 0 : (squares / Double(weights)).squareRoot()
    }
}
