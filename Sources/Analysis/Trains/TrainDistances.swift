/// How the trains of one neuron, recorded and emulated, differ by every measure.
public struct TrainDistances: Sendable, Hashable {
    /// What the measures are taken with, in the unit of the times.
    public struct Settings: Sendable, Hashable {
        /// τ of the van Rossum distance; 1/τ is the cost of the Victor–Purpura distance.
        public var timeConstant = 10.0
        /// Δ of the coincidence factor.
        public var precision = 2.0
        /// Longest latency shift that is looked for, in whole units.
        public var reach = 20.0

        /// The settings of a comparison in steps.
        public init() {}
    }

    /// Spikes times spikes above which the Victor–Purpura distance is not worked out.
    static let mostPairs = 100_000_000

    /// (r₂ − r₁) / r₁; infinite where only the first train is silent.
    public var rateError: Double
    /// `SpikeTrain.vanRossumDistance`, original normalisation.
    public var vanRossum: Double
    /// `SpikeTrain.victorPurpuraDistance`; nil for very long trains.
    public var victorPurpura: Double?
    /// `SpikeTrain.isiDistance`.
    public var isi: Double
    /// `SpikeTrain.spikeDistance`.
    public var spike: Double
    /// Γ of `SpikeTrain.coincidences`; nil where both are silent.
    public var coincidence: Double?
    /// `SpikeTrain.latencyShift`; nil without spikes within reach.
    public var latency: Double?

    /// Compares two trains.
    ///
    /// - Parameters:
    ///   - reference: The train that is taken as given.
    ///   - model: The train that is judged, over the same window.
    ///   - settings: Time constants.
    public init(_ reference: SpikeTrain, _ model: SpikeTrain, settings: Settings = .init()) {
        self.init(ofEqual: reference.count)
        // Most neurons of a good replay are equal: nothing is worked out for them.
        guard reference != model else { return }
        rateError = reference.relativeRateError(of: model)
        vanRossum = reference.vanRossumDistance(to: model, timeConstant: settings.timeConstant)
        let (pairs, isTooLong) = reference.count.multipliedReportingOverflow(by: model.count)
        victorPurpura =
            isTooLong || pairs > Self.mostPairs
            ? nil : reference.victorPurpuraDistance(to: model, cost: 1 / settings.timeConstant)
        isi = reference.isiDistance(to: model)
        spike = reference.spikeDistance(to: model)
        coincidence = reference.coincidences(with: model, within: settings.precision).factor
        latency = reference.latencyShift(to: model, within: settings.reach, binWidth: 1)
    }

    /// The distances of two equal trains.
    ///
    /// - Parameter count: Their spikes.
    public init(ofEqual count: Int) {
        rateError = 0
        vanRossum = 0
        victorPurpura = 0
        isi = 0
        spike = 0
        coincidence = count > 0 ? 1 : nil
        latency = count > 0 ? 0 : nil
    }

    /// The mean of several comparisons.
    ///
    /// A measure that some do not have is averaged over the others; a rate error that is infinite makes
    /// the mean infinite.
    ///
    /// - Parameter all: Comparisons; none gives nil.
    /// - Returns: Mean of each measure.
    public static func mean(of all: [TrainDistances]) -> TrainDistances? {
        guard !all.isEmpty else { return nil }
        func mean(_ values: [Double]) -> Double? {
            values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
        var result = TrainDistances(ofEqual: 0)
        result.rateError = mean(all.map(\.rateError)) ?? 0
        result.vanRossum = mean(all.map(\.vanRossum)) ?? 0
        result.victorPurpura = mean(all.compactMap(\.victorPurpura))
        result.isi = mean(all.map(\.isi)) ?? 0
        result.spike = mean(all.map(\.spike)) ?? 0
        result.coincidence = mean(all.compactMap(\.coincidence))
        result.latency = mean(all.compactMap(\.latency))
        return result
    }
}
