import ChipSpec
import Events

/// What a core does in a step on average; how many of the visited neurons are active is not known.
public struct MeanCoreCounts: Sendable, Equatable {
    /// Packets taken in.
    public var axonIn = 0.0
    /// Synapses read.
    public var synapticEvents = 0.0
    /// Neurons visited.
    public var somaAccesses = 0.0
    /// Spikes put out.
    public var spikes = 0.0
    /// Packets sent.
    public var axonOut = 0.0

    /// Nothing done.
    public init() {}
}

/// Mean duration of steps of which only mean counts are known.
public struct MeanStepTime: Sendable, Equatable {
    /// Between what it lies, in nanoseconds.
    public var nanoseconds: ClosedRange<Double>
    /// Whether a latency that nobody has published makes both ends lower bounds.
    public var isLowerBound: Bool
}

extension StepClock {
    /// Bounds on the mean duration of steps, by sums of latencies (models `ideal` and `simple`).
    ///
    /// A step waits for its slowest core. The mean of a maximum is at least the maximum of the means
    /// (Jensen's inequality) and at most the sum of them, nor can it exceed the busiest step there is.
    ///
    /// - Parameters:
    ///   - mean: What each used core does on average.
    ///   - most: What each does at the most in one step.
    /// - Returns: The bounds, barrier included; the chip's own step in real time.
    public func meanDuration(of mean: [MeanCoreCounts], most: [MeanCoreCounts]) -> MeanStepTime {
        if let step = realTimeStep {
            return MeanStepTime(nanoseconds: step...step, isLowerBound: false)
        }
        var (least, sum, busiest) = (0.0, 0.0, 0.0)
        var isUnknown = false
        for (core, limit) in zip(mean, most) {
            let receiving = latencies.receiving(core)
            let sending = [false, true].map { latencies.sending(core, somataAreActive: $0) }
            let slow = sending.map(\.nanoseconds).max() ?? 0
            least = max(least, sending.map(\.nanoseconds).min() ?? 0, receiving.nanoseconds)
            sum += slow + receiving.nanoseconds
            isUnknown = isUnknown || (sending + [receiving]).contains(where: \.isLowerBound)
            busiest = max(
                busiest,
                latencies.sending(limit, somataAreActive: false).nanoseconds,
                latencies.sending(limit, somataAreActive: true).nanoseconds,
                latencies.receiving(limit).nanoseconds
            )
        }
        let barrier = model == .ideal ? 0 : latencies.barrier
        let rest = barrier ?? 0
        return MeanStepTime(
            nanoseconds: (least + rest)...(max(least, min(sum, busiest)) + rest),
            isLowerBound: isUnknown || barrier == nil
        )
    }
}

extension Latencies {
    /// Mean time of a core as a sender.
    fileprivate func sending(_ core: MeanCoreCounts, somataAreActive: Bool) -> Sum {
        sum([
            (core.somaAccesses, .somaAccess),
            (core.somaAccesses, somataAreActive ? .somaUpdateActive : .somaUpdateInactive),
            (core.spikes, .spike), (core.axonOut, .axonOut),
        ])
    }

    /// Mean time of a core as a receiver.
    fileprivate func receiving(_ core: MeanCoreCounts) -> Sum {
        sum([(core.axonIn, .axonIn), (core.synapticEvents, .synapticEvent)])
    }

    private func sum(_ counts: [(count: Double, action: Action)]) -> Sum {
        var sum = Sum()
        for (count, action) in counts where count > 0 {
            sum.nanoseconds += count * self[action]
            sum.isLowerBound = sum.isLowerBound || isUnknown(action)
        }
        return sum
    }
}
