package import FixedPoint

/// Random draws of the engine `loihi`: as in lava-nc, all neurons of a side share one a step.
package enum LoihiDraws: Sendable {
    /// Draws that somebody else made, for the replay of vectors.
    case recorded(LoihiRecording)
    /// Draws addressed by the step: streams `learningTrace` and `stochasticRounding` of a projection.
    case counterBased(traces: RandomStream, weights: RandomStream)

    /// Streams of a projection under a run seed.
    ///
    /// - Parameters:
    ///   - projection: Name of the projection.
    ///   - seed: Run seed.
    /// - Returns: Its draws.
    package static func projection(_ projection: String, seed: UInt64) -> LoihiDraws {
        let id = RandomStream.id(of: projection)
        return .counterBased(
            traces: RandomStream(seed: seed, purpose: .learningTrace).named(id),
            weights: RandomStream(seed: seed, purpose: .stochasticRounding).named(id)
        )
    }

    /// What the decay of a side's traces is rounded by, at the end of an epoch.
    ///
    /// - Parameters:
    ///   - side: Pre or post.
    ///   - step: Last step of the epoch, from 1.
    /// - Returns: Uniform in [0, 1).
    func decay(_ side: LoihiSide, step: UInt64) -> Double {
        switch self {
        case .recorded(let recording):
            return (side == .pre ? recording.xDecay : recording.yDecay)[Int(2 * step)]
        case .counterBased(let traces, _):
            return Double(Self.words(traces, side, step).0) * 0x1p-32
        }
    }

    /// What the fraction of a side's impulses is rounded by, at the end of an epoch.
    ///
    /// - Parameters:
    ///   - side: Pre or post.
    ///   - step: Last step of the epoch, from 1.
    /// - Returns: 0...127.
    func impulse(_ side: LoihiSide, step: UInt64) -> Int32 {
        switch self {
        case .recorded(let recording):
            return (side == .pre ? recording.xImpulse : recording.yImpulse)[Int(2 * step)]
        case .counterBased(let traces, _):
            return Int32(Self.words(traces, side, step).1 >> 25)
        }
    }

    /// What the impulses of neurons that spike again in an epoch are rounded by.
    ///
    /// - Parameter step: Step of the spike, from 1.
    /// - Returns: 0...127.
    func secondImpulse(step: UInt64) -> Int32 {
        switch self {
        case .recorded(let recording):
            return recording.yImpulse[Int(2 * step) - 1]
        case .counterBased(let traces, _):
            return Int32(Self.words(traces, .post, step).2 >> 25)
        }
    }

    /// What weights, delays and tags are rounded by.
    ///
    /// - Parameter epoch: Number of the epoch, from 1.
    /// - Returns: Uniform in [0, 1).
    func weight(epoch: UInt64) -> Double {
        switch self {
        case .recorded(let recording):
            return recording.weightRound[Int(epoch)]
        case .counterBased(_, let weights):
            return Double(weights.words(0, 0, UInt32(truncatingIfNeeded: epoch)).0) * 0x1p-32
        }
    }

    private static func words(
        _ stream: RandomStream,
        _ side: LoihiSide,
        _ step: UInt64
    ) -> Philox4x32.Block {
        stream.words(side == .pre ? 0 : 1, 0, UInt32(truncatingIfNeeded: step))
    }
}

/// Side of a synapse: where the traces x and y belong.
enum LoihiSide {
    case pre
    case post
}

/// Draws of a run of lava-nc: two a step for each side, one an epoch for weights, and one before all.
///
/// Step t (from 1) rounds the end of an epoch by entry 2t, and second spikes by entry 2t − 1. Epoch e
/// (from 1) rounds weights by entry e.
package struct LoihiRecording: Sendable {
    let xDecay: [Double]
    let yDecay: [Double]
    let xImpulse: [Int32]
    let yImpulse: [Int32]
    let weightRound: [Double]

    /// Takes the lists of a recording.
    ///
    /// - Parameters:
    ///   - xDecay: Of presynaptic decays, in [0, 1).
    ///   - yDecay: Of postsynaptic decays.
    ///   - xImpulse: Of presynaptic impulses, 0...127.
    ///   - yImpulse: Of postsynaptic impulses.
    ///   - weightRound: Of weights, delays and tags, in [0, 1).
    package init(
        xDecay: [Double],
        yDecay: [Double],
        xImpulse: [Int32],
        yImpulse: [Int32],
        weightRound: [Double]
    ) {
        self.xDecay = xDecay
        self.yDecay = yDecay
        self.xImpulse = xImpulse
        self.yImpulse = yImpulse
        self.weightRound = weightRound
    }
}
