import ChipImage
import ChipSpec
import NetworkIR

/// What a pass makes, as text: one fact a line, so that two texts can be compared line by line.
package protocol WrittenValue {
    /// Writes the value.
    ///
    /// - Parameter write: Receives pieces of the text; lines end with a line feed.
    /// - Throws: What the closure throws.
    func write(_ write: (String) throws -> Void) throws
}

extension CanonicalNetwork: WrittenValue {
    package func write(_ write: (String) throws -> Void) throws {
        try write("network \(network.name): time step \(network.timeStep), reset ")
        try write("\(network.reset.rawValue), threshold \(network.threshold.rawValue)\n")
        for (index, population) in network.populations.enumerated() {
            try write("\(population.path): \(population.dynamics.modelName), \(population.count)")
            try write(" neurons, depth \(depth[index])\n")
        }
        for index in network.projections.indices {
            let projection = network.projections[index]
            try write("\(ends(of: index)): delay \(projection.delay), on the chip \(delay[index])")
            try write(", \(projection.connectivity.weights.count) weights\n")
        }
        for output in network.outputs {
            try write("output \(output.name): \(network.populations[output.population].path)\n")
        }
    }

    /// Source and target of a projection in words.
    fileprivate func ends(of projection: Int) -> String {
        let ends = network.projections[projection]
        let (source, target) = (network.populations[ends.source], network.populations[ends.target])
        return "\(source.path) → \(target.path)"
    }
}

extension LoweredNetwork: WrittenValue {
    package func write(_ write: (String) throws -> Void) throws {
        for population in populations {
            let path = canonical.network.populations[population.population].path
            try write("\(path): \(population.model.rawValue), reset \(population.reset.rawValue)")
            try write(population.hasCurrent ? ", current" : "")
            try write(", refractory \(population.refractorySteps)\n")
            for neuron in population.gain.indices {
                var line = "\(path)[\(neuron)]: gain \(population.gain[neuron])"
                line += ", αm \(population.membraneLoss[neuron])"
                line += ", αs \(population.currentLoss[neuron])"
                line += ", bias v \(population.membraneBias[neuron])"
                line += ", bias i \(population.currentBias[neuron])"
                if !population.threshold.isEmpty {
                    line += ", threshold \(population.threshold[neuron])"
                    line += ", reset \(population.resetPotential[neuron])"
                }
                try write(line + ", origin \(population.origin[neuron])\n")
            }
        }
    }
}

extension QuantisedNetwork: WrittenValue {
    package func write(_ write: (String) throws -> Void) throws {
        for population in populations {
            let path = canonical.network.populations[population.lowered.population].path
            try write("\(path): 1 raw unit of v is \(population.unit), compartments ")
            try write(
                "\(population.compartmentExponents.map { "2^\($0)" }.joined(separator: " "))\n"
            )
            for neuron in population.membraneDecay.indices {
                var line = "\(path)[\(neuron)]: decay v \(population.membraneDecay[neuron])"
                line += ", decay i \(population.currentDecay[neuron])"
                line += ", bias v \(population.membraneBias[neuron])"
                line += ", bias i \(population.currentBias[neuron])"
                if !population.threshold.isEmpty {
                    line += ", threshold \(population.threshold[neuron])"
                    line += ", reset \(population.resetPotential[neuron])"
                }
                try write(line + ", initial \(population.initialPotential[neuron])\n")
            }
        }
        for (index, projection) in projections.enumerated() {
            let name = canonical.ends(of: index)
            try write("\(name): \(projection.signMode.rawValue), scale \(projection.scale)")
            try write(", exponent \(projection.exponent), compartment \(projection.compartment)\n")
            let target = canonical.network.projections[index].target
            for neuron in 0..<canonical.network.populations[target].count {
                for k in projection.layout.indices(of: neuron) where projection.isSynapse(k) {
                    let source = projection.layout.source(of: k, target: neuron)
                    try write("\(name): \(source) → \(neuron) weight \(projection.weights[k])\n")
                }
            }
        }
    }
}

extension Partitioning: WrittenValue {
    package func write(_ write: (String) throws -> Void) throws {
        try write("packets if all spike \(packets)\n")
        for (index, core) in cores.enumerated() {
            let usage = core.usage
            try write("core \(index): \(usage.neurons) neurons, \(usage.axonsIn) axons in, ")
            try write(
                "\(usage.synapses) synapses in \(usage.rows) rows, \(usage.synapseBytes) bytes"
            )
            try write(", \(usage.axonsOut) routes out")
            try write(core.fullBy.map { ", closed by \($0.rawValue)\n" } ?? "\n")
            for slice in core.slices {
                let population = quantised.canonical.onChip[slice.population]
                let path = quantised.canonical.network.populations[population].path
                try write("core \(index): \(path) \(ranges(of: slice.neurons))\n")
            }
        }
    }

    /// Ascending numbers as ranges.
    private func ranges(of numbers: [Int32]) -> String {
        var ranges: [ClosedRange<Int32>] = []
        for number in numbers {
            if let last = ranges.last, last.upperBound + 1 == number {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges.map { range in
            range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)...\(range.upperBound)"
        }.joined(separator: " ")
    }
}

extension Placement: WrittenValue {
    package func write(_ write: (String) throws -> Void) throws {
        for (index, core) in physicalCore.enumerated() {
            try write("core \(index): core \(core) of the chip\n")
        }
    }
}

extension Routing: WrittenValue {
    package func write(_ write: (String) throws -> Void) throws {
        try write("packets \(packets), within cores \(localPackets), hops \(hops)\n")
        let populations = placement.partitioning.quantised.canonical.network.populations
        for (index, table) in routes.enumerated() {
            for sender in 0..<populations[index].count where !table[sender].isEmpty {
                let ways = table[sender].map { "\($0.core).\($0.axon)" }
                try write("\(populations[index].path)[\(sender)] to core.axon ")
                try write(ways.joined(separator: " ") + "\n")
            }
        }
    }
}

extension ChipImage: WrittenValue {
    package func write(_ write: (String) throws -> Void) throws {
        try write(disassembly(limit: nil))
        for core in cores {
            try write("\n")
            try write(disassembly(core: core.core, limit: nil) ?? "")
        }
    }
}

extension [CoreUsage]: WrittenValue {
    package func write(_ write: (String) throws -> Void) throws {
        for (index, usage) in enumerated() {
            try write("table \(index): \(usage.neurons) neurons, \(usage.axonsIn) axons in, ")
            try write("\(usage.rows) rows, \(usage.synapses) synapses, ")
            try write("\(usage.plasticSynapses) of them plastic, \(usage.rules) rules, ")
            try write("\(usage.synapseBytes) bytes, \(usage.axonsOut) routes out\n")
        }
    }
}
