import Events
import Foundation
import SpikeTrace

/// A synthetic stream of spikes of one source, and what it takes at least.
struct SyntheticStream {
    var name: String
    var neuronCount: UInt32
    var timeBase: TimeBase
    /// In canonical order.
    var spikes: [Spike]
    /// Bits a spike that no code without knowledge of the seed can beat, or little above that.
    var boundInBits: Double

    /// The same in bytes.
    var bound: Double { boundInBits / 8 }

    var info: SpikeTraceInfo {
        SpikeTraceInfo(
            timeBase: timeBase,
            channels: [SpikeChannel(core: 0, neuronCount: neuronCount, label: name)]
        )
    }

    /// All five streams.
    static func all(spikes count: Int) -> [SyntheticStream] {
        ["A", "A2", "B", "C", "D"].compactMap { SyntheticStream($0, spikes: count) }
    }

    /// 10,000 neurons at 5 Hz: each (step, neuron) spikes with probability p = rate · step, so the
    /// bound is H(p) / p.
    static func poisson(_ name: String, step: Double, _ count: Int) -> SyntheticStream {
        let (neurons, rate) = (UInt32(10_000), 5.0)
        var random = SplitMix(state: 2)
        var time = 0.0
        let spikes = (0..<count).map { _ in
            time -= log(random.unit()) / (Double(neurons) * rate * step)
            return Spike(
                step: UInt64(time),
                core: 0,
                neuron: UInt32.random(in: 0..<neurons, using: &random)
            )
        }.sorted()
        let p = rate * step
        return SyntheticStream(
            name: name,
            neuronCount: neurons,
            timeBase: TimeBase(numerator: 1, denominator: UInt64((1 / step).rounded())),
            spikes: spikes,
            boundInBits: entropy(p) / p
        )
    }

    /// Volleys of 1,000 neurons every 50 ms: 60 % take part, jitter of 0.5 ms, besides 1 Hz each.
    ///
    /// The bound of a volley's spike is the entropy of its jitter and of who takes part; background
    /// spikes are as in `poisson`.
    static func volleys(_ count: Int) -> SyntheticStream {
        let (neurons, stepsPerVolley, jitter, share) = (UInt32(1000), 500.0, 5.0, 0.6)
        var random = SplitMix(state: 3)
        var spikes: [Spike] = []
        var centre = 250.0
        while spikes.count < count {
            for neuron in 0..<neurons {
                if random.unit() < share {
                    let step = (centre + jitter * random.normal()).rounded()
                    spikes.append(Spike(step: UInt64(step), core: 0, neuron: neuron))
                }
                // 1 Hz over 50 ms.
                if random.unit() < 0.05 {
                    let step = centre + stepsPerVolley * (random.unit() - 0.5)
                    spikes.append(Spike(step: UInt64(step), core: 0, neuron: neuron))
                }
            }
            centre += stepsPerVolley
        }
        let volley = normalEntropy(deviation: jitter) + entropy(share) / share
        let background = entropy(1e-4) / 1e-4
        return SyntheticStream(
            name: "B",
            neuronCount: neurons,
            timeBase: TimeBase(numerator: 1, denominator: 10_000),
            spikes: spikes.sorted(),
            boundInBits: (share * volley + 0.05 * background) / (share + 0.05)
        )
    }

    /// A vertical bar that sweeps again and again over 128 × 128 pixels, a column a millisecond.
    ///
    /// Its front makes an event of polarity 1, its end, 8 columns behind, one of polarity 0, each
    /// with probability 0.9 and a jitter of 0.25 ms, in steps of 1 µs: all of them independent, so
    /// that the entropy of jitter and of presence is the bound. An address is
    /// (column · 128 + row) · 2 + polarity.
    static func movingBar(_ count: Int) -> SyntheticStream {
        let (jitter, share) = (250.0, 0.9)
        var random = SplitMix(state: 4)
        var spikes: [Spike] = []
        var start = 10_000.0
        while spikes.count < count {
            for column in 0..<UInt32(128) {
                for row in 0..<UInt32(128) {
                    for polarity in 0..<UInt32(2) where random.unit() < share {
                        let passes = start + 1000 * Double(column) + (polarity == 0 ? 8000 : 0)
                        spikes.append(
                            Spike(
                                step: UInt64((passes + jitter * random.normal()).rounded()),
                                core: 0,
                                neuron: (column * 128 + row) * 2 + polarity
                            )
                        )
                    }
                }
            }
            start += 128_000
        }
        return SyntheticStream(
            name: "C",
            neuronCount: 128 * 128 * 2,
            timeBase: TimeBase(numerator: 1, denominator: 1_000_000),
            spikes: spikes.sorted(),
            boundInBits: normalEntropy(deviation: jitter) + entropy(share) / share
        )
    }

    /// 2,000 regular neurons: periods of 8 to 12 ms, intervals that vary by 0.1 ms, a step of 0.1 ms.
    ///
    /// The bound counts the variation of intervals and their rounding (variance 1/12) alone.
    static func regular(_ count: Int) -> SyntheticStream {
        let neurons = UInt32(2000)
        var random = SplitMix(state: 5)
        var spikes: [Spike] = []
        let end = Double(count) / Double(neurons) * 100
        for neuron in 0..<neurons {
            let period = 80 + 40 * random.unit()
            var time = period * random.unit()
            while time < end {
                spikes.append(Spike(step: UInt64(time), core: 0, neuron: neuron))
                time += period + random.normal()
            }
        }
        return SyntheticStream(
            name: "D",
            neuronCount: neurons,
            timeBase: TimeBase(numerator: 1, denominator: 10_000),
            spikes: spikes.sorted(),
            boundInBits: normalEntropy(deviation: (1 + 1.0 / 12).squareRoot())
        )
    }

    /// Makes the stream of a name; nil if there is none.
    init?(_ name: String, spikes count: Int) {
        switch name {
        case "A": self = Self.poisson(name, step: 1e-6, count)
        case "A2": self = Self.poisson(name, step: 1e-4, count)
        case "B": self = Self.volleys(count)
        case "C": self = Self.movingBar(count)
        case "D": self = Self.regular(count)
        default: return nil
        }
    }

    private init(
        name: String,
        neuronCount: UInt32,
        timeBase: TimeBase,
        spikes: [Spike],
        boundInBits: Double
    ) {
        self.name = name
        self.neuronCount = neuronCount
        self.timeBase = timeBase
        self.spikes = spikes
        self.boundInBits = boundInBits
    }

    /// Entropy of a coin, in bits.
    private static func entropy(_ p: Double) -> Double {
        -p * log2(p) - (1 - p) * log2(1 - p)
    }

    /// Entropy of a normal number rounded to integers, in bits, where the deviation is not small.
    private static func normalEntropy(deviation: Double) -> Double {
        log2(deviation * (2 * Double.pi * M_E).squareRoot())
    }
}

extension SplitMix {
    /// Above 0 and below 1.
    mutating func unit() -> Double { Double.random(in: 0x1p-53..<1, using: &self) }

    /// Mean 0, deviation 1 (Box and Muller).
    mutating func normal() -> Double {
        (-2 * log(unit())).squareRoot() * cos(2 * Double.pi * unit())
    }
}
