import FixedPoint

/// Random numbers in order of use: words of a counter-based stream, addressed by how many were drawn.
package struct Draws {
    private let stream: RandomStream
    private let use: UInt32
    private var counter: UInt64 = 0
    private var block: Philox4x32.Block = (0, 0, 0, 0)
    private var left = 0

    /// Opens a stream.
    ///
    /// - Parameters:
    ///   - seed: Seed of the mapping.
    ///   - use: What the numbers are for: level and pass; 24 bits.
    package init(seed: UInt64, use: UInt32) {
        stream = RandomStream(seed: seed, purpose: .mapping)
        self.use = use
    }

    /// A uniform word.
    @inline(__always)
    mutating func word() -> UInt32 {
        if left == 0 {
            block = stream.words(
                UInt32(truncatingIfNeeded: counter),
                UInt32(truncatingIfNeeded: counter >> 32),
                use
            )
            counter += 1
            left = 4
        }
        left -= 1
        switch left {
        case 3: return block.0
        case 2: return block.1
        case 1: return block.2
        default: return block.3
        }
    }

    /// A number below a bound, all but uniform (bias below bound/2³²).
    @inline(__always)
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: (UInt64(word()) &* UInt64(truncatingIfNeeded: bound)) >> 32)
    }

    /// Uniform in 0..<1.
    @inline(__always)
    mutating func unit() -> Double { Double(word()) * 0x1p-32 }
}
