import ChipSpec
import Foundation

/// Chips for tests, with the figures of `pilot` and `loihi` that the compiler reads.
enum TestChips {
    static func pilot() throws -> ChipSpec {
        try decode(
            """
            {"name": "pilot-like", "summary": "A small chip.",
             "mesh": {"width": 4, "height": 4, "coresPerTile": 1},
             "interconnect": {
                 "topology": "mesh", "tileOrder": "rows", "branching": 4, "casting": "unicast",
                 "whenFull": "stall"
             },
             "core": {"neurons": 256, "axonsIn": 1024, "axonsOut": 4096,
                      "synapseMemoryInBytes": 65536},
             "synapse": {"weightBits": 8, "hasSignModes": false, "hiddenWeightBits": 8,
                         "weightTruncation": "towardZero", "exponentShift": "perSynapse",
                         "minimumExponent": 0, "maximumExponent": 7, "maximumDelayInSteps": 16,
                         "bytesPerSynapse": 2, "bytesPerPlasticSynapse": 3,
                         "bytesPerRowHeader": 4},
             "dendrite": {"accumulator": {"bits": 16, "isSigned": true, "fractionBits": 0,
                                          "overflow": "saturate"}, "maximumCompartments": 4},
             "soma": {"models": ["lif", "if", "li", "noisyLIF", "sampling"],
                      "membrane": {"bits": 24, "isSigned": true, "fractionBits": 0,
                                   "overflow": "saturate"},
                      "current": {"bits": 24, "isSigned": true, "fractionBits": 0,
                                  "overflow": "saturate"},
                      "accumulatorShift": 6, "decayBits": 12, "decayRounding": "towardZero",
                      "thresholdBits": 23, "thresholdShift": 0, "biasMantissaBits": 24,
                      "biasMaximumExponent": 0, "hasCurrentBias": true,
                      "resetRules": ["zero", "subtract"], "hasResetPotential": true,
                      "refractoryBits": 8, "noiseBits": 16},
             "learning": {"engine": "pilot", "registers": ["x0", "x1", "x2", "y0", "y1", "y2",
                          "y3", "w", "r", "v", "u", "refractory", "lastPre", "lastPost"],
                          "traceBits": 7, "traceRounding": "stochastic", "traceDecayBits": 16,
                          "weightRounding": "stochastic", "tieRule": "exclude",
                          "timestamp": "soma", "longestWindowInSteps": 63,
                          "longestEpochInSteps": 1, "maximumProducts": 16, "maximumRules": 4,
                          "hasHomeostasis": true, "hasGainServo": true,
                          "longestAttenuation": 7},
             \(rest)}
            """
        )
    }

    static func loihi() throws -> ChipSpec {
        try decode(
            """
            {"name": "loihi-like", "summary": "Loihi 1.",
             "mesh": {"width": 8, "height": 4, "coresPerTile": 4},
             "interconnect": {
                 "topology": "mesh", "tileOrder": "rows", "branching": 4, "casting": "unicast",
                 "whenFull": "stall"
             },
             "core": {"neurons": 1024, "axonsIn": 4096, "axonsOut": 4096,
                      "synapseMemoryInBytes": 131072},
             "synapse": {"weightBits": 8, "hasSignModes": true, "hiddenWeightBits": 0,
                         "weightTruncation": "floor", "exponentShift": "perSum",
                         "minimumExponent": -8, "maximumExponent": 7, "maximumDelayInSteps": 62,
                         "bytesPerSynapse": 4, "bytesPerPlasticSynapse": 4,
                         "bytesPerRowHeader": 2},
             "dendrite": {"accumulator": {"bits": 32, "isSigned": true, "fractionBits": 0,
                                          "overflow": "wrap"}, "maximumCompartments": 4},
             "soma": {"models": ["cubaLIF"],
                      "membrane": {"bits": 24, "isSigned": true, "fractionBits": 0,
                                   "overflow": "saturate"},
                      "current": {"bits": 24, "isSigned": true, "fractionBits": 0,
                                  "overflow": "wrap"},
                      "accumulatorShift": 6, "decayBits": 12, "decayRounding": "towardZero",
                      "thresholdBits": 17, "thresholdShift": 6, "biasMantissaBits": 13,
                      "biasMaximumExponent": 7, "hasCurrentBias": false,
                      "resetRules": ["zero"], "hasResetPotential": false,
                      "refractoryBits": 0, "noiseBits": 0},
             \(rest)}
            """
        )
    }

    /// What the compiler does not read.
    private static let rest = """
        "time": {"mode": "realTime", "step": {"numerator": 1, "denominator": 1000}},
        "mismatch": {"distribution": "logNormal", "parameters": ["threshold"]},
        "energyTables": [{"name": "none", "source": "test", "prices": [], "barrier": [],
                          "staticPowerProvenance": "unknown"}], "knownGaps": []
        """

    private static func decode(_ text: String) throws -> ChipSpec {
        try JSONDecoder().decode(ChipSpec.self, from: Data(text.utf8))
    }
}
