import ChipImage
import Foundation
import TestSupport
import Testing

@Suite("Sections of a chip image file")
struct ImageSectionsTests {
    private func opened(
        _ image: ChipImage,
        compressing: Bool,
        _ body: (ImageSections) throws -> Void
    ) throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("spikeloom-\(UUID().uuidString).chipimg").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try image.write(to: path, compressing: compressing)
        try body(try ImageSections(path: path))
    }

    @Test("lists every section with its place and element", arguments: [false, true])
    func list(compressing: Bool) throws {
        let image = try TinyImage.plain()
        let stored = sections(of: try image.encoded(compressing: compressing))
        try opened(image, compressing: compressing) { file in
            #expect(file.minorVersion == 1)
            #expect(file.sections.map(\.type) == stored.map { Int($0.type) })
            #expect(file.sections.map(\.offset) == stored.map { Int($0.offset) })
            #expect(file.sections.map(\.storedSize) == stored.map { Int($0.storedSize) })
            #expect(file.sections.first?.label == "chipSpec")
            #expect(file.sections.first?.element == "JSON")
            #expect(
                file.sections(labelled: "weights8").map(\.label) == ["weights8:0", "weights8:2"]
            )
            #expect(file.sections(labelled: "weights8:2").map(\.count) == [4])
            #expect(file.sections(labelled: "weights8:1").isEmpty)
        }
    }

    @Test("gives the numbers of a section, and the text of JSON", arguments: [false, true])
    func content(compressing: Bool) throws {
        var image = try TinyImage.plain()
        // As many that it compresses.
        image.cores[1].synapses.rowSynapses = [0, 2, 5000]
        image.cores[1].synapses.targets = [UInt16](repeating: 1, count: 5000)
        image.cores[1].synapses.weights = [Int16](repeating: -3, count: 5000)
        try opened(image, compressing: compressing) { file in
            func numbers(_ label: String) throws -> ImageSections.Content? {
                try file.sections(labelled: label).first.map(file.content)
            }
            #expect(try numbers("weights8:0") == .numbers([127, -128, 3, 4, -5, 6, 7]))
            #expect(try numbers("weights8:2") == .numbers([Int64](repeating: -3, count: 5000)))
            #expect(try numbers("segments:2") == .numbers([1, 0, 2]))
            #expect(try numbers("rowLengths16:2") == .numbers([2, 4998]))
            #expect(try numbers("routeAxons:0") == .numbers([2, 0, 1, 1]))
            guard case .text(let json)? = try numbers("network") else {
                Issue.record("no JSON")
                return
            }
            #expect(json.hasPrefix("{\"drainSteps\":2,"))
            if compressing {
                let deltas = [Int64]([1, 0, 1]) + [Int64](repeating: 0, count: 4997)
                #expect(try numbers("targetDeltas:2") == .numbers(deltas))
            } else {
                #expect(try numbers("targets:0") == .numbers([0, 4, 1, 1, 3, 0, 2]))
            }
        }
    }

    @Test("what is no image is refused with its path")
    func noImage() {
        let error = #expect(throws: ChipImageError.self) {
            try ImageSections(path: Fixtures.repository.path + "/README.md")
        }
        #expect(error?.description.contains("README.md: Offset 0: this is not") ?? false)
    }
}
