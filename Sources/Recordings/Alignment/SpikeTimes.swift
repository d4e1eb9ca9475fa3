import Events
public import SpikeTrace

/// The spikes of a recording as the times of each channel.
public struct SpikeTimes: Sendable {
    /// Times in seconds, ascending, by core and neuron.
    public var times: [UInt64: [Double]]
    /// Seconds of a time step.
    public var step: Double

    /// Most spikes that are aligned at once: half a gigabyte of times.
    public static let mostSpikes = 1 << 26

    /// Makes times of a recording.
    ///
    /// - Parameters:
    ///   - times: Times in seconds, ascending, by core · 2³² + neuron.
    ///   - step: Seconds of a time step.
    public init(times: [UInt64: [Double]], step: Double) {
        self.times = times
        self.step = step
    }

    /// Reads the times of a spike trace.
    ///
    /// - Parameters:
    ///   - trace: The spike trace.
    ///   - origin: Step that becomes time 0, so that times stay exact in a Double.
    /// - Throws: `SpikeTraceError`, `RecordingError.cannotAlign` for too many spikes.
    public init(_ trace: SpikeTraceReader, origin: UInt64 = 0) throws {
        times = [:]
        step = trace.info.timeBase.seconds
        var count = 0
        var cursor = trace.spikes()
        while let spikes = try cursor.next() {
            count += spikes.count
            guard count <= Self.mostSpikes else {
                throw RecordingError.cannotAlign(
                    problem: "'\(trace.path)' has more than \(Self.mostSpikes) spikes",
                    advice: "Align a part: offset and skew hold for the rest."
                )
            }
            for spike in spikes {
                let signed = Double(spike.step) - Double(origin)
                times[UInt64(spike.core) << 32 | UInt64(spike.neuron), default: []].append(
                    signed * step
                )
            }
        }
    }

    /// Number of spikes.
    public var count: Int { times.values.reduce(0) { $0 + $1.count } }
}
