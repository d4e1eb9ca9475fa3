import ChipImage
import Foundation
import TestSupport
import Testing

@Suite("Chip image files")
struct FileTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("spikeloom-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    @Test(
        "a written file is loaded again and replaces the one before it",
        arguments: [false, true]
    )
    func roundTrip(compressing: Bool) throws {
        try withFolder { folder in
            let path = folder + "/tiny.chipimg"
            let image = try TinyImage.plain()
            try TinyImage.loihi().write(to: path)
            try image.write(to: path, compressing: compressing)
            #expect(try ChipImage.load(path: path) == image)
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            #expect(try image.encoded(compressing: compressing) == bytes)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["tiny.chipimg"])
        }
    }

    @Test("a file that verifies nothing is not loaded")
    func verifies() throws {
        try withFolder { folder in
            let path = folder + "/tiny.chipimg"
            var image = try TinyImage.plain()
            image.cores[0].neurons.threshold[0] = -1
            try image.write(to: path)
            let error = #expect(throws: ChipImageError.self) { try ChipImage.load(path: path) }
            #expect(
                error?.description.hasPrefix(path + ": Core 0, threshold[0]: it is -1. ") ?? false
            )
        }
    }

    @Test("what cannot be read or written is said with its path, and nothing is left behind")
    func impossiblePaths() throws {
        try withFolder { folder in
            for path in [folder + "/absent.chipimg", folder, "/dev/zero", folder + "/no/x"] {
                let error = #expect(throws: ChipImageError.self) { try ChipImage.load(path: path) }
                #expect(error?.description.hasPrefix("\(path): ") ?? false)
                guard case .unreadable = error?.withoutPath else {
                    Issue.record("\(path): \(String(describing: error))")
                    continue
                }
            }
            let image = try TinyImage.plain()
            let error = #expect(throws: ChipImageError.self) {
                try image.write(to: folder + "/no/x.chipimg")
            }
            guard case .unwritable = error?.withoutPath else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
            for text in ["", "no image"] {
                let path = folder + "/text"
                try Data(text.utf8).write(to: URL(fileURLWithPath: path))
                let error = #expect(throws: ChipImageError.self) { try ChipImage.load(path: path) }
                #expect(error?.withoutPath == .notAChipImage(size: text.utf8.count))
            }
        }
    }
}
