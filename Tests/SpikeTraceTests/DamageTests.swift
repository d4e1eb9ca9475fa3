import Events
import Foundation
import SpikeTrace
import Testing

@Suite("Damaged spike traces")
struct DamageTests {
    /// A trace of four chunks with spikes, its spikes chunk by chunk, and its bytes.
    private struct Sample {
        var bytes: [UInt8]
        var info: SpikeTraceInfo
        var spikes: [[Spike]]
        var chunks: [Range<UInt64>]

        init() throws {
            let sources = channels(cores: [2, 5], neurons: 16)
            info = SpikeTraceTests.info(sources, ["runSeed": "7"])
            let all = randomSpikes(48, channels: sources, stride: 9, seed: 3)
            let info = info
            (bytes, spikes, chunks) = try withTemporaryFile { path in
                try record(all, info, to: path, piece: 12, flushEvery: 1)
                let reader = try SpikeTraceReader(path: path)
                var cursor = reader.spikes()
                var spikes: [[Spike]] = []
                while let more = try cursor.next() { spikes.append(more) }
                #expect(spikes.flatMap { $0 } == all)
                return (
                    Array(try Data(contentsOf: URL(fileURLWithPath: path))), spikes,
                    reader.chunkRanges
                )
            }
        }

        /// End of the chunk that only describes the channels.
        var directoryEnd: UInt64 { chunks[0].lowerBound }
    }

    @Test("cut at any byte gives every chunk that is whole, and says what is missing")
    func truncation() throws {
        let sample = try Sample()
        try withTemporaryFile { path in
            try Data(sample.bytes).write(to: URL(fileURLWithPath: path))
            for size in (0..<sample.bytes.count).reversed() {
                try cut(path, to: size)
                let whole = sample.chunks.count { $0.upperBound <= size }
                do {
                    let reader = try SpikeTraceReader(path: path)
                    #expect(!reader.health.hasSummary)
                    let expected = Array(sample.spikes[..<whole].joined())
                    #expect(try reader.allSpikes() == expected, "cut at \(size)")
                    let isTorn = sample.chunks.contains {
                        $0.lowerBound < size && size < $0.upperBound
                    }
                    #expect(!isTorn || reader.health.skipped.last?.bytes.upperBound == UInt64(size))
                } catch let error as SpikeTraceError {
                    #expect(size < sample.directoryEnd, "cut at \(size): \(error)")
                }
            }
        }
    }

    @Test(
        "any flipped bit costs at most the chunk it is in, and the loss is reported",
        arguments: [true, false]
    )
    func flippedBits(isFinished: Bool) throws {
        var sample = try Sample()
        if !isFinished {
            sample.bytes.removeLast(sample.bytes.count - Int(sample.chunks[3].upperBound))
        }
        let all = Array(sample.spikes.joined())
        try withTemporaryFile { path in
            try Data(sample.bytes).write(to: URL(fileURLWithPath: path))
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            // Without a summary nothing but the magic tells what the file is.
            for (index, byte) in sample.bytes.enumerated() where isFinished || index >= 8 {
                for bit in 0..<8 {
                    try file.seek(toOffset: UInt64(index))
                    try file.write(contentsOf: [byte ^ (1 << UInt8(bit))])
                    let place = "bit \(bit) of byte \(index)"
                    let reader = try SpikeTraceReader(path: path)
                    let read = try reader.allSpikes()
                    let hit = sample.chunks.firstIndex { $0.contains(UInt64(index)) }
                    if read != all {
                        guard let hit else {
                            Issue.record("\(place) outside all chunks lost spikes")
                            continue
                        }
                        var spikes = sample.spikes
                        spikes[hit] = []
                        #expect(read == Array(spikes.joined()), "\(place)")
                        #expect(
                            reader.health.skipped.contains { $0.bytes.contains(UInt64(index)) },
                            "\(place) was lost silently"
                        )
                    }
                    #expect(reader.info == sample.info || !reader.health.isIntact, "\(place)")
                }
                try file.seek(toOffset: UInt64(index))
                try file.write(contentsOf: [byte])
            }
        }
    }

    @Test("a damaged stretch in an unfinished file is passed over up to the next whole chunk")
    func resynchronises() throws {
        let sample = try Sample()
        let (first, last) = (sample.chunks[0], sample.chunks[3])
        var bytes = Array(sample.bytes[..<Int(last.upperBound)])
        // All of the second and third chunk, and the end of the first chunk's index.
        let gap = Int(first.upperBound) + 5..<Int(last.lowerBound)
        for index in gap { bytes[index] = 0x06 }
        try withTemporaryFile { path in
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let reader = try SpikeTraceReader(path: path)
            #expect(try reader.allSpikes() == sample.spikes[0] + sample.spikes[3])
            #expect(reader.health.skipped.map(\.bytes) == [first.upperBound..<last.lowerBound])
        }
    }

    @Test("a file without the first chunk still knows its channels from the others")
    func lostDirectory() throws {
        let sample = try Sample()
        var bytes = Array(sample.bytes[..<Int(sample.chunks[3].upperBound)])
        for index in 8..<Int(sample.directoryEnd) { bytes[index] = 0xFF }
        try withTemporaryFile { path in
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let reader = try SpikeTraceReader(path: path)
            #expect(try reader.allSpikes() == Array(sample.spikes.joined()))
            #expect(reader.info.channels == sample.info.channels)
            #expect(reader.info.timeBase == sample.info.timeBase)
        }
    }

    @Test("other files are refused with a reason")
    func foreignFiles() throws {
        let sample = try Sample()
        try withTemporaryFile { path in
            let url = URL(fileURLWithPath: path)
            try Data("step,core,neuron\n1,2,3\n".utf8).write(to: url)
            #expect(throws: SpikeTraceError.notMCAP(path: path)) {
                try SpikeTraceReader(path: path)
            }
            #expect(throws: SpikeTraceError.self) { try SpikeTraceReader(path: path + ".none") }
            #expect(throws: SpikeTraceError.self) { try SpikeTraceReader(path: "/dev/zero") }
            #expect(throws: SpikeTraceError.self) { try SpikeTraceReader(path: "/tmp") }
            // Every chunk claims another compression, and there is no summary.
            var bytes = Array(sample.bytes[..<Int(sample.chunks[3].upperBound)])
            for index in bytes.indices.dropLast(4)
            where Array(bytes[index..<index + 4]) == Array("zstd".utf8) {
                bytes.replaceSubrange(index..<index + 4, with: "lz4x".utf8)
            }
            try Data(bytes).write(to: url)
            do {
                _ = try SpikeTraceReader(path: path)
                Issue.record("a file of unknown compression was read")
            } catch SpikeTraceError.unsupportedCompression(_, _, let name) {
                #expect(name == "lz4x")
            }
        }
    }
}
