import ChipSpec
import Events
import FixedPoint
import Report

/// A chip spec as a page for a terminal.
struct ChipCard {
    let chip: ChipSpec

    var text: String {
        let parts = [
            "\(chip.name): \(chip.summary)", facts.text, "",
        ]
        let tables = chip.energyTables.map { energyText($0) }
        let gaps = ["Known gaps:"] + chip.knownGaps.map { "- \($0)" }
        return (parts + tables + gaps).joined(separator: "\n")
    }

    private var facts: TextTable {
        var table = TextTable([.init("property"), .init("value")])
        let mesh = chip.mesh
        let core = chip.core
        let synapse = chip.synapse
        let soma = chip.soma
        table.append([
            "cores",
            "\(Format.count(mesh.coreCount)): \(mesh.width) × \(mesh.height) tiles of "
                + "\(mesh.coresPerTile)",
        ])
        table.append([
            "a core holds",
            "\(Format.count(core.neurons)) neurons, \(Format.count(core.axonsIn)) axons in, "
                + "\(Format.count(core.axonsOut)) routes out",
        ])
        table.append([
            "synapse memory",
            "\(Format.count(core.synapseMemoryInBytes)) bytes a core; \(synapse.bytesPerSynapse) a "
                + "synapse (\(synapse.bytesPerPlasticSynapse) plastic), "
                + "\(synapse.bytesPerRowHeader) a row",
        ])
        table.append(["weights", weights])
        table.append([
            "exponents",
            "\(synapse.minimumExponent) … \(synapse.maximumExponent), shifting "
                + (synapse.exponentShift == .perSum ? "sums" : "each weight"),
        ])
        table.append(["delays", "1 … \(synapse.maximumDelayInSteps) steps"])
        table.append([
            "accumulator",
            "\(text(chip.dendrite.accumulator)), up to \(chip.dendrite.maximumCompartments) "
                + "compartments a neuron",
        ])
        table.append(["neuron models", soma.models.map(\.rawValue).joined(separator: ", ")])
        table.append(["membrane potential", text(soma.membrane)])
        table.append(["synaptic current", soma.current.map(text) ?? "none"])
        table.append(["decays", "\(soma.decayBits) bits, rounding \(soma.decayRounding.rawValue)"])
        table.append([
            "threshold", "\(soma.thresholdBits) bits, shifted left by \(soma.thresholdShift)",
        ])
        table.append([
            "bias", "\(soma.biasMantissaBits) bits · 2^(0 … \(soma.biasMaximumExponent))",
        ])
        table.append(["resets", soma.resetRules.map(\.rawValue).joined(separator: ", ")])
        if let learning = chip.learning {
            table.append(["learning traces", "\(learning.traceBits) bits"])
        }
        table.append(["time step", step])
        table.append([
            "mismatch",
            "\(chip.mismatch.distribution.rawValue) on "
                + chip.mismatch.parameters.map(\.rawValue).joined(separator: ", "),
        ])
        return table
    }

    private var weights: String {
        let synapse = chip.synapse
        func text(_ mode: SignMode) -> String {
            let (range, step) = synapse.weightRange(mode)
            let by = step > 1 ? " in steps of \(step)" : ""
            return "\(range.lowerBound) … \(range.upperBound)\(by)"
        }
        let hidden = synapse.hiddenWeightBits > 0 ? ", \(synapse.hiddenWeightBits) hidden" : ""
        guard synapse.hasSignModes else {
            return "\(synapse.weightBits) bits\(hidden): \(text(.mixed))"
        }
        return "\(synapse.weightBits) bits\(hidden): mixed \(text(.mixed)), excitatory "
            + "\(text(.excitatory)), inhibitory \(text(.inhibitory))"
    }

    private var step: String {
        switch chip.time.mode {
        case .realTime: "\(Format.si(chip.time.step.seconds, "s")) real time"
        case .barrier:
            "as long as the slowest core, then a barrier (labelled "
                + "\(Format.si(chip.time.step.seconds, "s")) in recordings)"
        }
    }

    private func text(_ format: RegisterFormat) -> String {
        "\(format.bits) bits, \(format.overflow == .saturate ? "saturating" : "wrapping")"
    }

    private func energyText(_ prices: EnergyTable) -> String {
        var table = TextTable([
            .init("action"), .init("energy", alignment: .right),
            .init("time", alignment: .right), .init("source"),
        ])
        for price in prices.prices {
            table.append([
                price.action.name,
                Quantity(price.energyInPicojoules.map { $0 * 1e-12 }, "J").description,
                Quantity(price.latencyInNanoseconds.map { $0 * 1e-9 }, "s").description,
                price.provenance.rawValue,
            ])
        }
        table.append([
            "static power",
            Quantity(prices.staticPowerInMilliwatts.map { $0 * 1e-3 }, "W").description,
            "",
            prices.staticPowerProvenance.rawValue,
        ])
        for barrier in prices.barrier {
            table.append([
                "barrier, \(barrier.tiles) tiles or more", "",
                Format.si(barrier.latencyInNanoseconds * 1e-9, "s"), "",
            ])
        }
        return "Energy table \(prices.name) (\(prices.source))\n\(table.text)"
    }
}
