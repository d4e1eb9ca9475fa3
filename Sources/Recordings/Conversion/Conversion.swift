public import Events
public import SpikeTrace

/// Brings a recording into the form of a spike trace: events become spikes of channels in time steps.
public struct Conversion {
    /// What is made of the events.
    public var map = EventMap()
    /// Core of the first population, by default the first input port; further ones follow.
    public var firstCore = NeuronAddress.firstInputCore
    /// Facts to keep beside those of the recording.
    public var facts: [String: String] = [:]
    /// Spikes sorted in memory before a file is used.
    package var sortCapacity = 1 << 21

    /// Makes a conversion that keeps everything.
    public init() {}

    /// What came of a conversion.
    public struct Outcome: Sendable {
        /// Events read, written, dropped.
        public var tally: EventTally
        /// Length of a time step.
        public var timeBase: TimeBase
        /// Sources of the spikes.
        public var channels: [SpikeChannel]
        /// Steps from the first spike to the last, if there are any.
        public var steps: ClosedRange<UInt64>?
    }

    /// Converts a recording.
    ///
    /// - Parameters:
    ///   - reader: The recording.
    ///   - size: Columns and rows of the sensor; needed for pixels if the recording does not tell.
    ///   - path: File beside which large recordings are sorted.
    ///   - sink: Where the spikes go.
    ///   - progress: Told the share of the work that is done, batch by batch.
    /// - Returns: What came of it.
    /// - Throws: `RecordingError`, and what the sink throws.
    public func run(
        _ reader: any RecordingReader,
        size: PixelSize? = nil,
        beside path: String,
        into sink: any SpikeSink,
        progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
    ) throws -> Outcome {
        let source = reader.source
        let step = map.bin ?? source.timeBase
        guard let clock = StepClock(from: source.timeBase, to: step) else {
            throw RecordingError.option(
                name: "--map bin",
                value: "\(step.numerator)/\(step.denominator) s",
                problem: "its ratio to the ticks of the recording does not fit 64 bits",
                advice: "Choose a step that is a multiple of the tick."
            )
        }
        let pixels = try pixels(of: source, size: size)
        var tally = EventTally()
        var neuronCounts: [UInt32] = []
        let sorter = SpikeSorter(beside: path, capacity: sortCapacity)
        var events: [RecordedEvent] = []
        while try reader.next(into: &events) {
            for event in events {
                let neuron: UInt32
                if let pixels {
                    let mapped = pixels.channel(event)
                    if let cause = mapped.cause {
                        tally.drop(cause)
                        continue
                    }
                    neuron = mapped.channel
                } else {
                    guard event.unit < .max else {
                        tally.drop(.badUnit)
                        continue
                    }
                    neuron = event.unit
                }
                guard let step = clock.step(event.time) else {
                    tally.drop(.badTime)
                    continue
                }
                guard step >= 0 || map.origin == .first else {
                    tally.drop(.beforeZero)
                    continue
                }
                let population = Int(event.population)
                while neuronCounts.count <= population { neuronCounts.append(0) }
                neuronCounts[population] = max(neuronCounts[population], neuron + 1)
                try sorter.append(
                    step: step,
                    core: firstCore &+ UInt32(event.population),
                    neuron: neuron
                )
            }
            let (done, total) = reader.progress
            progress(done, total)
        }
        tally.add(reader.tally)
        let channels = try channels(
            of: reader.source,
            neuronCounts: neuronCounts,
            pixels: pixels,
            path: path
        )
        var facts = reader.source.facts.merging(facts) { $1 }
        if let pixels {
            facts[RecordingFact.shape] =
                "\(map.planes)x\(pixels.size.height)x\(pixels.size.width)"
        }
        facts[RecordingFact.counts] = "read \(tally.read), dropped \(tally.droppedCount)"
        try sink.begin(SpikeTraceInfo(timeBase: step, metadata: facts, channels: channels))
        let steps = try write(sorter, into: sink, &tally)
        try sink.finish()
        tally.add(sink.tally)
        tally.written = sink.tally.written
        return Outcome(tally: tally, timeBase: step, channels: channels, steps: steps)
    }

    private func pixels(of source: RecordingSource, size: PixelSize?) throws -> PixelChannels? {
        guard source.hasPixels else { return nil }
        guard let size = size ?? source.size else {
            throw RecordingError.option(
                name: "--size",
                value: "",
                problem: "the recording does not say how many columns and rows its sensor has",
                advice: "Give them: --size 1280x720."
            )
        }
        let pixels = PixelChannels(map, size: size)
        guard pixels.count < UInt32.max else {
            throw RecordingError.option(
                name: "--map",
                value: "\(pixels.size.width)x\(pixels.size.height)",
                problem: "\(pixels.count) channels. A core has at most 4294967294",
                advice: "Crop or downsample."
            )
        }
        return pixels
    }

    private func channels(
        of source: RecordingSource,
        neuronCounts: [UInt32],
        pixels: PixelChannels?,
        path: String
    ) throws -> [SpikeChannel] {
        let count = max(pixels == nil ? 0 : 1, neuronCounts.count)
        let room = firstCore < NeuronAddress.firstInputCore ? NeuronAddress.firstInputCore : .max
        guard count <= 65_535, UInt64(firstCore) + UInt64(count) <= UInt64(room) else {
            throw RecordingError.cannotHold(
                path: path,
                format: "a spike trace",
                problem: "\(count) populations from core \(firstCore) on. It names at most 65535",
                advice: "Keep fewer populations, or let them begin at a lower core."
            )
        }
        return (0..<count).compactMap { index in
            let neurons = index < neuronCounts.count ? neuronCounts[index] : 0
            let all = pixels.map { UInt32($0.count) } ?? neurons
            guard all > 0 else { return nil }
            let name = index < source.populations.count ? source.populations[index] : ""
            return SpikeChannel(
                core: firstCore + UInt32(index),
                neuronCount: all,
                label: name.isEmpty ? (count == 1 ? "events" : "population\(index)") : name
            )
        }
    }

    private func write(
        _ sorter: SpikeSorter,
        into sink: any SpikeSink,
        _ tally: inout EventTally
    ) throws -> ClosedRange<UInt64>? {
        let origin = map.origin == .first ? sorter.firstStep : 0
        let merges = map.bin != nil
        var spikes: [Spike] = []
        var first: UInt64?
        var last: Spike?
        var merged: UInt64 = 0
        try sorter.drain { step, core, neuron in
            let spike = Spike(step: UInt64(step &- origin), core: core, neuron: neuron)
            if merges, spike == last {
                merged += 1
                return
            }
            first = first ?? spike.step
            last = spike
            spikes.append(spike)
            if spikes.count == BatchSize.events {
                try sink.write(spikes)
                spikes.removeAll(keepingCapacity: true)
            }
        }
        if !spikes.isEmpty { try sink.write(spikes) }
        tally.drop(.sameStep, merged)
        guard let first, let last else { return nil }
        return first...last.step
    }

    /// Looks for the size of a sensor that the file does not tell: one more than its largest column and row.
    ///
    /// - Parameter reader: A recording, read to its end.
    /// - Returns: Columns and rows; 1 by 1 if there are no events.
    /// - Throws: `RecordingError`.
    public static func sizeSeen(in reader: any RecordingReader) throws -> PixelSize {
        var size = PixelSize(width: 1, height: 1)
        var events: [RecordedEvent] = []
        while try reader.next(into: &events) {
            for event in events {
                size.width = max(size.width, Int(event.x) + 1)
                size.height = max(size.height, Int(event.y) + 1)
            }
        }
        return size
    }
}

extension Conversion {
    /// Gives the spikes of a trace to a sink.
    ///
    /// - Parameters:
    ///   - trace: The spike trace.
    ///   - sink: Where they go.
    ///   - progress: Told how many spikes are done.
    /// - Returns: Spikes read, written, dropped.
    /// - Throws: `SpikeTraceError`, `RecordingError`.
    public static func export(
        _ trace: SpikeTraceReader,
        into sink: any SpikeSink,
        progress: (_ done: UInt64) -> Void = { _ in }
    ) throws -> EventTally {
        var tally = EventTally()
        try sink.begin(trace.info)
        var cursor = trace.spikes()
        while let spikes = try cursor.next() {
            tally.read += UInt64(spikes.count)
            try sink.write(spikes)
            progress(tally.read)
        }
        try sink.finish()
        tally.add(sink.tally)
        tally.written = sink.tally.written
        return tally
    }
}
