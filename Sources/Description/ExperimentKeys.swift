/// Every key of an experiment file, by section.
package enum ExperimentKeys {
    static let document = [
        "experiment", "summary", "chip", "chipSettings", "stepInMilliseconds", "seeds", "network",
        "mismatch", "phases", "probeEverySeconds", "probes", "plane", "arms", "axis",
    ]
    static let axis = ["label", "set", "values", "logarithmic", "untilAngle"]
    static let axisValue = ["at", "set", "lines"]
    static let probe = ["population", "register", "neurons", "fromSeconds", "toSeconds"]
    static let plane = ["x", "y"]
    static let network = ["populations", "projections"]
    static let population = [
        "count", "shape", "neuron", "like", "tau", "tauSyn", "threshold", "reset", "refractory",
        "bias", "noise", "psp", "compartments",
    ]
    static let noise = ["deviation", "share", "source"]
    static let psp = ["rectangular", "exponential", "alpha"]
    static let distribution = ["normal", "uniform", "file", "array"]
    static let normal = ["mean", "deviation", "clip", "low", "high"]
    static let projection = [
        "from", "to", "compartment", "feedbackOf", "connect", "autapses", "weights", "fullScale",
        "delay", "rule",
    ]
    static let connect = ["probability", "inDegree", "outDegree"]
    static let delay = ["uniform"]
    static let phase = ["trim", "run", "repeat"]
    static let `repeat` = ["times", "phases"]
    static let trim = ["rounds", "seconds", "target", "gain"]
    static let run = [
        "name", "seconds", "rules", "amplitudes", "homeostasis", "servo", "attenuation",
        "monitor", "stimuli",
    ]
    static let amplitude = ["from", "to", "shape", "everySteps", "projection"]
    static let homeostasis = ["populations", "target", "h", "everySeconds"]
    static let servo = ["projections", "kappa", "everySteps", "law"]
    static let monitor = ["everySeconds", "saturatedShare", "drift", "strayShare"]
    static let stimulus = ["poisson", "spikes", "current"]
    static let poisson = ["input", "rate"]
    static let spikes = ["input", "file", "array", "periodInSteps"]
    static let current = ["population", "value", "fromSeconds", "toSeconds"]

    /// Keys by section, as the JSON Schema names its definitions; `document` is the file.
    package static let bySection: [String: [String]] = [
        "document": document, "axis": axis, "probe": probe, "axisValue": axisValue,
        "plane": plane,
        "network": network,
        "population": population, "noise": noise, "psp": psp, "distribution": distribution,
        "normal": normal, "projection": projection, "connect": connect, "delay": delay,
        "phase": phase, "repeat": `repeat`, "trim": trim, "run": run, "amplitude": amplitude,
        "homeostasis": homeostasis, "servo": servo, "monitor": monitor, "stimulus": stimulus,
        "poisson": poisson, "spikes": spikes, "current": current, "rule": RuleFile.keys,
        "trace": RuleFile.traceKeys,
    ]
}
