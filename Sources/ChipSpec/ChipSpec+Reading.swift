import Events
import FixedPoint

// Ranges here, together with those of an image's exponents (-8...7), are what `docs/NUMERICS.md`
// relies on: charges within -2^15..<2^15 (weight bits and largest exponent add up to 16 at most), accumulators of at most 32 + 6 bits (mismatch), eight compartments
// shifted by at most 7 and again by at most 16 stay below 2^61; decay products below 2^44;
// thresholds and biases fit 32 bits.

extension ChipSpec {
    init(reading section: SpecSection) throws(ChipSpecError) {
        name = try section.name("name")
        summary = try section.text("summary", atMost: 500)
        mesh = try MeshSpec(reading: section.section("mesh", known: SpecKeys.mesh))
        interconnect =
            section.has("interconnect")
            ? try InterconnectSpec(
                reading: section.section("interconnect", known: SpecKeys.interconnect)
            ) : .standard
        core = try CoreSpec(reading: section.section("core", known: SpecKeys.core))
        synapse = try SynapseSpec(reading: section.section("synapse", known: SpecKeys.synapse))
        dendrite = try DendriteSpec(reading: section.section("dendrite", known: SpecKeys.dendrite))
        soma = try SomaSpec(reading: section.section("soma", known: SpecKeys.soma))
        learning =
            section.has("learning")
            ? try LearningSpec(reading: section.section("learning", known: SpecKeys.learning)) : nil
        time = try TimeSpec(reading: section.section("time", known: SpecKeys.time))
        mismatch = try MismatchSpec(reading: section.section("mismatch", known: SpecKeys.mismatch))
        energyTables = []
        for table in try section.sections(
            "energyTables",
            known: SpecKeys.energyTable,
            count: 1...16
        ) {
            let name = try table.name("name")
            guard !energyTables.contains(where: { $0.name == name }) else {
                throw table.refusal(
                    "name",
                    "It must differ from the names of the other tables.",
                    "Rename one of them."
                )
            }
            energyTables.append(try EnergyTable(reading: table, mode: time.mode))
        }
        knownGaps = try section.texts("knownGaps", atMost: 1000)
        try refuseUnlessDigital(section)
        guard learning == nil || synapse.weightBits <= 9 else {
            // Sums of squares of weight registers stay below 2^63 (gain servo) with these.
            throw try section.section("synapse", known: SpecKeys.synapse).refusal(
                "weightBits",
                "It must be 9 or less on a chip that learns.",
                "Lower it, or delete the section learning."
            )
        }
    }
}

extension LearningSpec {
    init(reading section: SpecSection) throws(ChipSpecError) {
        engine = try section.choice("engine")
        registers = try section.choices("registers", atLeast: 1)
        traceBits = try section.integer(
            "traceBits",
            in: 1...16,
            advice: "Leave out the section for a chip that does not learn."
        )
        traceRounding = try section.choice("traceRounding")
        traceDecayBits = try section.integer(
            "traceDecayBits",
            in: 1...16,
            advice: "Wider decays of learning traces are not emulated; use 16."
        )
        weightRounding = try section.choice("weightRounding")
        tieRule = try section.choice("tieRule")
        timestamp = try section.choice("timestamp")
        longestWindowInSteps = try section.integer(
            "longestWindowInSteps",
            in: 0...255,
            advice: "Use 0 for an engine without last-spike registers."
        )
        longestEpochInSteps = try section.integer(
            "longestEpochInSteps",
            in: 1...63,
            advice: "Use 1 for an engine that works at every step."
        )
        maximumProducts = try section.integer("maximumProducts", in: 1...64, advice: "Use 64.")
        maximumRules = try section.integer("maximumRules", in: 1...64, advice: "Use 64.")
        hasHomeostasis = try section.flag("hasHomeostasis")
        hasGainServo = try section.flag("hasGainServo")
        guard engine == .pilot || !hasGainServo else {
            throw section.refusal(
                "hasGainServo",
                "It must be no: the engine \(engine.rawValue) has no gain servo.",
                "Write no, or choose the engine pilot."
            )
        }
        longestAttenuation = try section.integer(
            "longestAttenuation",
            in: 0...15,
            advice: "Use 0 for a chip that cannot shift a dendritic sum."
        )
    }
}

extension MeshSpec {
    init(reading section: SpecSection) throws(ChipSpecError) {
        let advice = "Model a part of the chip, or several tiles as one."
        width = try section.integer("width", in: 1...256, advice: advice)
        height = try section.integer("height", in: 1...256, advice: advice)
        coresPerTile = try section.integer("coresPerTile", in: 1...64, advice: advice)
    }
}

extension CoreSpec {
    init(reading section: SpecSection) throws(ChipSpecError) {
        let advice = "Model a larger core as several cores of one tile."
        neurons = try section.integer("neurons", in: 1...65_536, advice: advice)
        axonsIn = try section.integer("axonsIn", in: 1...65_536, advice: advice)
        axonsOut = try section.integer("axonsOut", in: 1...(1 << 20), advice: advice)
        synapseMemoryInBytes = try section.integer(
            "synapseMemoryInBytes",
            in: 1...(1 << 30),
            advice: advice
        )
    }
}

extension SynapseSpec {
    init(reading section: SpecSection) throws(ChipSpecError) {
        hasSignModes = try section.flag("hasSignModes")
        weightBits = try section.integer(
            "weightBits",
            in: hasSignModes ? 1...8 : 2...16,
            advice: hasSignModes
                ? "With sign modes the sign is not counted: 8 bits are the weights -256...254."
                : "The sign is one of the bits: 9 bits are the weights -256...255."
        )
        hiddenWeightBits = try section.integer(
            "hiddenWeightBits",
            in: 0...8,
            advice: "Use 0 for a chip without plastic synapses."
        )
        weightTruncation = try section.choice("weightTruncation")
        exponentShift = try section.choice("exponentShift")
        minimumExponent = try section.integer(
            "minimumExponent",
            in: -8...0,
            advice: "Use 0 for a chip that shifts weights to the left only."
        )
        maximumExponent = try section.integer(
            "maximumExponent",
            in: 0...min(7, 16 - weightBits),
            advice: "Use 0 for a chip without exponents; soma.accumulatorShift serves all weights. "
                + "Bits and exponent together are at most 16."
        )
        maximumDelayInSteps = try section.integer(
            "maximumDelayInSteps",
            in: 1...62,
            advice: "The shortest delay is 1: a spike of one step arrives in the next."
        )
        let advice = "Round up to whole bytes; it says how many synapses fit a core."
        bytesPerSynapse = try section.integer("bytesPerSynapse", in: 1...64, advice: advice)
        bytesPerPlasticSynapse = try section.integer(
            "bytesPerPlasticSynapse",
            in: 1...64,
            advice: advice
        )
        bytesPerRowHeader = try section.integer("bytesPerRowHeader", in: 0...64, advice: advice)
        weightPlanes = section.has("weightPlanes") ? try section.choice("weightPlanes") : nil
        hasSharedKernels =
            section.has("hasSharedKernels") ? try section.flag("hasSharedKernels") : false
    }
}

extension DendriteSpec {
    init(reading section: SpecSection) throws(ChipSpecError) {
        accumulator = try RegisterFormat(reading: section, "accumulator")
        maximumCompartments = try section.integer(
            "maximumCompartments",
            in: 1...8,
            advice: "Use 1 for point neurons."
        )
    }
}

extension RegisterFormat {
    /// Reads a signed register: the arithmetic knows no other yet.
    init(reading parent: SpecSection, _ name: String) throws(ChipSpecError) {
        let section = try parent.section(name, known: SpecKeys.register)
        let bits = try section.integer(
            "bits",
            in: 2...32,
            advice: "Wider registers are not emulated; use 32."
        )
        guard try section.flag("isSigned") else {
            throw section.refusal(
                "isSigned",
                "It must be yes: charges and potentials have both signs.",
                "Use a signed register one bit wider."
            )
        }
        self.init(
            bits: bits,
            isSigned: true,
            fractionBits: try section.integer(
                "fractionBits",
                in: 0...bits,
                advice: "It says what a raw 1 is worth in reports; use 0 for integers."
            ),
            overflow: try section.choice("overflow")
        )
    }
}

extension SomaSpec {
    init(reading section: SpecSection) throws(ChipSpecError) {
        models = try section.choices("models", atLeast: 1)
        membrane = try RegisterFormat(reading: section, "membrane")
        current =
            section.has("current") ? try RegisterFormat(reading: section, "current") : nil
        accumulatorShift = try section.integer(
            "accumulatorShift",
            in: 0...16,
            advice: "Use 0 for a chip that adds accumulators as they are."
        )
        decayBits = try section.integer(
            "decayBits",
            in: 1...12,
            advice: "Wider decays are not emulated; use 12."
        )
        decayRounding = try section.choice(
            "decayRounding",
            among: [.floor, .towardZero, .nearest],
            advice: "Stochastic rounding of decays is not emulated."
        )
        thresholdShift = try section.integer(
            "thresholdShift",
            in: 0...min(16, membrane.bits - 2),
            advice: "A threshold, shift included, must fit the membrane register."
        )
        thresholdBits = try section.integer(
            "thresholdBits",
            in: 1...(membrane.bits - 1 - thresholdShift),
            advice: "A threshold, shift included, must fit the positive half of soma.membrane."
        )
        biasMantissaBits = try section.integer(
            "biasMantissaBits",
            in: 2...31,
            advice: "The sign is one of the bits."
        )
        biasMaximumExponent = try section.integer(
            "biasMaximumExponent",
            in: 0...min(16, 32 - biasMantissaBits),
            advice: "A bias, exponent included, must fit 32 bits."
        )
        hasCurrentBias = try section.flag("hasCurrentBias")
        resetRules = try section.choices("resetRules", atLeast: 1)
        hasResetPotential = try section.flag("hasResetPotential")
        refractoryBits = try section.integer(
            "refractoryBits",
            in: 0...8,
            advice: "Use 0 for a soma without a refractory period."
        )
        noiseBits = try section.integer(
            "noiseBits",
            in: 0...16,
            advice: "Use 0 for a soma without noise."
        )
        if hasCurrentBias, current == nil {
            throw section.refusal(
                "hasCurrentBias",
                "It must be no where soma.current is absent.",
                "Add soma.current, or write no."
            )
        }
        if models.contains(.cubaLIF) { try refuseUnlessLoihi(section) }
    }

    /// The arithmetic of `cubaLIF` is Loihi's to the bit, so its registers are Loihi's.
    private func refuseUnlessLoihi(_ section: SpecSection) throws(ChipSpecError) {
        let advice = "Remove cubaLIF from soma.models, or take Loihi's width."
        func refusal(_ name: String, _ limit: String) -> ChipSpecError {
            section.refusal(name, "\(limit) where soma.models has cubaLIF.", advice)
        }
        guard membrane.bits == 24 else { throw refusal("membrane", "It must have 24 bits") }
        guard current?.bits == 24 else { throw refusal("current", "It must have 24 bits") }
        guard decayBits == 12 else { throw refusal("decayBits", "It must be 12") }
        guard accumulatorShift == 6 else { throw refusal("accumulatorShift", "It must be 6") }
        guard resetRules.contains(.zero) else {
            throw refusal("resetRules", "It must list zero")
        }
    }
}

extension TimeSpec {
    init(reading section: SpecSection) throws(ChipSpecError) {
        mode = try section.choice("mode")
        let limit = "It must lie in 0.001...1000000000."
        let (top, bottom) = try section.ratio("stepInMicroseconds", limit)
        let microseconds = Double(top) / Double(bottom)
        let (denominator, overflow) = bottom.multipliedReportingOverflow(by: 1_000_000)
        guard (0.001...1e9).contains(microseconds), !overflow else {
            throw section.refusal("stepInMicroseconds", limit, "Check the unit: microseconds.")
        }
        step = TimeBase(numerator: top, denominator: denominator)
    }
}

extension MismatchSpec {
    init(reading section: SpecSection) throws(ChipSpecError) {
        distribution = try section.choice("distribution")
        parameters = try section.choices("parameters", atLeast: 0)
    }
}

extension EnergyTable {
    init(reading section: SpecSection, mode: StepMode) throws(ChipSpecError) {
        name = try section.name("name")
        source = try section.text("source", atMost: 500)
        let list = try section.section("prices", known: SpecKeys.prices)
        prices = []
        for action in Action.allCases where list.has(action.name) {
            prices.append(
                try ActionPrice(
                    reading: list.section(action.name, known: SpecKeys.price),
                    action: action
                )
            )
        }
        staticPowerInMilliwatts = try section.price("staticPowerInMilliwatts", atMost: 1e9)
        staticPowerProvenance = try Self.provenance(
            section,
            "staticPowerProvenance",
            isKnown: staticPowerInMilliwatts != nil
        )
        barrier = []
        guard section.has("barrier") else { return }
        for entry in try section.sections("barrier", known: SpecKeys.barrier, count: 0...64) {
            guard mode == .barrier else {
                throw section.refusal(
                    "barrier",
                    "It must be absent where time.mode is realTime.",
                    "Delete it, or write 'mode: barrier'."
                )
            }
            let time = try BarrierTime(reading: entry, after: barrier.last?.tiles ?? 0)
            barrier.append(time)
        }
    }

    /// A provenance that agrees with its price: unknown if and only if the price is.
    fileprivate static func provenance(_ section: SpecSection, _ name: String, isKnown: Bool)
        throws(ChipSpecError) -> Provenance
    {
        let provenance: Provenance = try section.choice(name)
        guard (provenance != .unknown) == isKnown else {
            throw section.refusal(
                name,
                isKnown
                    ? "It must say where the number is from: published, fitted or assumed."
                    : "It must be unknown, as the price is.",
                "Correct one of the two."
            )
        }
        return provenance
    }
}

extension ActionPrice {
    init(reading section: SpecSection, action: Action) throws(ChipSpecError) {
        self.action = action
        energyInPicojoules = try section.price("energyInPicojoules", atMost: 1e12)
        latencyInNanoseconds = try section.price("latencyInNanoseconds", atMost: 1e12)
        provenance = try EnergyTable.provenance(
            section,
            "provenance",
            isKnown: energyInPicojoules != nil
        )
    }
}

extension BarrierTime {
    init(reading section: SpecSection, after previous: Int) throws(ChipSpecError) {
        tiles = try section.integer(
            "tiles",
            in: min(previous + 1, 65_536)...65_536,
            advice: "List the entries by ascending number of tiles."
        )
        guard tiles > previous else {
            throw section.refusal(
                "tiles",
                "It must be larger than that of the entry before.",
                "Delete the entry."
            )
        }
        guard let latency = try section.price("latencyInNanoseconds", atMost: 1e12) else {
            throw section.refusal(
                "latencyInNanoseconds",
                "It must be a number.",
                "Delete the entry: without entries the barrier time is unknown."
            )
        }
        latencyInNanoseconds = latency
    }
}
