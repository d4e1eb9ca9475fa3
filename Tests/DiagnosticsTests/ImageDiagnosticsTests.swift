import ChipImage
import Diagnostics
import Foundation
import TestSupport
import Testing

@Suite("Diagnostics of chip images")
struct ImageDiagnosticsTests {
    /// Puts bytes in place and makes the checksums right again.
    private func patched(_ bytes: [UInt8], _ values: [Int: UInt8]) -> [UInt8] {
        var bytes = bytes
        for (offset, value) in values { bytes[offset] = value }
        return bytes.withRightChecksums
    }

    @Test("each code is given to a small image, in the words of its page")
    func catalogue() throws {
        let folder = try TemporaryFolder()
        let image = try TinyImage.plain()
        let bytes = try image.encoded()
        func file(_ code: DiagnosticCode, _ bytes: [UInt8]) throws -> DiagnosticCode {
            let path = try folder.file("net.chipimg", bytes)
            let diagnostic = trigger(code, in: folder.path) { _ = try ChipImage.load(path: path) }
            #expect(diagnostic?.file == path)
            return code
        }
        trigger(.imageUnreadable, in: folder.path) {
            _ = try ChipImage.load(path: folder.path + "/missing.chipimg")
        }
        trigger(.imageUnwritable) { try image.write(to: "no/such/folder/net.chipimg") }
        var done: Set<DiagnosticCode> = [.imageUnreadable, .imageUnwritable, .imageNotEncodable]
        done.insert(try file(.notAnImage, Array("a text file".utf8)))
        done.insert(try file(.imageNewer, patched(bytes, [8: 2])))
        var flipped = bytes
        flipped[20] ^= 1
        done.insert(try file(.imageDamaged, flipped))
        done.insert(try file(.imageMalformed, bytes + [0]))
        // The type of the last section.
        let entry = 64 + 40 * (Int(bytes[48]) - 1)
        done.insert(
            try file(
                .imageUnknownSection,
                patched(bytes, [entry: 0xE7, entry + 1: 3, entry + 2: 1, entry + 3: 0])
            )
        )
        var invalid = image
        invalid.cores[0].neurons.threshold[0] = .max
        done.insert(try file(.imageInvalid, try invalid.encoded()))
        var reversed = image
        reversed.cores.reverse()
        trigger(.imageNotEncodable) { _ = try reversed.encoded() }
        #expect(done == codes("E05"))
    }
}
