public import NetworkIR

/// What a NIR file does not say and the user must.
public struct ImportSettings: Sendable, Equatable {
    /// The tool that wrote the file: gives the time step and known faults.
    public var exporter: Exporter?
    /// Time step in the unit of the file's time constants; overrides the exporter's.
    public var timeStep: Double?
    /// What happens at a spike; NIR's own rule (to v_reset) if nil.
    public var reset: ResetRule?
    /// Potential below which no spiking neuron falls; none if nil.
    public var lowestPotential: Double?

    /// Makes settings.
    ///
    /// - Parameters:
    ///   - exporter: The tool that wrote the file.
    ///   - timeStep: Time step in the unit of the file's time constants.
    ///   - reset: What happens at a spike; NIR's own rule if nil.
    ///   - lowestPotential: Potential below which no spiking neuron falls.
    public init(
        exporter: Exporter? = nil,
        timeStep: Double? = nil,
        reset: ResetRule? = nil,
        lowestPotential: Double? = nil
    ) {
        self.exporter = exporter
        self.timeStep = timeStep
        self.reset = reset
        self.lowestPotential = lowestPotential
    }

    /// The step to use.
    func resolvedTimeStep(file: String) throws(NIRError) -> Double {
        guard let step = timeStep ?? exporter?.timeStep else {
            throw .noTimeStep(file: file)
        }
        guard step > 0, step.isFinite else { throw .badTimeStep(file: file, timeStep: step) }
        return step
    }

    /// What happens at a spike: subtraction is meant as the tool has it.
    var resetRule: ResetRule {
        if exporter == .snntorch, reset == .subtractThreshold { return .subtractThresholdLater }
        return reset ?? .toResetPotential
    }

    /// When a neuron spikes: v > threshold, except that sinabs trains with v ≥ threshold.
    var thresholdRule: ThresholdRule { exporter?.isSinabs == true ? .greaterOrEqual : .greater }
}

/// A network read from a file, and what the user should know of the reading.
public struct ImportedNetwork: Sendable, Equatable {
    /// The network.
    public var network: Network
    /// One line: time step, reset rule and threshold comparison in use.
    public var summary: String
    /// What is unusual in the file; none if all is well.
    public var warnings: [String]

    /// Makes the value.
    ///
    /// - Parameters:
    ///   - network: The network.
    ///   - summary: One line.
    ///   - warnings: What is unusual in the file.
    public init(network: Network, summary: String, warnings: [String]) {
        self.network = network
        self.summary = summary
        self.warnings = warnings
    }

    /// The summary, then the warnings.
    public var notes: [String] { [summary] + warnings }
}
