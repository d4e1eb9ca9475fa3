import FixedPoint

/// Weight mirrors: noise in the lower layer, its echo in the upper one, and a Hebbian rule with decay.
///
/// ΔB = η (⟨ξ yᵀ⟩ − B), y = W_eff ξ, so that B tends to W_effᵀ ⟨ξ²⟩ = W_effᵀ. Akrout et al., NeurIPS 2019,
/// arXiv:1904.05391, section 3; departs from it in that noise is ±1 and rectifiers are out of the way
/// while mirrors learn, layer by layer. A reference on the host: it needs a mode of its own, without
/// data, before every batch. B lags behind W by 1/η updates, which at high learning rates matters more than
/// its noise, of relative variance η/2 · fanIn/patterns.
public struct WeightMirror: FeedbackArm {
    /// η, above 0, at most 1.
    public var rate: Float
    /// Patterns of noise before each batch; a multiple of 4.
    public var patterns: Int
    /// How often the mirrors learn before training.
    public var warmUp: Int
    /// Deviation of a transmitted value of 1: noise and echo arrive as spike counts.
    public var spikeNoise: Double
    /// Deviation of the echo's thresholds, fresh at each pattern.
    public var thresholdNoise: Double

    /// `mirror`.
    public var name: String { "mirror" }
    /// Layer by layer.
    public var path: FeedbackPath { .layered }

    private var noise: [[Lanes]] = []
    /// Noise as it arrives; only with noise on spikes.
    private var sent: [[Lanes]] = []
    private var echo: [[Lanes]] = []
    private var changes: [[Float]] = []
    /// Of each layer: noise of purpose `temporalNoise`, and rounding.
    private var streams: [(noise: RandomStream, rounding: RandomStream)] = []
    /// Of each layer: what arrives of noise and echo, and thresholds.
    private var arrivals: [(noise: RandomStream, echo: RandomStream, threshold: RandomStream)] = []

    /// An arm of mirrors.
    ///
    /// - Parameters:
    ///   - rate: η, above 0, at most 1.
    ///   - patterns: Patterns of noise before each batch, rounded up to a multiple of 4.
    ///   - warmUp: How often the mirrors learn before training.
    ///   - spikeNoise: Deviation of a transmitted value of 1.
    ///   - thresholdNoise: Deviation of the echo's thresholds.
    public init(
        rate: Float = 0.3,
        patterns: Int = 40,
        warmUp: Int = 40,
        spikeNoise: Double = 0,
        thresholdNoise: Double = 0
    ) {
        self.spikeNoise = spikeNoise
        self.thresholdNoise = thresholdNoise
        self.rate = rate
        self.patterns = max(4, (patterns + 3) / 4 * 4)
        self.warmUp = warmUp
    }

    /// Allocates, and lets the mirrors learn.
    ///
    /// - Parameters:
    ///   - network: Its feedback weights are learned.
    ///   - moment: Gives the seed.
    public mutating func beforeTraining(_ network: inout ReLUNetwork, _ moment: TrainingMoment) {
        noise = network.feedback.map { Array(repeating: .zero, count: $0.rows * patterns / 4) }
        sent = spikeNoise > 0 ? noise : []
        echo = network.feedback.map { Array(repeating: .zero, count: $0.columns * patterns / 4) }
        changes = network.feedback.map { Array(repeating: 0, count: $0.rows * $0.columns) }
        openStreams(moment.seed, "warm-up")
        for round in 0..<warmUp { learn(&network, round: UInt32(round)) }
        openStreams(moment.seed, "batch")
    }

    /// Lets the mirrors learn once.
    ///
    /// - Parameters:
    ///   - network: Its feedback weights are learned.
    ///   - moment: Gives the number of the update.
    public mutating func beforeBatch(_ network: inout ReLUNetwork, _ moment: TrainingMoment) {
        learn(&network, round: moment.update)
    }

    private mutating func openStreams(_ seed: UInt64, _ occasion: String) {
        streams = changes.indices.map {
            let name = RandomStream.id(of: "RateNetworks.mirror.\(occasion).\($0)")
            return (
                RandomStream(seed: seed, purpose: .temporalNoise).named(name),
                RandomStream(seed: seed, purpose: .stochasticRounding).named(name)
            )
        }
        arrivals = changes.indices.map { layer in
            let spikes = RandomStream(seed: seed, purpose: .stochasticSpike)
            func id(_ part: String) -> UInt32 {
                RandomStream.id(of: "RateNetworks.mirror.\(part).\(occasion).\(layer)")
            }
            return (
                spikes.named(id("noise")), spikes.named(id("echo")),
                RandomStream(seed: seed, purpose: .temporalNoise).named(id("threshold"))
            )
        }
    }

    /// Writes what arrives above of the noise; the lower neuron knows what it sent.
    private mutating func sendNoise(_ layer: Int, _ round: UInt32) {
        let stream = arrivals[layer].noise
        for index in noise[layer].indices {
            for element in 0..<4 {
                sent[layer][index][element] = stream.transmitted(
                    noise[layer][index][element],
                    deviation: spikeNoise,
                    UInt32(index),
                    UInt32(element),
                    round
                )
            }
        }
    }

    /// Echo as it arrives below, thresholds included.
    private mutating func disturbEcho(_ layer: Int, _ round: UInt32) {
        guard spikeNoise > 0 || thresholdNoise > 0 else { return }
        let streams = arrivals[layer]
        for index in echo[layer].indices {
            for element in 0..<4 {
                var value = echo[layer][index][element]
                let (a, b) = (UInt32(index), UInt32(element))
                if thresholdNoise > 0 {
                    value -= Float(thresholdNoise * streams.threshold.normal(a, b, round))
                }
                if spikeNoise > 0 {
                    value = streams.echo.transmitted(value, deviation: spikeNoise, a, b, round)
                }
                echo[layer][index][element] = value
            }
        }
    }

    private mutating func learn(_ network: inout ReLUNetwork, round: UInt32) {
        let width = patterns / 4
        for layer in network.feedback.indices {
            let (rows, columns) = (network.feedback[layer].rows, network.feedback[layer].columns)
            Self.draw(&noise[layer], streams[layer].noise, round)
            if spikeNoise > 0 { sendNoise(layer, round) }
            multiply(
                network.forward[layer + 1].effective,
                rows: columns,
                columns: rows,
                by: spikeNoise > 0 ? sent[layer] : noise[layer],
                width: width,
                into: &echo[layer]
            )
            disturbEcho(layer, round)
            outerProducts(
                noise[layer],
                echo[layer],
                rows: rows,
                columns: columns,
                width: width,
                scale: rate / Float(patterns),
                into: &changes[layer]
            )
            network.feedback[layer].add(
                changes[layer],
                shrink: rate,
                stream: streams[layer].rounding,
                update: round
            )
        }
    }

    /// Fair signs: four bits of a word for four patterns.
    private static func draw(_ noise: inout [Lanes], _ stream: RandomStream, _ round: UInt32) {
        for index in noise.indices {
            let bits = stream.words(UInt32(index), 0, round).0
            noise[index] = Lanes(
                bits & 1 == 0 ? 1 : -1,
                bits & 2 == 0 ? 1 : -1,
                bits & 4 == 0 ? 1 : -1,
                bits & 8 == 0 ? 1 : -1
            )
        }
    }
}
