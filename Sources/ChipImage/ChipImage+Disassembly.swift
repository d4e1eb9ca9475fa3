import ChipSpec

extension ChipImage {
    /// The whole image as text: use of the chip, populations, projections, inputs, outputs, cores.
    ///
    /// The image must be verified.
    ///
    /// - Parameter limit: Most lines of each table; nil for all.
    /// - Returns: Lines that end with a line feed.
    public func disassembly(limit: Int? = 64) -> String {
        let summary = summary
        var text = "image of network '\(network.name)' for chip '\(chip.name)'\n"
        text += "time step \(network.timeStep), drain steps \(network.drainSteps)\n"
        text += "\(summary.cores.count) of \(summary.coresAvailable) cores, "
        text += "\(summary.neurons) neurons, \(summary.synapses) synapses in \(summary.rows) rows, "
        text += "\(summary.axonsIn) axons in, \(summary.routes) routes, "
        text += "\(summary.inputRoutes) input routes\n"
        if summary.plasticSynapses > 0 {
            text += "\(summary.plasticSynapses) synapses learn\n"
        }
        if let (core, resource, share) = summary.fullest {
            let used = summary.cores.first { $0.core == core }?.used(resource) ?? 0
            text += "fullest: core \(core) uses \(used) of \(summary.available[resource] ?? 0) "
            text += "\(resource.rawValue) (\(Int(share * 100)) %)\n"
        }
        text += populationLines(limit) + randomLines(limit) + trueNorthLines(limit)
        text += projectionLines(limit)
        text += ruleLines(limit) + portLines(limit)
        text += coreLines(summary, limit)
        return printable(text)
    }

    private func populationLines(_ limit: Int?) -> String {
        let header = [
            "population", "shape", "neurons", "model", "reset", "current", "compartments", "depth",
            "membrane scale",
        ]
        let rows = network.populations.prefix(limit ?? .max).map { population in
            let scales = population.membraneScale
            let (least, most) = (scales.min() ?? 0, scales.max() ?? 0)
            return [
                population.path, shapeText(population.shape), "\(population.count)",
                population.model.rawValue,
                population.model.isSpiking ? population.reset.rawValue : "-",
                population.hasCurrent ? "yes" : "no",
                population.compartmentExponents.map { "2^\($0)" }.joined(separator: ","),
                "\(population.depth)", least == most ? "\(least)" : "\(least)...\(most)",
            ]
        }
        return section(header, rows, of: network.populations.count)
    }

    /// What noisy and sampling populations have besides.
    private func randomLines(_ limit: Int?) -> String {
        let header = [
            "population", "refractory", "noise amplitude", "log-odds a raw unit", "potential",
        ]
        let random = network.populations.filter { $0.model == .noisyLIF || $0.model == .sampling }
        let rows = random.prefix(limit ?? .max).map { population in
            let noise = (population.noise ?? []).map { source in
                "\(source.amplitude)" + (source.sharedSource.map { " of '\($0)'" } ?? "")
            }
            let sampling = population.sampling
            return [
                population.path,
                "\(sampling?.refractorySteps ?? population.refractorySteps ?? 0)",
                noise.isEmpty ? "-" : noise.joined(separator: ", "),
                sampling.map { "\($0.logOddsPerRaw)" } ?? "-",
                sampling.map {
                    $0.psp == .rectangular ? "\($0.psp) \($0.pspSteps)" : "\($0.psp)"
                } ?? "-",
            ]
        }
        return section(header, rows, of: random.count)
    }

    /// Which registers of their own the neurons of `trueNorth` cores have, and how many neurons share them.
    private func trueNorthLines(_ limit: Int?) -> String {
        guard chip.soma.models == [.trueNorth] else { return "" }
        let header = [
            "weights by axon type", "b", "c", "reversal", "reset", "kappa", "mask", "beta",
        ]
        var counts: [TrueNorthRegisters: Int] = [:]
        for core in cores {
            for slot in 0..<core.neurons.count {
                counts[core.neurons.trueNorthRegisters(ofSlot: slot), default: 0] += 1
            }
        }
        let kinds = counts.keys.sorted { $0.words.lexicographicallyPrecedes($1.words) }
        let rows = kinds.prefix(limit ?? .max).map { registers in
            [
                registers.weights.map(String.init).joined(separator: ","),
                registers.hasStochasticSynapses.map { $0 ? "1" : "0" }.joined(),
                registers.hasStochasticLeak ? "1" : "0", registers.hasLeakReversal ? "1" : "0",
                "\(registers.resetMode)", registers.saturatesBelow ? "1" : "0",
                "\(registers.thresholdMask)", "\(registers.negativeThreshold)",
                "\(counts[registers, default: 0])",
            ]
        }
        return section(header + ["neurons"], rows, of: kinds.count)
    }

    /// Each rule with its text, its learning traces, what it reads, and who runs it.
    private func ruleLines(_ limit: Int?) -> String {
        let rules = network.rules ?? []
        var text = ""
        for (index, rule) in rules.prefix(limit ?? .max).enumerated() {
            let runners = network.projections.filter { $0.rule == index }.map(name)
            text += "\nrule \(rule.name), epoch \(rule.epoch), run by "
            text += runners.isEmpty ? "nobody" : bounded(runners, limit, separator: ", ")
            text += "\n"
            for line in rule.source.prefix(limit ?? .max) { text += "  \(line)\n" }
            text += "  reads " + rule.registersRead.map(\.rawValue).joined(separator: " ") + "\n"
            for trace in rule.traces {
                text += "  trace \(trace.register): impulse \(trace.impulse), "
                text += trace.tau.map { "tau \($0), " } ?? "no decay, "
                text += "\(trace.shape)\n"
            }
            if !rule.amplitudes.isEmpty {
                text += "  amplitudes " + rule.amplitudes.joined(separator: " ") + "\n"
            }
        }
        let rest = more(rules.count - min(rules.count, limit ?? .max))
        return text + (rest.isEmpty ? "" : rest.dropFirst() + "\n")
    }

    private func name(_ projection: ProjectionTable) -> String {
        let ends = "\(projection.source) -> \(projection.target)"
        return projection.name.map { "\($0): \(ends)" } ?? ends
    }

    private func projectionLines(_ limit: Int?) -> String {
        let header = [
            "projection", "synapses", "delay", "compartment", "sign mode", "scale",
            "largest error", "rms error",
        ]
        let rows = network.projections.prefix(limit ?? .max).map { projection in
            [
                name(projection), "\(projection.synapses)",
                "\(projection.delay)", "\(projection.compartment)", projection.signMode.rawValue,
                "\(projection.weightScale)", "\(projection.largestError)",
                "\(projection.rootMeanSquareError)",
            ]
        }
        return section(header, rows, of: network.projections.count)
    }

    private func portLines(_ limit: Int?) -> String {
        let ports = inputs.prefix(limit ?? .max).map { input in
            [
                input.name, shapeText(input.shape), "\(input.channelCount)",
                "\(input.routes.routes.count)",
            ]
        }
        let outputs = network.outputs.prefix(limit ?? .max).map { output in
            let population = network.populations[output.population]
            return [output.name, population.path, "\(population.depth)"]
        }
        return section(["input", "shape", "channels", "routes"], ports, of: inputs.count)
            + section(["output", "population", "depth"], outputs, of: network.outputs.count)
    }

    private func coreLines(_ summary: ImageSummary, _ limit: Int?) -> String {
        let header = [
            "core", "neurons", "axons in", "rows", "synapses", "bytes", "routes", "populations",
        ]
        let available = { (resource: ImageSummary.Resource) in
            "\(summary.available[resource] ?? 0)"
        }
        var rows = [
            [
                "(limit)", available(.neurons), available(.axonsIn), "-", "-",
                available(.synapseMemory), available(.routes), "",
            ]
        ]
        rows += summary.cores.prefix(limit ?? .max).map { core in
            [
                "\(core.core)", "\(core.neurons)", "\(core.axonsIn)", "\(core.rows)",
                "\(core.synapses)", "\(core.bytes)", "\(core.routes)",
                bounded(core.populations, limit, separator: ","),
            ]
        }
        return section(header, rows, of: summary.cores.count + 1)
    }
}

extension ChipImage {
    /// The tables of one core as text: segments, registers, axons with their senders, rows, routes.
    ///
    /// The image must be verified.
    ///
    /// - Parameters:
    ///   - core: Physical core.
    ///   - limit: Most neurons, axons, and synapses of a row; nil for all.
    /// - Returns: Lines that end with a line feed; nil if the image does not use the core.
    public func disassembly(core: UInt32, limit: Int? = 8) -> String? {
        guard let tables = cores.first(where: { $0.core == core }) else { return nil }
        var text = "core \(core): \(tables.neurons.count) neurons, "
        text += "\(tables.synapses.axonCount) axons in, \(tables.synapses.weights.count) synapses, "
        text += "\(tables.routes.routes.count) routes\n"
        let segments = tables.segments.prefix(limit ?? .max).map { segment in
            let population = network.populations[Int(segment.population)]
            return [
                "\(segment.firstSlot)...\(segment.firstSlot + segment.count - 1)",
                population.path, population.model.rawValue,
            ]
        }
        text += section(["slots", "population", "model"], segments, of: tables.segments.count)
        text += neuronLines(tables, limit)
        text += axonLines(tables, limit)
        return printable(text)
    }

    private func neuronLines(_ tables: CoreTables, _ limit: Int?) -> String {
        let neurons = tables.neurons
        let header = [
            "slot", "neuron", "threshold", "decay v", "decay u", "bias v", "bias u", "reset",
            "initial", "routes (core.axon)",
        ]
        let rows = (0..<min(neurons.count, limit ?? .max)).map { slot in
            [
                "\(slot)", name(ofSlot: slot, tables), "\(neurons.threshold[slot])",
                "\(neurons.membraneDecay[slot])", "\(neurons.currentDecay[slot])",
                "\(neurons.membraneBias[slot])", "\(neurons.currentBias[slot])",
                "\(neurons.resetPotential[slot])", "\(neurons.initialPotential[slot])",
                bounded(tables.routes[slot].map { "\($0.core).\($0.axon)" }, limit, separator: " "),
            ]
        }
        return section(header, rows, of: neurons.count)
    }

    private func axonLines(_ tables: CoreTables, _ limit: Int?) -> String {
        let synapses = tables.synapses
        let shown = min(synapses.axonCount, limit ?? .max)
        let senders = senders(to: tables.core, axons: shown)
        var text = "\n"
        for axon in 0..<shown {
            let from = bounded(senders[axon], limit, separator: " ")
            text += "axon \(axon) <- \(from.isEmpty ? "nobody" : from)\n"
            for row in Int(synapses.axonRows[axon])..<Int(synapses.axonRows[axon + 1]) {
                text += "  row \(row): delay \(synapses.rowDelay[row]), "
                text += "exponent \(synapses.rowExponent[row]), "
                text += "compartment \(synapses.rowCompartment[row])"
                let learns = !synapses.rowProjection.isEmpty && synapses.rowProjection[row] > 0
                if learns {
                    let projection = network.projections[Int(synapses.rowProjection[row]) - 1]
                    text += ", learns as \(name(projection))"
                }
                text += ":"
                let all = Int(synapses.rowSynapses[row])..<Int(synapses.rowSynapses[row + 1])
                for synapse in all.prefix(limit ?? .max) {
                    text += " \(synapses.targets[synapse])*\(synapses.weights[synapse])"
                    if learns, !synapses.hiddenWeights.isEmpty {
                        text += "+\(synapses.hiddenWeights[synapse])"
                        text += "/\(1 << chip.synapse.hiddenWeightBits)"
                    }
                }
                text += more(all.count - min(all.count, limit ?? .max)) + "\n"
            }
        }
        let rest = more(synapses.axonCount - shown)
        return text + (rest.isEmpty ? "" : rest.dropFirst() + "\n")
    }

    /// Neurons and channels whose routes lead to the first axons of a core.
    private func senders(to core: UInt32, axons: Int) -> [[String]] {
        var senders = [[String]](repeating: [], count: axons)
        func collect(_ table: RouteTable, _ count: Int, _ name: (Int) -> String) {
            for sender in 0..<count {
                for route in table[sender] where route.core == core && Int(route.axon) < axons {
                    senders[Int(route.axon)].append(name(sender))
                }
            }
        }
        for tables in cores {
            collect(tables.routes, tables.neurons.count) { name(ofSlot: $0, tables) }
        }
        for input in inputs {
            collect(input.routes, input.channelCount) { "\(input.name)[\($0)]" }
        }
        return senders
    }

    private func name(ofSlot slot: Int, _ tables: CoreTables) -> String {
        let segment = tables.segments.last { Int($0.firstSlot) <= slot }
        let population = segment.map { network.populations[Int($0.population)].path } ?? "?"
        return "\(population)[\(tables.neurons.indexInPopulation[slot])]"
    }
}

/// Control characters replaced: a name in a file must not command the terminal.
private func printable(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        let isControl = scalar.properties.generalCategory == .control && scalar != "\n"
        result.append(isControl ? "?" : scalar)
    }
    return String(result)
}

private func shapeText(_ shape: [Int]) -> String {
    shape.isEmpty ? "scalar" : shape.map { "\($0)" }.joined(separator: "x")
}

/// " ...
///
/// 12 more", or nothing.
private func more(_ count: Int) -> String { count > 0 ? " ... \(count) more" : "" }

private func bounded(_ items: [String], _ limit: Int?, separator: String) -> String {
    items.prefix(limit ?? .max).joined(separator: separator)
        + more(items.count - min(items.count, limit ?? .max))
}

/// A blank line, a header and aligned rows; nothing if there are none.
private func section(_ header: [String], _ rows: [[String]], of total: Int) -> String {
    guard !rows.isEmpty else { return "" }
    var widths = header.map(\.count)
    for row in rows {
        for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) }
    }
    var text = "\n"
    for row in [header] + rows {
        var line = ""
        for (column, cell) in row.enumerated() {
            line += cell
            if column + 1 < row.count {
                line += String(repeating: " ", count: widths[column] - cell.count + 2)
            }
        }
        while line.last == " " { line.removeLast() }
        text += line + "\n"
    }
    let rest = more(total - rows.count)
    return text + (rest.isEmpty ? "" : rest.dropFirst() + "\n")
}
