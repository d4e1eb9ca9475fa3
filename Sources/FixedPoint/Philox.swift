/// The counter-based generator Philox4x32-10.
///
/// A draw is a function of (key, counter) and of nothing else, so results do not depend on the
/// order of calls, on threads or on partitions. Source: Salmon et al., "Parallel random numbers:
/// as easy as 1, 2, 3", SC11; constants and known answers of Random123.
public enum Philox4x32 {
    /// One block of four words.
    public typealias Block = (UInt32, UInt32, UInt32, UInt32)

    /// Draws the block that belongs to a counter.
    ///
    /// - Parameters:
    ///   - counter: Four words, the first the lowest.
    ///   - key: Two words.
    /// - Returns: Four independent uniform words.
    @inlinable
    public static func block(counter: Block, key: (UInt32, UInt32)) -> Block {
        var (c0, c1, c2, c3) = counter
        var (k0, k1) = key
        for round in 0..<10 {
            if round > 0 {
                k0 &+= 0x9E37_79B9
                k1 &+= 0xBB67_AE85
            }
            let product0 = UInt64(c0) &* 0xD251_1F53
            let product1 = UInt64(c2) &* 0xCD9E_8D57
            let high0 = UInt32(truncatingIfNeeded: product0 >> 32)
            let high1 = UInt32(truncatingIfNeeded: product1 >> 32)
            (c0, c1, c2, c3) = (
                high1 ^ c1 ^ k0,
                UInt32(truncatingIfNeeded: product1),
                high0 ^ c3 ^ k1,
                UInt32(truncatingIfNeeded: product0)
            )
        }
        return (c0, c1, c2, c3)
    }
}

/// What a random number is for.
///
/// Each purpose has a stream of its own under the same seed.
///
/// The raw values are part of every result: never renumber, only add.
public enum RandomPurpose: UInt32, Sendable {
    /// The fixed pattern of a device (keyed by device seed, parameter, core and slot).
    case fixedPattern = 1
    /// Noise that changes from step to step.
    case temporalNoise = 2
    /// Stimuli drawn by the tool.
    case stimulus = 3
    /// Stochastic rounding.
    case stochasticRounding = 4
    /// Stochastic rounding of the decay of learning traces.
    case learningTrace = 5
    /// Whether a stochastic neuron spikes.
    case stochasticSpike = 6
    /// Networks drawn by the tool: weights, connections, parameters.
    case network = 7
    /// Stochastic synapses, leaks and thresholds of `trueNorth` neurons.
    case stochasticNeuron = 8
    /// Partitioning and placing a network on cores.
    case mapping = 9
    /// Random walks of a fit.
    case fitting = 10
}

/// A stream of random numbers addressed by three words.
public struct RandomStream: Sendable {
    @usableFromInline var key: (UInt32, UInt32)
    @usableFromInline let purpose: UInt32

    /// Opens the stream of a seed and a purpose.
    ///
    /// - Parameters:
    ///   - seed: The device seed or the run seed; all 64 bits count.
    ///   - purpose: What the numbers are for.
    public init(seed: UInt64, purpose: RandomPurpose) {
        key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        self.purpose = purpose.rawValue
    }

    /// The stream of a name under the same seed and purpose.
    ///
    /// - Parameter id: `RandomStream.id(of:)` of the name, xored into the key.
    /// - Returns: Another stream.
    public func named(_ id: UInt32) -> RandomStream {
        var stream = self
        stream.key.0 ^= id
        return stream
    }

    /// A name as a number: FNV-1a, 32 bits, of its UTF-8.
    ///
    /// - Parameter name: For example the path of a population.
    /// - Returns: What streams are addressed by.
    public static func id(of name: String) -> UInt32 {
        name.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }

    /// Four uniform words that belong to an address.
    ///
    /// - Parameters:
    ///   - a: First word of the address, by convention what varies fastest (slot, index).
    ///   - b: Second word (core, population).
    ///   - c: Third word, 24 bits of it (parameter, step).
    /// - Returns: A block of Philox4x32-10 with counter (a, b, c, purpose).
    @inlinable
    public func words(_ a: UInt32, _ b: UInt32, _ c: UInt32) -> Philox4x32.Block {
        Philox4x32.block(counter: (a, b, c, purpose), key: key)
    }

    /// A uniform number in the open interval (0, 1), with 53 bits.
    ///
    /// - Parameters:
    ///   - a: First word of the address.
    ///   - b: Second word.
    ///   - c: Third word.
    /// - Returns: Never exactly 0 or 1.
    public func uniform(_ a: UInt32, _ b: UInt32, _ c: UInt32) -> Double {
        let block = words(a, b, c)
        let bits = (UInt64(block.1) << 32 | UInt64(block.0)) >> 12
        return (Double(bits) + 0.5) * 0x1p-52
    }

    /// A standard normal number, by the inverse of the distribution function.
    ///
    /// - Parameters:
    ///   - a: First word of the address.
    ///   - b: Second word.
    ///   - c: Third word.
    /// - Returns: Finite, |z| < 8.3.
    public func normal(_ a: UInt32, _ b: UInt32, _ c: UInt32) -> Double {
        PortableMath.normalQuantile(uniform(a, b, c))
    }
}
