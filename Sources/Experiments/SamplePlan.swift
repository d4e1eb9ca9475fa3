/// What happens between two samples.
public enum BetweenSamples: Sendable, Equatable, CustomStringConvertible {
    /// The state is reset.
    case reset
    /// The state is kept; so many steps without input follow.
    case blank(Int)
    /// The state is kept.
    case carry

    /// As given to `--between`.
    public var description: String {
        switch self {
        case .reset: "reset"
        case .blank(let steps): "blank \(steps)"
        case .carry: "carry"
        }
    }

    /// Reads what `--between` takes.
    ///
    /// - Parameter text: `reset`, `carry`, or `blank N` with N in 0...1,000,000.
    public init?(_ text: String) {
        let words = text.split(separator: " ")
        switch (words.first, words.count) {
        case ("reset", 1): self = .reset
        case ("carry", 1): self = .carry
        case ("blank", 2):
            guard let steps = Int(words[1]), (0...1_000_000).contains(steps) else { return nil }
            self = .blank(steps)
        default: return nil
        }
    }
}

/// How an answer is read off the output neurons; the lowest index wins a tie.
public enum Readout: String, Sendable, CaseIterable {
    /// The neuron with the most spikes.
    case count
    /// The neuron that spikes first.
    case first
    /// The neuron that reaches the highest membrane potential.
    case membrane
    /// The neuron with the highest membrane potential in the last step.
    case last
}

/// The steps of each sample.
///
/// A sample takes `inputSteps` steps with input, then `drainSteps` without, so that the last input
/// can reach the output, then the blank steps of `between`. An output of depth d is read in steps
/// d ..< d + inputSteps of the sample: the steps in which it answers the input steps.
public struct SamplePlan: Sendable, Equatable {
    /// Steps with input.
    public var inputSteps: Int
    /// Steps after the input, for the way to the deepest output.
    public var drainSteps: Int
    /// What happens between samples.
    public var between: BetweenSamples

    /// Plans the steps of each sample.
    ///
    /// - Parameters:
    ///   - inputSteps: Steps with input, at least 1.
    ///   - drainSteps: Steps after the input.
    ///   - between: What happens between samples.
    public init(inputSteps: Int, drainSteps: Int, between: BetweenSamples = .reset) {
        self.inputSteps = inputSteps
        self.drainSteps = drainSteps
        self.between = between
    }

    /// Steps from the start of a sample to the start of the next.
    public var stepsPerSample: Int {
        if case .blank(let steps) = between { return inputSteps + drainSteps + steps }
        return inputSteps + drainSteps
    }
}
