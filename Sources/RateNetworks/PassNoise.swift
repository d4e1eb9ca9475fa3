import FixedPoint

/// Noise of a forward pass and of the backward pass after it, fresh at each presentation of a sample.
///
/// Draws are addressed by layer and neuron, sample, and pass over the data: they do not depend on batches.
struct PassNoise {
    /// Deviation of normal noise on the inputs, in their unit.
    var inputs = 0.0
    /// Deviation of a transmitted value of 1: hidden activities and errors travel as counts of spikes,
    /// 1/deviation² of them a unit.
    var spikes = 0.0
    /// Deviation of the threshold of each hidden neuron, in the unit of activities.
    var thresholds = 0.0
    /// Number of the pass over the data.
    var presentation: UInt32
    private let input: RandomStream
    private let threshold: RandomStream
    private let activity: RandomStream
    private let error: RandomStream

    /// Opens the streams of a pass.
    ///
    /// - Parameters:
    ///   - seed: Purpose `temporalNoise`, the threshold's and the spikes' `stochasticSpike`.
    ///   - name: Of the part of the data.
    ///   - presentation: Number of the pass over the data.
    init(seed: UInt64, name: String, presentation: UInt32) {
        self.presentation = presentation
        let noise = RandomStream(seed: seed, purpose: .temporalNoise)
        let spike = RandomStream(seed: seed, purpose: .stochasticSpike)
        input = noise.named(RandomStream.id(of: "RateNetworks.input." + name))
        threshold = noise.named(RandomStream.id(of: "RateNetworks.threshold." + name))
        activity = spike.named(RandomStream.id(of: "RateNetworks.activity." + name))
        error = spike.named(RandomStream.id(of: "RateNetworks.error." + name))
    }

    /// What is added to an input.
    func input(_ feature: Int, _ sample: Int) -> Float {
        Float(inputs * input.normal(word(feature), word(sample), presentation))
    }

    /// By how much a threshold is too high.
    func threshold(_ place: UInt32, _ sample: Int) -> Float {
        Float(thresholds * threshold.normal(place, word(sample), presentation))
    }

    /// An activity as it arrives.
    func activity(_ value: Float, _ place: UInt32, _ sample: Int) -> Float {
        activity.transmitted(value, deviation: spikes, place, word(sample), presentation)
    }

    /// An error as it arrives.
    func error(_ value: Float, _ place: UInt32, _ sample: Int) -> Float {
        error.transmitted(value, deviation: spikes, place, word(sample), presentation)
    }

    /// The first word of addresses: at most 65536 neurons a layer.
    static func place(layer: Int, neuron: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: (layer << 16) | neuron)
    }

    private func word(_ index: Int) -> UInt32 { UInt32(truncatingIfNeeded: index) }
}

extension RandomStream {
    /// A value as the number of spikes that stands for it, in the unit of the value.
    ///
    /// Poisson: unbiased, of variance deviation² · |value|. The sign is kept, as by a pair of neurons.
    ///
    /// - Parameters:
    ///   - value: Finite.
    ///   - deviation: Of a value of 1, above 0.
    ///   - a: First word of the address.
    ///   - b: Second word.
    ///   - c: Third word.
    /// - Returns: A multiple of deviation².
    package func transmitted(
        _ value: Float,
        deviation: Double,
        _ a: UInt32,
        _ b: UInt32,
        _ c: UInt32
    ) -> Float {
        guard value != 0, value.isFinite else { return value }
        let unit = deviation * deviation
        let count = spikeCount(mean: Double(value.magnitude) / unit, a, b, c)
        return Float(value < 0 ? -count * unit : count * unit)
    }

    /// A number of spikes, Poisson distributed; from a mean of 32 on rounded from the normal distribution.
    private func spikeCount(mean: Double, _ a: UInt32, _ b: UInt32, _ c: UInt32) -> Double {
        guard mean < 32 else {
            return max(0, (mean + mean.squareRoot() * normal(a, b, c)).rounded())
        }
        var left = uniform(a, b, c)
        var share = PortableMath.exp(-mean)
        var count = 0.0
        // 120 lies 15 deviations above the largest mean: a bound against rounding, not a cut.
        while left > share, count < 120 {
            left -= share
            count += 1
            share *= mean / count
        }
        return count
    }
}
