import Events

/// Every key a chip spec has, by section: the loader, the JSON Schema and the docs agree on these.
package enum SpecKeys {
    static let chip = [
        "name", "summary", "mesh", "interconnect", "core", "synapse", "dendrite", "soma",
        "learning",
        "time", "mismatch", "energyTables", "knownGaps",
    ]
    /// Keys of a file: those of a chip, and what it takes from another file.
    static let file = ["extends", "unset"] + chip
    static let mesh = ["width", "height", "coresPerTile"]
    static let interconnect = [
        "topology", "tileOrder", "branching", "casting", "packetInNanoseconds", "queueInPackets",
        "whenFull",
    ]
    static let core = ["neurons", "axonsIn", "axonsOut", "synapseMemoryInBytes"]
    static let synapse = [
        "weightBits", "hasSignModes", "hiddenWeightBits", "weightTruncation", "exponentShift",
        "minimumExponent", "maximumExponent", "maximumDelayInSteps", "bytesPerSynapse",
        "bytesPerPlasticSynapse", "bytesPerRowHeader", "weightPlanes", "hasSharedKernels",
    ]
    static let dendrite = ["accumulator", "maximumCompartments"]
    static let register = ["bits", "isSigned", "fractionBits", "overflow"]
    static let soma = [
        "models", "membrane", "current", "accumulatorShift", "decayBits", "decayRounding",
        "thresholdBits", "thresholdShift", "biasMantissaBits", "biasMaximumExponent",
        "hasCurrentBias", "resetRules", "hasResetPotential", "refractoryBits", "noiseBits",
    ]
    static let learning = [
        "engine", "registers", "traceBits", "traceRounding", "traceDecayBits", "weightRounding",
        "tieRule", "timestamp", "longestWindowInSteps", "longestEpochInSteps", "maximumProducts",
        "maximumRules", "hasHomeostasis", "hasGainServo", "longestAttenuation",
    ]
    static let time = ["mode", "stepInMicroseconds"]
    static let mismatch = ["distribution", "parameters"]
    static let energyTable = [
        "name", "source", "prices", "staticPowerInMilliwatts", "staticPowerProvenance", "barrier",
    ]
    static let prices = Action.allCases.map(\.name)
    static let price = ["energyInPicojoules", "latencyInNanoseconds", "provenance"]
    static let barrier = ["tiles", "latencyInNanoseconds"]

    /// Keys by path of their section; `[]` stands for an item of a list, `*` for any action.
    package static let bySection: [String: [String]] = [
        "": file, "mesh": mesh, "interconnect": interconnect, "core": core, "synapse": synapse,
        "dendrite": dendrite,
        "dendrite.accumulator": register, "soma": soma, "soma.membrane": register,
        "soma.current": register, "learning": learning, "time": time, "mismatch": mismatch,
        "energyTables[]": energyTable, "energyTables[].prices": prices,
        "energyTables[].prices.*": price, "energyTables[].barrier[]": barrier,
    ]
}
