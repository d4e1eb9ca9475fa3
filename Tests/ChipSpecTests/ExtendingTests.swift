import ChipSpec
import Events
import FixedPoint
import Foundation
import Testing

@Suite("Extending chip specs")
struct ExtendingTests {
    /// A folder of specs that goes away with its owner, and the chips of the repository beside it.
    private final class Folder {
        let path: String

        init(_ files: [String: String] = [:]) throws {
            path = FileManager.default.temporaryDirectory.appending(path: "specs-\(UUID())").path
            for (name, text) in files { try write(text, to: name) }
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func write(_ text: String, to name: String) throws {
            let url = URL(fileURLWithPath: path + "/" + name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try text.write(to: url, atomically: true, encoding: .utf8)
        }

        func load(_ name: String) throws -> ChipSpec {
            try ChipCatalogue(folders: [path, Specs.folder]).load(path + "/" + name)
        }

        /// What is said of a spec, without the folder.
        func refusal(_ name: String) -> String {
            let error = #expect(throws: ChipSpecError.self) { try load(name) }
            return (error?.description ?? "").replacing(path + "/", with: "")
                .replacing(Specs.folder + "/", with: "")
        }
    }

    private static func spec(_ body: String, extends parent: String = "pilot") -> String {
        "extends: \(parent)\nname: mine\nsummary: A chip of mine.\n" + body
    }

    @Test("takes every key of the other chip but its name and summary", arguments: Specs.names)
    func nothingChanged(name: String) throws {
        let folder = try Folder(["x.yaml": Self.spec("", extends: name)])
        var expected = try Specs.load(name)
        expected.name = "mine"
        expected.summary = "A chip of mine."
        #expect(try folder.load("x.yaml") == expected)
    }

    @Test("changes single keys, at any depth, and leaves their neighbours")
    func overrides() throws {
        let folder = try Folder([
            "x.yaml": Self.spec(
                """
                mesh: { width: 8 }
                soma:
                  membrane: { fractionBits: 3 }
                  models: [lif]
                learning: { tieRule: preFirst }
                """
            )
        ])
        var expected = try Specs.load("pilot")
        expected.name = "mine"
        expected.summary = "A chip of mine."
        expected.mesh = MeshSpec(width: 8, height: 4, coresPerTile: 1)
        expected.soma.membrane = RegisterFormat(bits: 24, fractionBits: 3)
        expected.soma.models = [.lif]
        expected.learning?.tieRule = .preFirst
        #expect(try folder.load("x.yaml") == expected)
    }

    @Test("adds a section that the other chip leaves out")
    func addedSection() throws {
        let links = """
            interconnect:
              topology: torus
              tileOrder: rows
              casting: multicast
              packetInNanoseconds: 2
              queueInPackets: 8
              whenFull: stall
            """
        let folder = try Folder([
            "x.yaml": Self.spec("unset: [interconnect]\n" + links),
            "y.yaml": Self.spec("interconnect: { whenFull: drop }\n", extends: "./x.yaml"),
        ])
        #expect(try folder.load("x.yaml").interconnect.topology == .torus)
        let chip = try folder.load("y.yaml")
        #expect(chip.interconnect.whenFull == .drop && chip.interconnect.queueInPackets == 8)
    }

    @Test("merges tables of the same name and adds others behind")
    func tables() throws {
        let folder = try Folder([
            "x.yaml": Self.spec(
                """
                energyTables:
                  - { name: mine, source: A guess., prices: {}, staticPowerInMilliwatts: 0, staticPowerProvenance: assumed }
                  - name: sanafe
                    source: "sanafe, with a cheaper spike."
                    prices:
                      spike: { energyInPicojoules: 1, provenance: assumed }
                      axonIn: { latencyInNanoseconds: 17 }
                """,
                extends: "loihi"
            )
        ])
        let tables = try folder.load("x.yaml").energyTables
        #expect(tables.map(\.name) == ["davies2018", "sanafe", "mine"])
        var expected = try Specs.load("loihi").energyTables[1]
        expected.source = "sanafe, with a cheaper spike."
        for index in expected.prices.indices {
            switch expected.prices[index].action {
            case .spike:
                expected.prices[index].energyInPicojoules = 1
                expected.prices[index].provenance = .assumed
            case .axonIn: expected.prices[index].latencyInNanoseconds = 17
            default: break
            }
        }
        #expect(tables[1] == expected)
        #expect(try tables[0] == Specs.load("loihi").energyTables[0])
    }

    @Test("never keeps a provenance for a price that is another, nor a source for a changed table")
    func provenance() throws {
        let table = "energyTables:\n  - name: assumed\n"
        let folder = try Folder()
        for (body, missing) in [
            ("    prices: { spike: { latencyInNanoseconds: 1 } }\n", "source"),
            (
                "    source: A guess.\n    prices: { spike: { energyInPicojoules: 1 } }\n",
                "prices.spike.provenance"
            ), ("    source: A guess.\n    staticPowerInMilliwatts: 1\n", "staticPowerProvenance"),
        ] {
            try folder.write(Self.spec(table + body), to: "x.yaml")
            let message = folder.refusal("x.yaml")
            #expect(message.hasPrefix("x.yaml:"), "\(message)")
            #expect(message.contains("energyTables[0].\(missing) is missing."), "\(message)")
        }
    }

    @Test("adds known gaps to those of the other chip, or has its own alone")
    func gaps() throws {
        let folder = try Folder([
            "x.yaml": Self.spec("knownGaps: [Mine.]\n"),
            "y.yaml": Self.spec("unset: [knownGaps]\nknownGaps: [Mine.]\n"),
        ])
        let gaps = try Specs.load("pilot").knownGaps
        #expect(try folder.load("x.yaml").knownGaps == gaps + ["Mine."])
        #expect(try folder.load("y.yaml").knownGaps == ["Mine."])
    }

    @Test("leaves out what unset names, before its own keys come in")
    func unset() throws {
        let folder = try Folder([
            "x.yaml": Self.spec("unset: [learning, soma.current]\nsoma: { hasCurrentBias: no }\n"),
            "y.yaml": Self.spec(
                "unset: [energyTables.davies2018, energyTables.sanafe.barrier]\n",
                extends: "loihi"
            ), "z.yaml": Self.spec("learning: { tieRule: include }\n", extends: "./x.yaml"),
        ])
        let chip = try folder.load("x.yaml")
        #expect(chip.learning == nil && chip.soma.current == nil)
        let tables = try folder.load("y.yaml").energyTables
        #expect(tables.map(\.name) == ["sanafe"] && tables[0].barrier.isEmpty)
        // What is unset is gone for those who extend the spec, too.
        #expect(folder.refusal("z.yaml").contains("learning.engine is missing"))
    }

    @Test("finds names in the catalogue and relative paths beside the file")
    func places() throws {
        let folder = try Folder([
            "lab/x.yaml": Self.spec("", extends: "../base/b.yaml"),
            "base/b.yaml": Self.spec("mesh: { width: 5 }\n", extends: "c.yaml"),
            "base/c.yaml": Self.spec("mesh: { width: 6, height: 7 }\n", extends: "common"),
            "common.yaml": Self.spec("core: { neurons: 9 }\n"),
        ])
        let chip = try folder.load("lab/x.yaml")
        #expect(chip.mesh.width == 5 && chip.mesh.height == 7 && chip.core.neurons == 9)
        // Without a catalogue, names are looked up beside the file.
        let near = try Folder(["a.yaml": Self.spec("", extends: "pilot")])
        try near.write(Specs.text("pilot"), to: "pilot.yaml")
        #expect(try ChipSpec.load(contentsOf: near.path + "/a.yaml").name == "mine")
    }

    @Test("goes on for eight specs, the nearest first, and no further")
    func chain() throws {
        let folder = try Folder()
        for level in 1...9 {
            let parent = level == 1 ? "pilot" : "./\(level - 1).yaml"
            let body = "mesh: { width: \(level) }\ncore: { neurons: 10\(min(level, 4)) }\n"
            try folder.write(Self.spec(body, extends: parent), to: "\(level).yaml")
        }
        let chip = try folder.load("8.yaml")
        #expect(chip.mesh.width == 8 && chip.core.neurons == 104)
        let message = folder.refusal("9.yaml")
        #expect(message.contains("At most 8 specs"), "\(message)")
        #expect(message.contains("begun by 9.yaml"), "\(message)")
        #expect(message.hasPrefix("1.yaml:1: extends is pilot."), "\(message)")
    }

    @Test("refuses circles by naming them, whatever the paths look like")
    func circles() throws {
        let folder = try Folder([
            "a.yaml": Self.spec("", extends: "./b.yaml"),
            "b.yaml": Self.spec("", extends: "sub/../c.yaml"),
            "c.yaml": Self.spec("", extends: "././a.yaml"),
            "me.yaml": Self.spec("", extends: "me"), "sub/x": "",
        ])
        let message = folder.refusal("a.yaml")
        #expect(message.hasPrefix("sub/../c.yaml:1: extends is ././a.yaml."), "\(message)")
        #expect(
            message.contains("a.yaml extends b.yaml extends sub/../c.yaml extends"),
            "\(message)"
        )
        #expect(folder.refusal("me.yaml").contains("me.yaml extends me.yaml"))
    }

    @Test("says where an inherited value stands, and who inherits it")
    func inheritedFault() throws {
        let folder = try Folder([
            "base.yaml": Self.spec("mesh:\n  height: 4\n  width: 300\n"),
            "x.yaml": Self.spec("core: { neurons: 5 }\n", extends: "./base.yaml"),
            "broken.yaml": "a: [\n", "y.yaml": Self.spec("", extends: "./broken.yaml"),
            "list.yaml": "[1]", "z.yaml": Self.spec("", extends: "./list.yaml"),
            // A value that is replaced does no harm.
            "fine.yaml": Self.spec("mesh: { width: 3 }\n", extends: "./base.yaml"),
        ])
        let message = folder.refusal("x.yaml")
        #expect(
            message == "base.yaml:6: mesh.width is 300. It must lie in 1...256. "
                + "Model a part of the chip, or several tiles as one. "
                + "This is inherited by x.yaml:1: override it there, or use 'unset'."
        )
        #expect(folder.refusal("y.yaml").hasPrefix("broken.yaml:2: This is not YAML"))
        #expect(folder.refusal("y.yaml").hasSuffix("This is extended by y.yaml:1."))
        #expect(folder.refusal("z.yaml").hasPrefix("list.yaml:1: the document is a list of 1."))
        #expect(try folder.load("fine.yaml").mesh.width == 3)
    }

    @Test("does not show in the resolved spec: the digest is that of the same chip written out")
    func digest() throws {
        let folder = try Folder(["x.yaml": Self.spec("mesh: { width: 8 }\n")])
        let chip = try folder.load("x.yaml")
        let whole = try Specs.text("pilot").replacing("\nname: pilot", with: "\nname: mine")
            .replacing(/\nsummary: .*/, with: "\nsummary: A chip of mine.")
            .replacing("  width: 4 ", with: "  width: 8 ")
        #expect(try ChipSpec.load(yaml: whole, path: "whole").digest == chip.digest)
        let bytes = chip.canonicalJSON()
        #expect(!String(decoding: bytes, as: UTF8.self).contains("extends"))
        #expect(try ChipSpec(canonicalJSON: bytes, path: "image") == chip)
    }

    @Test("is for files: what an image carries looks nowhere")
    func images() {
        let error = #expect(throws: ChipSpecError.self) {
            try ChipSpec(canonicalJSON: Array(Self.spec("").utf8), path: "x.chipimg")
        }
        #expect(error?.description.contains("extends is not a key") == true)
    }

    @Test("chipspecs/README.md has an example, and it loads")
    func example() throws {
        let page = try String(contentsOfFile: Specs.folder + "/README.md", encoding: .utf8)
        let parts = page.split(separator: "```yaml\n")
        #expect(parts.count == 2)
        let example = try #require(parts.last?.split(separator: "```").first)
        let folder = try Folder(["example.yaml": String(example)])
        let chip = try folder.load("example.yaml")
        let pilot = try Specs.load("pilot")
        #expect(chip.mesh.coreCount > pilot.mesh.coreCount && chip.learning == nil)
        #expect(chip.energyTables[0] != pilot.energyTables[0])
    }
}
