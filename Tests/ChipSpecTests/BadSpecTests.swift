import ChipSpec
import Foundation
import Testing

/// Files in `Fixtures/bad`: each is wrong in one way, and its first line is what is said about it.
@Suite("Bad chip specs")
struct BadSpecTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures/bad").path()

    private static let files =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .filter { $0.hasSuffix(".yaml") }.sorted()

    @Test("there are eighty")
    func count() {
        #expect(Self.files.count == 80)
    }

    @Test("say file, line, key, limit and remedy", arguments: files)
    func message(file: String) throws {
        let path = Self.folder + "/" + file
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let expected = try #require(text.split(separator: "\n").first).dropFirst(2)
        let catalogue = ChipCatalogue(folders: [Specs.folder])
        let error = #expect(throws: ChipSpecError.self) { try catalogue.load(path) }
        // Folders differ from machine to machine, and lines of the chips here from day to day.
        let message = (error?.description ?? "").replacing(Self.folder + "/", with: "")
            .replacing(Specs.folder + "/", with: "")
            .replacing(/(pilot|loihi)\.yaml:[0-9]+/) { "\($0.1).yaml:*" }
        #expect(message == expected)
        #expect(message.contains("must") || message.contains("may"), "no limit")
    }
}
