import ChipSpec
import Events
import FixedPoint
import Interconnect
import Report

/// A chip spec as a page for a terminal.
struct ChipCard {
    let chip: ChipSpec
    /// Columns of the terminal; longer texts are broken.
    let width: Int

    /// Rows under a heading: what it is, and how it is on this chip.
    private typealias Rows = [(name: String, value: String)]

    var text: String {
        let title = broken("\(chip.name): \(chip.summary)", after: 0).joined(separator: "\n")
        let facts = [
            block("Geometry", geometry), block("A core holds", core), block("Synapses", synapses),
            block("Dendrites", dendrites), block("Somas", somas), block("Learning", learning),
            block("Interconnect", interconnect), block("Time", time), block("Mismatch", mismatch),
        ]
        let tables = chip.energyTables.enumerated().map { energy($1, isDefault: $0 == 0) }
        let digest = "Digest\n  \(chip.digest)"
        return ([title] + facts + tables + [gaps, digest]).joined(separator: "\n\n")
    }

    // MARK: - Facts

    private var geometry: Rows {
        let mesh = chip.mesh
        return [
            (
                "tiles",
                "\(Format.count(mesh.width)) × \(Format.count(mesh.height)), "
                    + "\(many(mesh.coresPerTile, "core")) each"
            ), ("cores", Format.count(mesh.coreCount)),
            ("neurons", Format.count(mesh.coreCount * chip.core.neurons)),
        ]
    }

    private var core: Rows {
        let core = chip.core
        let synapse = chip.synapse
        let rows = synapse.bytesPerRowHeader
        let isDearer =
            chip.learning != nil && synapse.bytesPerPlasticSynapse != synapse.bytesPerSynapse
        return [
            ("neurons", Format.count(core.neurons)), ("axons in", Format.count(core.axonsIn)),
            ("routes out", Format.count(core.axonsOut)),
            ("synapse memory", "\(Format.count(core.synapseMemoryInBytes)) bytes"),
            (
                "a synapse takes",
                "\(many(synapse.bytesPerSynapse, "byte"))"
                    + (isDearer ? ", \(synapse.bytesPerPlasticSynapse) if plastic" : "")
                    + (rows == 0 ? "" : "; a row of them \(rows) more")
                    + (synapse.hasSharedKernels ? "; kernels are held once" : "")
            ),
        ]
    }

    private var synapses: Rows {
        let synapse = chip.synapse
        let shift = synapse.exponentShift == .perSum ? "shifting the sum" : "shifting each weight"
        var rows: Rows = [("weights", "\(many(synapse.weightBits, "bit"))\(weights)")]
        if synapse.hiddenWeightBits > 0 {
            rows.append(("hidden", "\(many(synapse.hiddenWeightBits, "bit")) below, if plastic"))
        }
        if synapse.hasSignModes {
            rows.append(("dropped bits", "rounded \(words(synapse.weightTruncation.rawValue))"))
        }
        switch synapse.weightPlanes {
        case .bits: rows.append(("planes", "a bit of the weight for each type of axon"))
        case .signs: rows.append(("planes", "an axon carries weights of one sign"))
        case nil: break
        }
        let range = span(synapse.minimumExponent, synapse.maximumExponent)
        let exponents =
            synapse.minimumExponent == synapse.maximumExponent ? "none" : "\(range), \(shift)"
        rows.append(("exponents", exponents))
        rows.append(("delays", counted(1, synapse.maximumDelayInSteps, "step")))
        return rows
    }

    private var weights: String {
        let synapse = chip.synapse
        func text(_ mode: SignMode) -> String {
            let (range, step) = synapse.weightRange(mode)
            return span(range.lowerBound, range.upperBound) + (step > 1 ? " by \(step)" : "")
        }
        guard synapse.hasSignModes else { return ", sign included: \(text(.mixed))" }
        return ": \(text(.mixed)) if signs are mixed, else \(text(.excitatory)) or "
            + text(.inhibitory)
    }

    private var dendrites: Rows {
        [
            ("accumulator", register(chip.dendrite.accumulator)),
            ("compartments", counted(1, chip.dendrite.maximumCompartments, "") + " a neuron"),
        ]
    }

    private var somas: Rows {
        let soma = chip.soma
        let current = soma.current.map { format in
            register(format) + (soma.hasCurrentBias ? ", with a bias of its own" : "")
        }
        return [
            ("models", list(soma.models.map(\.rawValue))),
            ("membrane potential", register(soma.membrane)),
            ("synaptic current", current ?? "none"),
            ("input", shifted("the accumulator", soma.accumulatorShift)),
            (
                "decays",
                "\(many(soma.decayBits, "bit")), rounded \(words(soma.decayRounding.rawValue))"
            ), ("threshold", shifted(many(soma.thresholdBits, "bit"), soma.thresholdShift)),
            (
                "bias",
                "\(many(soma.biasMantissaBits, "bit")), sign included"
                    + (soma.biasMaximumExponent == 0
                        ? "" : ", times 2^(\(span(0, soma.biasMaximumExponent)))")
            ),
            (
                "reset",
                list(soma.resetRules.map(\.rawValue))
                    + (soma.hasResetPotential ? ", with a reset potential" : "")
            ), ("refractory counter", bits(soma.refractoryBits)),
            ("noise", bits(soma.noiseBits)),
        ]
    }

    private var learning: Rows {
        guard let learning = chip.learning else { return [("engine", "none")] }
        let window = learning.longestWindowInSteps
        var extras: [String] = []
        if learning.hasHomeostasis { extras.append("rate control") }
        if learning.hasGainServo { extras.append("gain servo") }
        return [
            ("engine", learning.engine.rawValue),
            ("rules may read", list(learning.registers.map(\.rawValue))),
            (
                "learning traces",
                "\(many(learning.traceBits, "bit")), times a factor of "
                    + "\(many(learning.traceDecayBits, "bit")) a step, rounded "
                    + words(learning.traceRounding.rawValue)
            ), ("weight updates", "rounded \(words(learning.weightRounding.rawValue))"),
            ("spikes of one step", tie(learning.tieRule)),
            (
                "time of a spike",
                learning.timestamp == .soma ? "when its soma spikes" : "when it arrives"
            ),
            ("longest window", window == 0 ? "none on last spikes" : many(window, "step")),
            ("learning epoch", counted(1, learning.longestEpochInSteps, "step")),
            (
                "a rule has",
                "at most \(many(learning.maximumProducts, "product")); "
                    + "a core at most \(many(learning.maximumRules, "rule"))"
            ), ("besides", list(extras)),
            (
                "attenuation",
                learning.longestAttenuation == 0
                    ? "none" : "shifts of \(span(0, learning.longestAttenuation)) while aligning"
            ),
        ]
    }

    private func tie(_ rule: TieRule) -> String {
        switch rule {
        case .exclude: "do not see each other (exclude)"
        case .include: "see each other (include)"
        case .preFirst: "the presynaptic one comes first (preFirst)"
        case .postFirst: "the postsynaptic one comes first (postFirst)"
        }
    }

    private var interconnect: Rows {
        let links = chip.interconnect
        let topology =
            links.topology == .tree
            ? "tree, \(links.branching) children a router" : links.topology.rawValue
        let full = links.whenFull == .stall ? "senders wait" : "packets are lost"
        return [
            ("topology", topology),
            ("tiles go by", links.tileOrder == .rows ? "rows" : "columns"),
            (
                "casting",
                links.casting == .unicast
                    ? "unicast: a packet for each core" : "multicast: routers copy packets"
            ),
            (
                "packet on a link",
                Quantity(links.packetInNanoseconds.map { $0 * 1e-9 }, "s").description
            ),
            (
                "queue of a link",
                links.queueInPackets.map { "\(many($0, "packet")), then \(full)" }
                    ?? "without bound"
            ),
        ]
    }

    private var time: Rows {
        let step = Format.si(chip.time.step.seconds, "s")
        let model = "\(StepClock.standardModel(of: chip).rawValue), unless --timing says otherwise"
        switch chip.time.mode {
        case .realTime:
            return [
                ("mode", "real time"), ("step", "\(step), always"), ("timing model", model),
            ]
        case .barrier:
            return [
                ("mode", "barrier"),
                ("step", "as long as the slowest core; called \(step) in recordings"),
                ("timing model", model),
            ]
        }
    }

    private var mismatch: Rows {
        [
            ("distribution", words(chip.mismatch.distribution.rawValue)),
            ("parameters", list(chip.mismatch.parameters.map(\.rawValue))),
        ]
    }

    // MARK: - Prices and gaps

    private func energy(_ prices: EnergyTable, isDefault: Bool) -> String {
        var table = TextTable([
            .init("action"), .init("energy", alignment: .right),
            .init("time", alignment: .right), .init("provenance"),
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
                "barrier from \(many(barrier.tiles, "tile")) on", "",
                Format.si(barrier.latencyInNanoseconds * 1e-9, "s"), "",
            ])
        }
        let title = "Energy table \(prices.name)\(isDefault ? " (the default)" : "")"
        let source = broken(prices.source, after: 2).map { "  \($0)" }
        let rows = table.text.split(separator: "\n").map { "  \($0)" }
        return ([title] + source + rows).joined(separator: "\n")
    }

    private var gaps: String {
        guard !chip.knownGaps.isEmpty else { return "Known gaps\n  none" }
        let lines = chip.knownGaps.flatMap { gap in
            broken(gap, after: 4).enumerated().map { ($0 == 0 ? "  - " : "    ") + $1 }
        }
        return (["Known gaps"] + lines).joined(separator: "\n")
    }

    // MARK: - Words

    private func block(_ title: String, _ rows: Rows) -> String {
        // One width for all blocks, so that the values stand in one column.
        let column = 22
        let lines = rows.flatMap { name, value in
            let label = "  \(name)" + String(repeating: " ", count: max(1, column - 2 - name.count))
            return broken(value, after: column).enumerated().map {
                ($0 == 0 ? label : String(repeating: " ", count: column)) + $1
            }
        }
        return ([title] + lines).joined(separator: "\n")
    }

    /// Lines of a text that fit beside an indentation.
    private func broken(_ text: String, after indentation: Int) -> [String] {
        let room = max(40, width - indentation)
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= room {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    private func register(_ format: RegisterFormat) -> String {
        "\(many(format.bits, "bit"))"
            + (format.fractionBits == 0 ? "" : ", \(format.fractionBits) of them fraction")
            + (format.overflow == .saturate ? ", saturating" : ", wrapping")
    }

    private func shifted(_ what: String, _ shift: Int) -> String {
        shift == 0 ? what : "\(what), shifted left by \(shift)"
    }

    private func bits(_ count: Int) -> String { count == 0 ? "none" : many(count, "bit") }

    private func many(_ count: Int, _ noun: String) -> String {
        "\(Format.count(count)) \(noun)\(count == 1 ? "" : "s")"
    }

    /// `1 step` or `1 … 62 steps`.
    private func counted(_ first: Int, _ last: Int, _ noun: String) -> String {
        guard !noun.isEmpty else { return span(first, last) }
        return first == last ? many(first, noun) : "\(span(first, last)) \(noun)s"
    }

    private func span(_ first: Int, _ last: Int) -> String {
        first == last ? "\(first)" : "\(first) … \(last)".replacing("-", with: "−")
    }

    private func list(_ words: [String]) -> String {
        words.isEmpty ? "none" : words.joined(separator: ", ")
    }

    /// `towardZero` as people say it.
    private func words(_ name: String) -> String {
        switch name {
        case "floor": "down"
        case "towardZero": "toward zero"
        case "nearest": "to nearest"
        case "stochastic": "at random"
        case "logNormal": "log-normal"
        default: name
        }
    }
}
