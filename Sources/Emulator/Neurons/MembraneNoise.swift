import ChipImage
import FixedPoint

/// Noise sources of the neurons of a segment: `docs/NUMERICS.md`, section 8.
struct MembraneNoise: Sendable {
    /// One source: its amplitude register at each neuron, and its name as a number where it is shared.
    struct Source: Sendable {
        let amplitudes: HostArray<Int32>
        let sharedID: UInt32?
    }

    let sources: [Source]
    let populationID: UInt32

    /// Prepares the sources.
    ///
    /// - Parameters:
    ///   - population: Whose noise.
    ///   - scales: What the device makes of the amplitude at each neuron of the segment.
    init(_ population: PopulationTable, scales: [Double]) {
        populationID = RandomStream.id(of: population.path)
        sources = (population.noise ?? []).map { noise in
            let amplitudes = scales.map { scale in
                let value = (Double(noise.amplitude) * scale).rounded(.toNearestOrAwayFromZero)
                return Int32(min(65535, value))
            }
            return Source(
                amplitudes: HostArray(amplitudes, else: 0),
                sharedID: noise.sharedSource.map(RandomStream.id)
            )
        }
    }

    /// Writes the noise of a step.
    ///
    /// - Parameters:
    ///   - stream: Draws of purpose `temporalNoise`.
    ///   - step: Number of the step.
    ///   - indices: Index in the population of each neuron.
    ///   - count: Neurons.
    ///   - noise: Receives one value a neuron.
    func write(
        stream: RandomStream,
        step: UInt32,
        indices: UnsafePointer<UInt32>,
        count: Int,
        noise: UnsafeMutablePointer<Int32>
    ) {
        unsafe noise.update(repeating: 0, count: count)
        for (number, source) in sources.enumerated() {
            let amplitudes = unsafe source.amplitudes.base
            if let sharedID = source.sharedID {
                let word = stream.words(.max, sharedID, step).0
                for k in 0..<count { unsafe noise[k] &+= Self.value(word, amplitudes[k]) }
                continue
            }
            var block = UInt32.max
            var words: Philox4x32.Block = (0, 0, 0, 0)
            for k in 0..<count {
                let index = unsafe indices[k]
                if index >> 2 != block {
                    block = index >> 2
                    words = stream.words(block &+ UInt32(number) << 24, populationID, step)
                }
                let word =
                    switch index & 3 {
                    case 0: words.0
                    case 1: words.1
                    case 2: words.2
                    default: words.3
                    }
                unsafe noise[k] &+= Self.value(word, amplitudes[k])
            }
        }
    }

    /// (s · A + 128) >> 8, s the sum of the four bytes less 510.
    @inline(__always)
    private static func value(_ word: UInt32, _ amplitude: Int32) -> Int32 {
        let pairs = (word & 0x00FF_00FF) &+ ((word >> 8) & 0x00FF_00FF)
        let sum = Int32(bitPattern: (pairs &+ (pairs >> 16)) & 0x3FF) &- 510
        // |s| ≤ 510 and A < 2^16: 25 bits.
        return (sum &* amplitude &+ 128) &>> 8
    }
}
