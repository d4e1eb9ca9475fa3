package import ChipSpec
import Events
import FixedPoint
import Foundation

/// Chips whose every number differs from the template, within the ranges `ChipSpec` gives.
package enum RandomChip {
    /// Draws a chip.
    ///
    /// - Parameters:
    ///   - random: Source of the choices.
    ///   - isExtreme: Whether sums may come near the rails of 24-bit registers.
    ///   - learns: Whether the chip has a learning engine, and somas with random numbers.
    /// - Returns: Half of the chips can run `cubaLIF`: these have its 24-bit registers.
    static func make(_ random: inout SplitMix64, isExtreme: Bool, learns: Bool) -> ChipSpec {
        var chip = template
        chip.mesh.width = random.int(1...4)
        chip.mesh.height = random.int(1...3)
        chip.mesh.coresPerTile = random.int(1...4)
        chip.interconnect.topology = random.pick(InterconnectTopology.allCases)
        chip.interconnect.tileOrder = random.pick(TileOrder.allCases)
        chip.interconnect.casting = random.pick(PacketCasting.allCases)
        let branching = random.int(2...3)
        if chip.interconnect.topology == .tree { chip.interconnect.branching = branching }

        let hasSignModes = !learns && (isExtreme || random.chance(0.4))
        chip.synapse.hasSignModes = hasSignModes
        chip.synapse.weightBits = hasSignModes ? random.int(3...8) : random.int(2...9)
        chip.synapse.weightTruncation = random.pick(WeightTruncation.allCases)
        chip.synapse.exponentShift = random.pick(ExponentShift.allCases)
        chip.synapse.minimumExponent = random.int(-8...0)
        chip.synapse.maximumExponent = random.int(0...7)
        chip.synapse.maximumDelayInSteps = random.pick([1, 2, 5, 16, 62])

        if isExtreme {
            chip.synapse.weightBits = 8
            chip.synapse.maximumExponent = 7
        }
        let accumulatorBits = isExtreme ? 20...24 : random.chance(0.5) ? 8...11 : 8...24
        chip.dendrite.accumulator = RegisterFormat(
            bits: random.int(accumulatorBits),
            overflow: random.pick(OverflowRule.allCases)
        )
        chip.dendrite.maximumCompartments = random.int(1...4)

        let runsLoihi = random.chance(0.55)
        chip.soma.models = (runsLoihi ? [.cubaLIF] : []) + [.lif, .integrateAndFire, .li]
        chip.soma.membrane = RegisterFormat(
            bits: runsLoihi ? 24 : random.int(12...24),
            overflow: runsLoihi || random.chance(0.7) ? .saturate : .wrap
        )
        let current = RegisterFormat(
            bits: runsLoihi ? 24 : random.int(12...24),
            overflow: runsLoihi ? .wrap : random.pick(OverflowRule.allCases)
        )
        chip.soma.current = runsLoihi || random.chance(0.7) ? current : nil
        chip.soma.accumulatorShift = runsLoihi ? 6 : random.int(0...8)
        chip.soma.decayBits = runsLoihi ? 12 : random.int(3...12)
        chip.soma.decayRounding = random.pick([.floor, .towardZero, .nearest])
        chip.soma.thresholdShift = runsLoihi ? 6 : random.int(0...4)
        chip.soma.thresholdBits = chip.soma.membrane.bits - 1 - chip.soma.thresholdShift
        chip.soma.biasMantissaBits = random.int(4...13)
        chip.soma.biasMaximumExponent = random.int(0...7)
        chip.soma.hasCurrentBias = chip.soma.current != nil && random.chance(0.6)
        chip.soma.resetRules = random.pick([[.zero], [.zero, .subtract]])
        chip.soma.hasResetPotential = random.chance(0.5)
        chip.mismatch.distribution = random.pick(MismatchDistribution.allCases)
        if learns { addLearning(to: &chip, &random) } else { chip.learning = nil }
        return chip
    }

    private static func addLearning(to chip: inout ChipSpec, _ random: inout SplitMix64) {
        chip.synapse.weightBits = random.int(2...9)
        chip.synapse.hiddenWeightBits = random.int(0...8)
        chip.soma.models += chip.soma.current == nil ? [.noisyLIF] : [.noisyLIF, .sampling]
        chip.soma.refractoryBits = 8
        chip.soma.noiseBits = 16
        chip.mismatch.parameters = MismatchParameter.allCases
        chip.learning?.traceBits = random.int(4...16)
        chip.learning?.traceRounding =
            random.chance(0.4) ? .stochastic : random.pick(RoundingMode.allCases)
        chip.learning?.traceDecayBits = random.int(6...16)
        chip.learning?.weightRounding =
            random.chance(0.4) ? .stochastic : random.pick(RoundingMode.allCases)
        chip.learning?.tieRule = random.pick(TieRule.allCases)
        chip.learning?.timestamp = random.pick(PlasticityTimestamp.allCases)
    }

    /// A chip with the numbers of `pilot` where they concern learning: 8 + 8 weight bits, 7-bit
    /// learning traces, generic somas with 24-bit registers.
    ///
    /// - Returns: The chip.
    package static func pilotLike() -> ChipSpec {
        var chip = template
        chip.synapse.hasSignModes = false
        chip.synapse.exponentShift = .perSynapse
        chip.synapse.hiddenWeightBits = 8
        chip.dendrite.maximumCompartments = 2
        chip.soma.models = [.lif, .integrateAndFire, .li, .noisyLIF, .sampling]
        chip.soma.thresholdBits = 23
        chip.soma.thresholdShift = 0
        chip.soma.biasMantissaBits = 24
        chip.soma.biasMaximumExponent = 0
        chip.soma.refractoryBits = 8
        chip.soma.noiseBits = 16
        chip.mismatch.parameters = MismatchParameter.allCases
        return chip
    }

    /// A chip with Loihi's neuron and wide accumulators.
    ///
    /// - Parameter exponentShift: Whether rows or compartments have exponents.
    /// - Returns: The chip.
    package static func loihiLike(exponentShift: ExponentShift) -> ChipSpec {
        var chip = template
        chip.learning = nil
        chip.synapse.exponentShift = exponentShift
        return chip
    }

    /// The chip written below; its numbers are Loihi's where Loihi has such a number.
    private static var template: ChipSpec {
        do {
            return try JSONDecoder().decode(ChipSpec.self, from: Data(json.utf8))
        } catch {
            preconditionFailure("the template is a chip spec: \(error)")
        }
    }

    private static let json = """
        {
            "name": "random", "summary": "A chip of the tests.",
            "mesh": {"width": 2, "height": 2, "coresPerTile": 4},
            "interconnect": {
                "topology": "mesh", "tileOrder": "rows", "branching": 4, "casting": "unicast",
                "whenFull": "stall"
            },
            "core": {
                "neurons": 1024, "axonsIn": 65536, "axonsOut": 65536,
                "synapseMemoryInBytes": 16777216
            },
            "synapse": {
                "weightBits": 8, "hasSignModes": true, "hiddenWeightBits": 0,
                "weightTruncation": "floor", "exponentShift": "perSum",
                "minimumExponent": -8, "maximumExponent": 7, "maximumDelayInSteps": 62,
                "bytesPerSynapse": 4, "bytesPerPlasticSynapse": 6, "bytesPerRowHeader": 8
            },
            "dendrite": {
                "accumulator": {
                    "bits": 32, "isSigned": true, "fractionBits": 0, "overflow": "saturate"
                },
                "maximumCompartments": 1
            },
            "soma": {
                "models": ["cubaLIF", "lif", "if", "li"],
                "membrane": {
                    "bits": 24, "isSigned": true, "fractionBits": 0, "overflow": "saturate"
                },
                "current": {"bits": 24, "isSigned": true, "fractionBits": 0, "overflow": "wrap"},
                "accumulatorShift": 6, "decayBits": 12, "decayRounding": "towardZero",
                "thresholdBits": 17, "thresholdShift": 6,
                "biasMantissaBits": 13, "biasMaximumExponent": 7, "hasCurrentBias": false,
                "resetRules": ["zero", "subtract"], "hasResetPotential": true,
                "refractoryBits": 0, "noiseBits": 0
            },
            "learning": {
                "engine": "pilot",
                "registers": [
                    "x0", "x1", "x2", "y0", "y1", "y2", "y3", "w", "r", "v", "u", "refractory",
                    "lastPre", "lastPost"
                ],
                "traceBits": 7, "traceRounding": "stochastic", "traceDecayBits": 16,
                "weightRounding": "stochastic", "tieRule": "exclude", "timestamp": "soma",
                "longestWindowInSteps": 63, "longestEpochInSteps": 4, "maximumProducts": 16,
                "maximumRules": 4, "hasHomeostasis": true, "hasGainServo": true, "longestAttenuation": 7
            },
            "time": {"mode": "barrier", "step": {"numerator": 1, "denominator": 1000}},
            "mismatch": {
                "distribution": "logNormal",
                "parameters": ["threshold", "membraneTau", "currentTau", "bias", "weight"]
            },
            "energyTables": [
                {
                    "name": "none", "source": "no prices: a chip of the tests", "prices": [],
                    "staticPowerProvenance": "unknown", "barrier": []
                }
            ],
            "knownGaps": []
        }
        """
}
