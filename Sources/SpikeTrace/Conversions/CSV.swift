public import Events
import Glibc

/// Spikes as text: a header line `step,core,neuron`, then one line a spike in canonical order.
public enum CSV {
    /// First line of a file.
    public static let header = "step,core,neuron"

    /// Puts out the spikes of a trace as text, piece by piece.
    ///
    /// - Parameters:
    ///   - reader: The trace.
    ///   - steps: Time steps to export.
    ///   - write: Takes the bytes of some lines.
    /// - Throws: `SpikeTraceError` if the trace cannot be read; what `write` throws.
    public static func export(
        _ reader: SpikeTraceReader,
        steps: ClosedRange<UInt64> = 0...UInt64.max,
        write: ([UInt8]) throws -> Void
    ) throws {
        try write(Array(header.utf8) + [newline])
        var cursor = reader.spikes(steps: steps)
        while let spikes = try cursor.next() {
            for start in stride(from: 0, to: spikes.count, by: 1 << 14) {
                var lines: [UInt8] = []
                for spike in spikes[start..<min(start + 1 << 14, spikes.count)] {
                    put(spike.step, to: &lines)
                    lines.append(comma)
                    put(UInt64(spike.core), to: &lines)
                    lines.append(comma)
                    put(UInt64(spike.neuron), to: &lines)
                    lines.append(newline)
                }
                try write(lines)
            }
        }
    }

    /// Writes the spikes of a trace to a text file, under a temporary name until it is whole.
    ///
    /// - Parameters:
    ///   - reader: The trace.
    ///   - path: The file; an existing one is replaced.
    ///   - steps: Time steps to export.
    /// - Throws: `SpikeTraceError`.
    public static func export(
        _ reader: SpikeTraceReader,
        to path: String,
        steps: ClosedRange<UInt64> = 0...UInt64.max
    ) throws {
        try replaceFile(at: path) { temporary in
            let file = try OutputFile(path: temporary)
            try export(reader, steps: steps) { try file.write($0[...]) }
        }
    }

    /// Makes a spike trace of a text file.
    ///
    /// The file is read twice: once for its cores and for errors, once for its spikes. Each core
    /// gets as many neurons as its highest index needs.
    ///
    /// - Parameters:
    ///   - path: The text file.
    ///   - tracePath: The spike trace; an existing one is replaced.
    ///   - timeBase: Length of a time step, which the text does not tell.
    ///   - metadata: Run facts.
    /// - Returns: Number of spikes.
    /// - Throws: `SpikeTraceError`; a bad line with its number.
    @discardableResult
    public static func importTrace(
        from path: String,
        to tracePath: String,
        timeBase: TimeBase,
        metadata: [String: String] = [:]
    ) throws -> UInt64 {
        var neuronCounts: [UInt32: UInt32] = [:]
        try read(path) { spikes in
            for spike in spikes {
                neuronCounts[spike.core] = max(neuronCounts[spike.core] ?? 0, spike.neuron + 1)
            }
            guard neuronCounts.count <= SpikeTraceFormat.mostChannels else {
                throw SpikeTraceError.tooManyChannels(path: path, count: neuronCounts.count)
            }
        }
        let channels = neuronCounts.sorted { $0.key < $1.key }.map { core, count in
            SpikeChannel(
                core: core,
                neuronCount: count,
                label: core < NeuronAddress.firstInputCore
                    ? "" : "input\(core - NeuronAddress.firstInputCore)"
            )
        }
        var count: UInt64 = 0
        try replaceFile(at: tracePath) { temporary in
            let writer = try SpikeTraceWriter(
                path: temporary,
                info: SpikeTraceInfo(timeBase: timeBase, metadata: metadata, channels: channels),
                flushInterval: nil
            )
            try read(path) { try writer.append($0) }
            try writer.finish()
            count = writer.spikeCount
        }
        return count
    }

    /// Reads a text file in pieces.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - body: Takes spikes in canonical order.
    /// - Throws: `SpikeTraceError` for the first bad line, with its number; what `body` throws.
    public static func read(_ path: String, _ body: ([Spike]) throws -> Void) throws {
        let file = try InputFile(path: path)
        var lines = Lines(file: file)
        var spikes: [Spike] = []
        var last: Spike?
        guard let first = try lines.next() else {
            throw problem(lines, "the file is empty. Its first line must be '\(header)'.")
        }
        guard String(decoding: first, as: UTF8.self) == header else {
            throw problem(lines, "the first line is not '\(header)'. Add it.")
        }
        while let line = try lines.next() {
            let spike = try parse(line, lines)
            if let last, spike < last {
                throw problem(
                    lines,
                    "step \(spike.step), core \(spike.core), neuron \(spike.neuron) after step "
                        + "\(last.step), core \(last.core), neuron \(last.neuron). Lines are in "
                        + "order of (step, core, neuron): sort them with "
                        + "'sort -t, -k1,1n -k2,2n -k3,3n'."
                )
            }
            last = spike
            spikes.append(spike)
            if spikes.count == 1 << 14 {
                try body(spikes)
                spikes.removeAll(keepingCapacity: true)
            }
        }
        if !spikes.isEmpty { try body(spikes) }
    }
}

extension CSV {
    private static let newline = UInt8(ascii: "\n")
    private static let comma = UInt8(ascii: ",")
    private static let zero = UInt8(ascii: "0")

    private static func put(_ number: UInt64, to lines: inout [UInt8]) {
        if number >= 10 { put(number / 10, to: &lines) }
        lines.append(zero + UInt8(number % 10))
    }

    private static func parse(_ line: ArraySlice<UInt8>, _ lines: Lines) throws -> Spike {
        let fields = line.split(separator: comma, omittingEmptySubsequences: false)
        guard fields.count == 3 else {
            throw problem(
                lines,
                "\(fields.count) fields. A line has three, '\(header)', without spaces: correct it."
            )
        }
        func number(_ index: Int, _ name: String, _ limit: UInt64) throws -> UInt64 {
            let text = fields[index]
            var value: UInt64? = text.isEmpty ? nil : 0
            for byte in text {
                guard let before = value, (zero...zero + 9).contains(byte) else {
                    value = nil
                    break
                }
                let (product, high) = before.multipliedReportingOverflow(by: 10)
                let (sum, carry) = product.addingReportingOverflow(UInt64(byte - zero))
                value = high || carry ? nil : sum
            }
            guard let value, value <= limit else {
                throw problem(
                    lines,
                    "\(name) is '\(String(decoding: text.prefix(40), as: UTF8.self))'. It must be "
                        + "a whole number in 0...\(limit): correct it."
                )
            }
            return value
        }
        return Spike(
            step: try number(0, "step", .max),
            core: UInt32(try number(1, "core", UInt64(UInt32.max))),
            neuron: UInt32(try number(2, "neuron", UInt64(UInt32.max) - 1))
        )
    }

    private static func problem(_ lines: Lines, _ text: String) -> SpikeTraceError {
        .text(path: lines.file.path, line: lines.number, problem: text)
    }
}

/// The lines of a text file, read in pieces; a line longer than a piece is cut, so memory is bounded.
private struct Lines {
    let file: InputFile
    /// Number of the line last read, from 1.
    private(set) var number = 0
    private var offset: UInt64 = 0
    private var piece: [UInt8] = []
    private var rest: ArraySlice<UInt8> = []

    init(file: InputFile) { self.file = file }

    /// The next line without its line feed (and carriage return); nil at the end.
    mutating func next() throws -> ArraySlice<UInt8>? {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                defer { rest = rest[(end + 1)...] }
                return taken(rest[..<end])
            }
            guard rest.count < 1 << 12 else {
                defer { rest = [] }
                return taken(rest)
            }
            let held = Array(rest)
            rest = []
            let got = try file.read(at: offset, count: 1 << 16, into: &piece)
            offset += UInt64(got)
            if got == 0 {
                return held.isEmpty ? nil : taken(held[...])
            }
            rest = (held + piece[..<got])[...]
        }
    }

    private mutating func taken(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        number += 1
        return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }
}
