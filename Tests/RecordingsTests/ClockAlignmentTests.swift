import FixedPoint
import Foundation
import Recordings
import Testing

@Suite("Alignment of two clocks")
struct ClockAlignmentTests {
    /// Spikes of Poisson neurons, and the same on a clock that is late and slow, some lost, in steps.
    static func pair(
        seed: UInt64,
        offset: Double,
        skew: Double,
        loss: Double,
        step: Double,
        seconds: Double = 20,
        neurons: UInt32 = 20,
        rate: Double = 12
    ) -> (recording: SpikeTimes, reference: SpikeTimes, partners: [(Double, Double)]) {
        let random = RandomStream(seed: seed, purpose: .stimulus)
        var recording: [UInt64: [Double]] = [:]
        var reference: [UInt64: [Double]] = [:]
        var partners: [(Double, Double)] = []
        for neuron in 0..<neurons {
            var time = 0.1
            var index: UInt32 = 0
            while true {
                time -= log(1 - random.uniform(neuron, index, 0)) / rate
                if time > seconds { break }
                let there = (time / step).rounded(.down) * step
                let here = (((time - offset) / (1 + skew)) / step).rounded(.down) * step
                let isLost = random.uniform(neuron, index, 1) < loss
                reference[UInt64(neuron), default: []].append(there)
                if !isLost, here >= 0 {
                    recording[UInt64(neuron), default: []].append(here)
                    partners.append((here, there))
                }
                index += 1
            }
        }
        return (
            SpikeTimes(times: recording, step: step), SpikeTimes(times: reference, step: step),
            partners
        )
    }

    @Test(
        "undoes an offset of 12.3 ms, a skew of 80 ppm and 2 % loss to within a time step",
        arguments: [1, 2, 3, 4, 5, 6] as [UInt64],
        [1e-3, 1e-4]
    )
    func undoes(seed: UInt64, step: Double) throws {
        let (recording, reference, partners) = Self.pair(
            seed: seed,
            offset: 0.0123,
            skew: 80e-6,
            loss: 0.02,
            step: step
        )
        let found = try ClockAlignment(recording, to: reference, model: .skew, largestOffset: 2)
        let worst = partners.map { abs(found.aligned($0.0) - $0.1) }.max() ?? 1
        #expect(worst <= step)
        #expect(abs(found.offset - 0.0123) < 5 * found.offsetError)
        #expect(abs(found.skew - 80e-6) < 5 * found.skewError)
        #expect(abs(found.loss.share - 0.02) < 4 * found.loss.error + 1e-3)
        #expect(found.excess.share < 0.002)
    }

    @Test("finds large offsets of either sign and skews of 500 ppm")
    func large() throws {
        for (offset, skew) in [(-1.7, 500e-6), (1.9, -500e-6)] {
            let (recording, reference, partners) = Self.pair(
                seed: 9,
                offset: offset,
                skew: skew,
                loss: 0.1,
                step: 1e-3
            )
            let found = try ClockAlignment(recording, to: reference, model: .skew, largestOffset: 3)
            #expect((partners.map { abs(found.aligned($0.0) - $0.1) }.max() ?? 1) <= 1e-3)
        }
    }

    @Test(
        "a model of the offset alone leaves the skew, one of stretches follows a clock that wanders"
    )
    func models() throws {
        let (recording, reference, partners) = Self.pair(
            seed: 3,
            offset: 0.02,
            skew: 0,
            loss: 0,
            step: 1e-3
        )
        let fixed = try ClockAlignment(recording, to: reference, model: .offset, largestOffset: 1)
        #expect(fixed.skew == 0 && fixed.skewError == 0)
        #expect((partners.map { abs(fixed.aligned($0.0) - $0.1) }.max() ?? 1) <= 1e-3)

        // A clock that goes 4 ms back and forth.
        func wander(_ time: Double) -> Double { time + 0.004 * sin(time / 3) }
        let wandering = SpikeTimes(
            times: reference.times.mapValues { times in times.map { wander($0) + 0.01 } },
            step: 1e-3
        )
        let followed = try ClockAlignment(
            reference,
            to: wandering,
            model: .events,
            largestOffset: 1
        )
        let line = try ClockAlignment(reference, to: wandering, model: .skew, largestOffset: 1)
        func worst(_ alignment: ClockAlignment) -> Double {
            reference.times.values.joined()
                .map { abs(alignment.aligned($0) - wander($0) - 0.01) }.max() ?? 1
        }
        #expect(worst(followed) < 0.001)
        #expect(worst(line) > 0.002)
    }

    @Test("recordings of other spikes are refused")
    func refuses() {
        let one = Self.pair(seed: 1, offset: 0, skew: 0, loss: 0, step: 1e-3, neurons: 3, rate: 1)
        let none = SpikeTimes(times: [77: [1, 2, 3]], step: 1e-3)
        #expect(throws: RecordingError.self) {
            try ClockAlignment(one.recording, to: none, model: .skew)
        }
        let few = SpikeTimes(times: [0: [1, 2, 3]], step: 1e-3)
        #expect(throws: RecordingError.self) {
            try ClockAlignment(few, to: few, model: .skew)
        }
    }
}
