import Glibc

/// Looks for the offset between two clocks at which most spikes of the same channels coincide.
///
/// The histogram of all differences of spikes of a channel is the sum of the channels' cross-correlations.
/// Coarse bins first, over all offsets; then, around the highest, bins half as wide, down to a time step.
/// Only a stretch around the middle of the recording counts, so that a skew does not smear the peak.
struct OffsetSearch {
    /// The offset found, in seconds: of the reference against the recording.
    let offset: Double
    /// Half-length of the stretch that was looked at, in seconds.
    let reach: Double

    /// Length of the stretch, in seconds: 1000 ppm move it by 2 ms.
    static let span = 2.0
    /// Fewest spikes of the stretch; it grows until it has so many.
    private static let fewestSpikes = 200
    private static let mostSpikes = 5_000
    private static let mostDifferences = 50_000_000

    init(_ pairs: TimePairs, step: Double, largest: Double) throws {
        var reach = Self.span / 2
        var spikes = pairs.recording(within: reach)
        while spikes.count < Self.fewestSpikes, reach < pairs.length {
            reach *= 2
            spikes = pairs.recording(within: reach)
        }
        if spikes.count > Self.mostSpikes {
            let stride = spikes.count / Self.mostSpikes + 1
            spikes = spikes.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
        }
        // A bin that is a hundredth of a spike interval or of the skewed stretch, at least a step.
        var width = max(step, min(2e-3, reach * 1e-3))
        var center = 0.0
        var range = largest
        var budget = Self.mostDifferences
        repeat {
            center = try Self.peak(pairs, spikes, center, range, width, &budget)
            range = 4 * width
            width /= 2
        } while width > max(step, 1e-4 * reach) / 2
        offset = center
        self.reach = reach
    }

    /// The middle of the highest two neighbouring bins.
    private static func peak(
        _ pairs: TimePairs,
        _ spikes: [(channel: Int, time: Double)],
        _ center: Double,
        _ range: Double,
        _ width: Double,
        _ budget: inout Int
    ) throws -> Double {
        let bins = Int((2 * range / width).rounded(.up)) + 1
        guard bins <= 1 << 24 else {
            throw RecordingError.cannotAlign(
                problem: "\(range) s of offsets in bins of \(width) s are too many",
                advice: "Look for smaller offsets."
            )
        }
        var histogram = [Int32](repeating: 0, count: bins + 1)
        for spike in spikes {
            let others = pairs.channels[spike.channel].reference
            let low = spike.time + center - range
            var (from, to) = (0, others.count)
            while from < to {
                let middle = (from + to) / 2
                if others[middle] < low { from = middle + 1 } else { to = middle }
            }
            while from < others.count, others[from] <= low + 2 * range, budget > 0 {
                let bin = Int((others[from] - low) / width)
                if bin <= bins { histogram[bin] += 1 }
                from += 1
                budget -= 1
            }
        }
        var (best, highest) = (0, Int32(-1))
        for bin in 0..<bins where histogram[bin] + histogram[bin + 1] > highest {
            highest = histogram[bin] + histogram[bin + 1]
            best = bin
        }
        // The centre of mass of the two, so that the next bins lie around the peak.
        let pair = Double(histogram[best] + histogram[best + 1])
        let mass = pair > 0 ? Double(histogram[best + 1]) / pair : 0.5
        return center - range + (Double(best) + 0.5 + mass) * width
    }
}
