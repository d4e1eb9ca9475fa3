import ChipSpec
import Foundation
import Testing

@Suite("Catalogue of chips")
struct CatalogueTests {
    @Test("knows the chips of the repository")
    func names() throws {
        let catalogue = ChipCatalogue(folders: ["/nowhere/at/all", Specs.folder])
        #expect(catalogue.names == Specs.names)
        for name in Specs.names { #expect(try catalogue.load(name).name == name) }
    }

    @Test("takes what looks like a path as a path")
    func paths() throws {
        let catalogue = ChipCatalogue(folders: [])
        #expect(try catalogue.load(Specs.folder + "/pilot.yaml").name == "pilot")
        #expect(try catalogue.path(of: "pilot.yaml") == "pilot.yaml")
        #expect(try catalogue.path(of: "./pilot") == "./pilot")
    }

    @Test("names the known chips and the nearest one")
    func unknown() {
        let catalogue = ChipCatalogue(folders: [Specs.folder])
        let error = #expect(throws: ChipSpecError.self) { try catalogue.load("piolt") }
        #expect(
            error?.description
                == "Chip 'piolt' is not known. Known chips: loihi, loihi2, mapping-bench, odin, "
                + "pilot, speck, spinnaker2, truenorth "
                + "(in \(Specs.folder)). Did you mean pilot? "
                + "Give a name of the list, or a path that ends in .yaml."
        )
        let far = #expect(throws: ChipSpecError.self) { try catalogue.load("xyzzy") }
        #expect(far?.description.contains("Did you mean") == false)
    }

    @Test("searches the environment, upward from the executable, and the working folder")
    func folders() throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "catalogue-\(UUID())")
        defer { try? FileManager.default.removeItem(at: root) }
        for folder in ["a/chipspecs", "a/bin/release", "work/chipspecs", "extra", "share"] {
            try FileManager.default.createDirectory(
                at: root.appending(path: folder),
                withIntermediateDirectories: true
            )
        }
        let shared = root.appending(path: "share/spikeloom/chipspecs")
        try FileManager.default.createDirectory(at: shared, withIntermediateDirectories: true)
        let real = root.resolvingSymlinksInPath().path
        let folders = ChipCatalogue.standardFolders(
            environment: ["SPIKELOOM_CHIPSPECS": "\(real)/extra:\(real)/missing"],
            executable: "\(real)/a/bin/release/spikeloom",
            workingFolder: "\(real)/work"
        )
        #expect(
            folders == [
                "\(real)/extra", "\(real)/a/chipspecs", "\(real)/share/spikeloom/chipspecs",
                "\(real)/work/chipspecs",
            ]
        )
    }
}
