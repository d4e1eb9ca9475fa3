/// Every key of an experiment file, by section.
package enum ExperimentKeys {
    static let document = [
        "experiment", "summary", "chip", "chipSettings", "stepInMilliseconds", "seeds", "network",
        "mismatch", "phases", "probeEverySeconds", "probes", "plane", "arms", "axis",
    ]
    static let axis = ["label", "set", "values", "logarithmic", "untilAngle"]
    static let axisValue = ["at", "set", "lines"]
    static let probe = [
        "population", "projection", "register", "neurons", "fromSeconds", "toSeconds",
    ]
    static let plane = ["x", "y"]
    static let network = ["populations", "projections", "parts", "blocks"]
    static let population = [
        "count", "shape", "neuron", "like", "tau", "tauSyn", "threshold", "reset", "refractory",
        "bias", "noise", "psp", "compartments", "positions",
    ]
    static let positions = ["grid", "ring", "random", "file", "array"]
    static let grid = ["spacing", "origin"]
    static let ring = ["radius", "center"]
    static let random = ["box", "origin"]
    static let noise = ["deviation", "share", "source"]
    static let psp = ["rectangular", "exponential", "alpha"]
    static let distribution = ["normal", "uniform", "lognormal", "file", "array"]
    static let normal = ["mean", "deviation", "clip", "low", "high"]
    static let lognormal = ["median", "sigma", "low", "high"]
    /// Weights are a distribution, or a kernel.
    static let weights = distribution + ["kernel"]
    static let kernel = ["gaussian", "exponential", "disc", "box", "peak", "cutoff"]
    static let projection = [
        "from", "to", "compartment", "feedbackOf", "connect", "autapses", "weights", "fullScale",
        "delay", "rule", "sign", "wrap",
    ]
    static let connect = ["probability", "inDegree", "outDegree", "kernel", "pairs", "csr"]
    static let csr = ["file", "indptr", "indices"]
    static let delay = ["uniform", "normal", "distance", "steps"]
    static let normalDelay = ["mean", "deviation", "low", "high"]
    static let distance = ["velocity", "base", "high"]
    static let steps = ["file", "array"]
    static let part = [
        "use", "with", "nir", "from", "dt", "reset", "inputs", "addFeedback",
    ]
    static let block = ["parameters", "populations", "projections", "parts"]
    static let addFeedback = ["from", "weights", "transposed", "fullScale", "rule", "noise"]
    static let addedNoise = ["weight", "rate"]
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
    static let stimulus = ["poisson", "spikes", "current", "open"]
    static let poisson = ["input", "rate"]
    static let spikes = ["input", "file", "array", "periodInSteps"]
    static let open = ["part"]
    static let current = ["population", "value", "fromSeconds", "toSeconds"]

    /// Keys by section, as the JSON Schema names its definitions; `document` is the file.
    package static let bySection: [String: [String]] = [
        "document": document, "axis": axis, "probe": probe, "axisValue": axisValue,
        "plane": plane,
        "network": network,
        "population": population, "noise": noise, "psp": psp, "distribution": distribution,
        "normal": normal, "lognormal": lognormal, "positions": positions, "grid": grid,
        "ring": ring, "random": random, "weights": weights, "kernel": kernel, "csr": csr,
        "projection": projection, "connect": connect, "delay": delay, "normalDelay": normalDelay,
        "distance": distance, "steps": steps, "part": part, "block": block,
        "addFeedback": addFeedback, "addedNoise": addedNoise, "open": open,
        "phase": phase, "repeat": `repeat`, "trim": trim, "run": run, "amplitude": amplitude,
        "homeostasis": homeostasis, "servo": servo, "monitor": monitor, "stimulus": stimulus,
        "poisson": poisson, "spikes": spikes, "current": current, "rule": RuleFile.keys,
        "trace": RuleFile.traceKeys,
    ]
}
