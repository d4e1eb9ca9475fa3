public import Events
import FixedPoint

extension ChipSpec {
    /// The spec as JSON with sorted keys: what the digest is over and what images embed.
    ///
    /// It has the keys of a YAML chip spec, so `docs/schemas/chip.schema.json` describes it too. The
    /// same spec gives the same bytes on every machine.
    ///
    /// - Returns: UTF-8, without white space.
    public func canonicalJSON() -> [UInt8] { json.bytes }

    /// Reads a spec that `canonicalJSON` wrote, and validates it again.
    ///
    /// - Parameters:
    ///   - canonicalJSON: The bytes.
    ///   - path: Path the errors name, for example that of the image they are from.
    /// - Throws: `ChipSpecError`.
    public init(canonicalJSON: [UInt8], path: String) throws {
        // JSON in UTF-8 is YAML.
        self = try ChipSpec.load(yaml: canonicalJSON, path: path)
    }

    /// SHA-256 of `canonicalJSON`: the identity of the chip, whatever its file looks like.
    public var digest: Digest { Digest(of: canonicalJSON()) }

    private var json: CanonicalJSON {
        var entries: [String: CanonicalJSON] = [
            "name": .text(name),
            "summary": .text(summary),
            "mesh": .object([
                "width": .integer(mesh.width),
                "height": .integer(mesh.height),
                "coresPerTile": .integer(mesh.coresPerTile),
            ]),
            "core": .object([
                "neurons": .integer(core.neurons),
                "axonsIn": .integer(core.axonsIn),
                "axonsOut": .integer(core.axonsOut),
                "synapseMemoryInBytes": .integer(core.synapseMemoryInBytes),
            ]),
            "synapse": synapse.json,
            "dendrite": .object([
                "accumulator": dendrite.accumulator.json,
                "maximumCompartments": .integer(dendrite.maximumCompartments),
            ]),
            "soma": soma.json,
            "time": .object([
                "mode": .text(time.mode.rawValue),
                "stepInMicroseconds": .text(time.stepInMicroseconds),
            ]),
            "mismatch": .object([
                "distribution": .text(mismatch.distribution.rawValue),
                "parameters": .list(mismatch.parameters.map { .text($0.rawValue) }),
            ]),
            "energyTables": .list(energyTables.map(\.json)),
            "knownGaps": .list(knownGaps.map { .text($0) }),
        ]
        if interconnect != .standard { entries["interconnect"] = interconnect.json }
        if let learning {
            entries["learning"] = learning.json
        }
        return .object(entries)
    }
}

extension LearningSpec {
    fileprivate var json: CanonicalJSON {
        .object([
            "engine": .text(engine.rawValue),
            "registers": .list(registers.map { .text($0.rawValue) }),
            "traceBits": .integer(traceBits),
            "traceRounding": .text(traceRounding.rawValue),
            "traceDecayBits": .integer(traceDecayBits),
            "weightRounding": .text(weightRounding.rawValue),
            "tieRule": .text(tieRule.rawValue),
            "timestamp": .text(timestamp.rawValue),
            "longestWindowInSteps": .integer(longestWindowInSteps),
            "longestEpochInSteps": .integer(longestEpochInSteps),
            "maximumProducts": .integer(maximumProducts),
            "maximumRules": .integer(maximumRules),
            "hasHomeostasis": .flag(hasHomeostasis),
            "hasGainServo": .flag(hasGainServo),
            "longestAttenuation": .integer(longestAttenuation),
        ])
    }
}

extension SynapseSpec {
    fileprivate var json: CanonicalJSON {
        var entries: [String: CanonicalJSON] = [
            "weightBits": .integer(weightBits),
            "hasSignModes": .flag(hasSignModes),
            "hiddenWeightBits": .integer(hiddenWeightBits),
            "weightTruncation": .text(weightTruncation.rawValue),
            "exponentShift": .text(exponentShift.rawValue),
            "minimumExponent": .integer(minimumExponent),
            "maximumExponent": .integer(maximumExponent),
            "maximumDelayInSteps": .integer(maximumDelayInSteps),
            "bytesPerSynapse": .integer(bytesPerSynapse),
            "bytesPerPlasticSynapse": .integer(bytesPerPlasticSynapse),
            "bytesPerRowHeader": .integer(bytesPerRowHeader),
        ]
        if let weightPlanes { entries["weightPlanes"] = .text(weightPlanes.rawValue) }
        if hasSharedKernels { entries["hasSharedKernels"] = .flag(true) }
        return .object(entries)
    }
}

extension SomaSpec {
    fileprivate var json: CanonicalJSON {
        var entries: [String: CanonicalJSON] = [
            "models": .list(models.map { .text($0.rawValue) }),
            "membrane": membrane.json,
            "accumulatorShift": .integer(accumulatorShift),
            "decayBits": .integer(decayBits),
            "decayRounding": .text(decayRounding.rawValue),
            "thresholdBits": .integer(thresholdBits),
            "thresholdShift": .integer(thresholdShift),
            "biasMantissaBits": .integer(biasMantissaBits),
            "biasMaximumExponent": .integer(biasMaximumExponent),
            "hasCurrentBias": .flag(hasCurrentBias),
            "resetRules": .list(resetRules.map { .text($0.rawValue) }),
            "hasResetPotential": .flag(hasResetPotential),
            "refractoryBits": .integer(refractoryBits),
            "noiseBits": .integer(noiseBits),
        ]
        if let current { entries["current"] = current.json }
        return .object(entries)
    }
}

extension RegisterFormat {
    fileprivate var json: CanonicalJSON {
        .object([
            "bits": .integer(bits),
            "isSigned": .flag(isSigned),
            "fractionBits": .integer(fractionBits),
            "overflow": .text(overflow.rawValue),
        ])
    }
}

extension TimeSpec {
    /// The step as a whole number of microseconds or a ratio such as `1/3`, exactly.
    fileprivate var stepInMicroseconds: String {
        let perSecond = TimeBase(numerator: 1_000_000, denominator: step.denominator)
        // A valid step is at most 1000 s, that is 10^9, so the product cannot overflow.
        let microseconds = TimeBase(
            numerator: max(1, step.numerator &* perSecond.numerator),
            denominator: perSecond.denominator
        )
        return microseconds.denominator == 1
            ? String(microseconds.numerator)
            : "\(microseconds.numerator)/\(microseconds.denominator)"
    }
}

extension EnergyTable {
    fileprivate var json: CanonicalJSON {
        var priceList: [String: CanonicalJSON] = [:]
        for price in prices {
            priceList[price.action.name] = .object([
                "energyInPicojoules": price.energyInPicojoules.json,
                "latencyInNanoseconds": price.latencyInNanoseconds.json,
                "provenance": .text(price.provenance.rawValue),
            ])
        }
        var entries: [String: CanonicalJSON] = [
            "name": .text(name),
            "source": .text(source),
            "prices": .object(priceList),
            "staticPowerInMilliwatts": staticPowerInMilliwatts.json,
            "staticPowerProvenance": .text(staticPowerProvenance.rawValue),
        ]
        if !barrier.isEmpty {
            entries["barrier"] = .list(
                barrier.map { time in
                    .object([
                        "tiles": .integer(time.tiles),
                        "latencyInNanoseconds": .number(time.latencyInNanoseconds),
                    ])
                }
            )
        }
        return .object(entries)
    }
}

extension Double? {
    fileprivate var json: CanonicalJSON { map { .number($0) } ?? .text("unknown") }
}
