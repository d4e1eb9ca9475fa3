public import Analysis
public import Events

/// How one neuron of a replay did against its recording.
public struct NeuronComparison: Sendable, Hashable {
    /// Index of its population.
    public var population: Int
    /// Index in the population.
    public var index: Int
    /// Where it is.
    public var address: NeuronAddress
    /// Spikes recorded, emulated, and those without a partner within the tolerance.
    public var counts = SpikeComparison.Counts()
    /// The first step at which the two differ; nil if they agree.
    public var firstDifference: UInt64?
    /// Its distances, means over the trials where there are several.
    public var distances: TrainDistances
    /// The same between the recording's own trials, each with the next; nil without repeated trials.
    public var trialDistances: TrainDistances?

    /// Spikes that only one side has.
    public var differenceCount: Int { counts.missing + counts.extra }

    /// Whether the emulated neuron is not the recorded one.
    ///
    /// A spike without partner within the tolerance is enough; with repeated trials its van Rossum
    /// distance must also be larger than that between the recording's own trials.
    public var deviates: Bool {
        guard differenceCount > 0 else { return false }
        guard let trialDistances else { return true }
        return distances.vanRossum > trialDistances.vanRossum
    }
}

extension ReplayTrains {
    /// Compares the trains of all neurons.
    ///
    /// - Parameters:
    ///   - steps: Steps replayed.
    ///   - trials: Repetitions of one stimulus that the steps divide into.
    ///   - tolerance: Steps within which two spikes count as the same.
    ///   - settings: Time constants.
    /// - Returns: One entry a neuron, in the order of `neurons`.
    func comparisons(
        steps: UInt64,
        trials: Int,
        tolerance: Int,
        settings: TrainDistances.Settings
    ) -> [NeuronComparison] {
        let length = steps / UInt64(max(1, trials))
        return neurons.indices.map { number in
            let neuron = neurons[number]
            let whole = trains(of: number, steps: 0..<steps)
            let left = whole.recorded.unmatched(with: whole.emulated, tolerance: Double(tolerance))
            var result = NeuronComparison(
                population: neuron.population,
                index: neuron.index,
                address: neuron.address,
                distances: TrainDistances(ofEqual: whole.recorded.count)
            )
            result.counts.recorded = whole.recorded.count
            result.counts.emulated = whole.emulated.count
            result.counts.missing = left.missing.count
            result.counts.extra = left.extra.count
            result.firstDifference = left.first.map { UInt64($0) }
            guard trials > 1 else {
                result.distances = TrainDistances(
                    whole.recorded,
                    whole.emulated,
                    settings: settings
                )
                return result
            }
            let pieces = (0..<UInt64(trials)).map {
                trains(of: number, steps: $0 * length..<($0 + 1) * length)
            }
            let own = pieces.map {
                TrainDistances($0.recorded, $0.emulated, settings: settings)
            }
            let between = zip(pieces, pieces.dropFirst()).map {
                TrainDistances($0.recorded, $1.recorded, settings: settings)
            }
            result.distances = TrainDistances.mean(of: own) ?? result.distances
            result.trialDistances = TrainDistances.mean(of: between)
            return result
        }
    }
}
