import Diagnostics
import Foundation
import Samples
import TestSupport
import Testing

@Suite("Diagnostics of samples")
struct SampleDiagnosticsTests {
    /// An array in numpy's format.
    private func npy(_ type: String, _ shape: String, _ data: [UInt8]) -> [UInt8] {
        let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }\n"
        let length = header.utf8.count
        return [0x93] + Array("NUMPY".utf8)
            + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(header.utf8) + data
    }

    @Test("each code is given to small samples, in the words of its page")
    func catalogue() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/samples.npz"
        var done: Set<DiagnosticCode> = []
        func read(
            _ code: DiagnosticCode,
            _ members: [(String, [UInt8])],
            edit: (inout Data) -> Void = { _ in }
        ) throws {
            done.insert(code)
            let list = members.map { ArchiveWriter.Member(name: $0.0 + ".npy", bytes: $0.1) }
            try ArchiveWriter.write(list, isCompressed: false, to: path)
            var data = try Data(contentsOf: URL(fileURLWithPath: path))
            edit(&data)
            try data.write(to: URL(fileURLWithPath: path))
            let diagnostic = trigger(code, in: folder.path) {
                _ = try SampleSet(contentsOf: path)
            }
            #expect(diagnostic?.file == path)
        }
        func fit(_ code: DiagnosticCode, _ body: () throws -> Void) {
            done.insert(code)
            trigger(code, body)
        }
        let good = npy("|u1", "(1, 2, 1)", [0, 1])
        trigger(.samplesUnreadable, in: folder.path) {
            _ = try SampleSet(contentsOf: folder.path + "/missing.npz")
        }
        let single = try folder.file("samples.npy", good)
        trigger(.samplesSingleArray, in: folder.path) { _ = try SampleSet(contentsOf: single) }
        done.formUnion([.samplesUnreadable, .samplesSingleArray])
        try read(.samplesMissingArray, [("x", good)])
        try read(.samplesAmbiguous, [("spikes", good), ("spikes/left", good)])
        try read(.samplesArrayTwice, [("spikes", good), ("spikez", good)]) { data in
            while let range = data.range(of: Data("spikez".utf8)) {
                data.replaceSubrange(range, with: Data("spikes".utf8))
            }
        }
        try read(.samplesArrayUnreadable, [("spikes", good)]) { data in
            // The checksum of the archive no longer fits.
            if let range = data.range(of: Data("(1, 2, 1), }\n".utf8)) {
                data[range.upperBound] = 1
            }
        }
        try read(.samplesLength, [("spikes", npy("|u1", "(1, 2, 3)", [0, 0, 0, 0, 0]))])
        try read(.samplesHeader, [("spikes", Array("no array".utf8))])
        try read(.samplesObjects, [("spikes", npy("|O", "(1, 2, 1)", [0, 1]))])
        try read(
            .samplesType,
            [("spikes", npy("<c8", "(1, 1, 1)", [UInt8](repeating: 0, count: 8)))]
        )
        try read(.samplesShape, [("spikes", npy("|u1", "(2, 3)", [0, 0, 0, 0, 0, 0]))])
        try read(.samplesTooLarge, [("spikes", npy("|u1", "(1, 100000, 100000)", [0]))])
        try read(.samplesNotBinary, [("spikes", npy("|u1", "(1, 2, 1)", [0, 2]))])
        try read(.samplesLabelCount, [("spikes", good), ("labels", npy("|u1", "(2,)", [0, 1]))])
        try read(.samplesLabel, [("spikes", good), ("labels", npy("|i1", "(1,)", [255]))])
        try read(
            .samplesInputsDiffer,
            [("spikes/a", good), ("spikes/b", npy("|u1", "(1, 3, 1)", [0, 0, 0]))]
        )
        fit(.samplesStepsDiffer) {
            _ = try InputSpikes(channelShape: [1], samples: [[[]], [[], []]])
        }
        fit(.samplesChannel) { _ = try InputSpikes(channelShape: [1], samples: [[[1]]]) }
        let a = try InputSpikes(name: "a", channelShape: [1], samples: [[[0]]])
        let b = try InputSpikes(name: "b", channelShape: [1], samples: [[[0]]])
        fit(.samplesNoSpikes) {
            _ = try SampleSet(inputs: [a]).matched(to: [("a", [1]), ("b", [1])])
        }
        fit(.samplesNoNode) { _ = try SampleSet(inputs: [a, b]).matched(to: [("a", [1])]) }
        let unnamed = try InputSpikes(channelShape: [1], samples: [[[0]]])
        fit(.samplesChannels) { _ = try SampleSet(inputs: [unnamed]).matched(to: [("in", [2])]) }
        fit(.samplesUnwritable) {
            try SampleSet(inputs: [unnamed]).write(to: "/nowhere/samples.npz")
        }
        #expect(done == codes("E07"))
    }
}
