package import ChipImage
package import ChipSpec
import NetworkIR

/// Writes the tables of the image.
package struct Emit: ListedPass {
    package static let pass = CompilerPass.emit
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
        var axonOf = [Int32](repeating: 0, count: routing.sources.count)
        var cores = partitioning.cores.indices.map { tables(ofCore: $0, routing, &axonOf) }
        cores.sort { $0.core < $1.core }
        let canonical = quantised.canonical
        let inputs = canonical.inputs.map { population in
            InputPort(
                name: canonical.network.populations[population].path,
                shape: canonical.network.populations[population].shape,
                routes: routing.routes[population]
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
                feedbackOf: author.feedbackOf,
                kernels: projection.sharedKernels
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

    /// The tables of one core; `axonOf` is room for the axon of each sender on it.
    private func tables(
        ofCore index: Int,
        _ routing: Routing,
        _ axonOf: inout [Int32]
    ) -> CoreTables {
        let partitioning = routing.placement.partitioning
        let quantised = partitioning.quantised
        var segments: [Segment] = []
        var neurons = NeuronTables()
        var routes = RouteTable()
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
                for neuron in slice.neurons.lazy.map({ Int($0) }) {
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
            let table = routing.routes[population.lowered.population]
            for neuron in slice.neurons {
                routes.routes += table[Int(neuron)]
                routes.offsets.append(UInt32(routes.routes.count))
            }
        }
        return CoreTables(
            core: UInt32(routing.placement.physicalCore[index]),
            segments: segments,
            neurons: neurons,
            synapses: synapses(ofCore: index, routing, &axonOf),
            routes: routes
        )
    }

    /// Sorts the synapses of a core into rows: counts, then offsets, then places.
    private func synapses(
        ofCore index: Int,
        _ routing: Routing,
        _ axonOf: inout [Int32]
    ) -> SynapseTables {
        let partitioning = routing.placement.partitioning
        let quantised = partitioning.quantised
        let canonical = quantised.canonical
        let sources = routing.sources
        let axons = routing.axons[index]
        for (axon, number) in axons.enumerated() { axonOf[Int(number)] = Int32(axon) }

        // An axon has a place for each kind of row that occurs on this core, ascending.
        let core = partitioning.cores[index]
        let occurring = core.slices.flatMap { slice in
            canonical.incoming[canonical.onChip[slice.population]].flatMap {
                sources.kindsOfProjection[$0]
            }
        }
        let kinds = Set(occurring).sorted()
        var column = [Int](repeating: 0, count: sources.kinds.count)
        for (position, kind) in kinds.enumerated() { column[kind] = position }
        // Where the next synapse of a row goes; first, how many there are.
        var next = [UInt32](repeating: 0, count: axons.count * kinds.count)

        func forEachSynapse(
            _ body: (_ place: Int, _ slot: Int, _ weight: Int16) -> Void
        ) {
            var slot = 0
            for slice in core.slices {
                let population = canonical.onChip[slice.population]
                for neuron in slice.neurons {
                    quantised.forEachSynapse(of: Int(neuron), in: population) {
                        projection,
                        plane,
                        source,
                        weight in
                        let kind = sources.kindsOfProjection[projection][plane]
                        let from = canonical.network.projections[projection].source
                        let axon = axonOf[sources.number(of: source, in: from, kind: kind)]
                        body(Int(axon) * kinds.count + column[kind], slot, weight)
                    }
                    slot += 1
                }
            }
        }

        forEachSynapse { place, _, _ in next[place] += 1 }
        var tables = SynapseTables()
        var total: UInt32 = 0
        for axon in axons.indices {
            for (position, kind) in kinds.enumerated() {
                let place = axon * kinds.count + position
                guard next[place] > 0 else { continue }
                let properties = sources.kinds[kind]
                let start = total
                total += next[place]
                next[place] = start
                tables.rowSynapses.append(total)
                tables.rowDelay.append(UInt8(properties.delay))
                tables.rowExponent.append(Int8(properties.exponent))
                tables.rowCompartment.append(UInt8(properties.compartment))
                tables.rowProjection.append(UInt16(properties.projection))
            }
            tables.axonRows.append(UInt32(tables.rowDelay.count))
        }
        if tables.rowProjection.allSatisfy({ $0 == 0 }) { tables.rowProjection = [] }
        tables.targets = [UInt16](repeating: 0, count: Int(total))
        tables.weights = [Int16](repeating: 0, count: Int(total))
        // Slots come in ascending order, so the targets of each row do.
        forEachSynapse { place, slot, weight in
            let position = Int(next[place])
            next[place] += 1
            tables.targets[position] = UInt16(slot)
            tables.weights[position] = weight
        }
        return tables
    }
}

extension NeuronTables {
    /// Adds neurons of a population in the next slots.
    fileprivate mutating func append(
        _ population: QuantisedPopulation,
        _ neurons: [Int32],
        accumulatorShift: Int
    ) {
        indexInPopulation += neurons.map { UInt32($0) }
        for neuron in neurons.lazy.map({ Int($0) }) {
            // A soma that never spikes has no threshold; the table keeps one entry a slot.
            threshold.append(population.threshold.isEmpty ? 0 : population.threshold[neuron])
            membraneDecay.append(population.membraneDecay[neuron])
            currentDecay.append(population.currentDecay[neuron])
            membraneBias.append(population.membraneBias[neuron])
            currentBias.append(population.currentBias[neuron])
            resetPotential.append(population.resetPotential[neuron])
            initialPotential.append(population.initialPotential[neuron])
        }
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
