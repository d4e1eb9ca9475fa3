import Description

/// What a circuit runs on: a chip, or floating point numbers on the host.
///
/// Potentials are log-odds. Weights are row-major `[post][pre]`; forward weights one matrix a layer from the
/// inputs up, feedback weights one a hidden layer.
protocol CircuitSubstrate: AnyObject {
    /// Forward weights.
    var forward: [[Double]] { get set }
    /// Feedback weights; those of shared registers follow the forward weights.
    var feedback: [[Double]] { get set }

    /// Writes the potentials of the inputs.
    func setInputs(_ potentials: [Double])
    /// Writes the targets of the outputs; nil ends the nudging.
    func setTargets(_ potentials: [Double]?)
    /// Sets the rates of forward weights to a share of the circuit's.
    func setRates(share: Double)
    /// Sets the amplitude of the feedback weights' rule.
    func setEta(_ eta: Double)
    /// Switches the learning of forward weights on or off.
    func setLearning(_ isOn: Bool)
    /// Begins or ends alignment: interneurons are cut off, apical dendrites act in full, and the rule of the
    /// feedback weights works.
    func setAligning(_ isOn: Bool)
    /// Runs for a number of steps.
    func run(steps: Int)
    /// Runs for a number of steps; returns the mean potential of each output over them.
    func measure(steps: Int) -> [Double]
}

extension Circuit {
    /// Layers whose forward weights learn, by index of the layer they reach.
    var learningLayers: [Int] {
        feedback == .frozen ? [widths.count - 1] : Array(1..<widths.count)
    }
}
