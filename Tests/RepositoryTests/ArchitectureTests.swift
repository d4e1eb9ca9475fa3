import Foundation
import Testing

@Suite("docs/ARCHITECTURE.md")
struct ArchitectureTests {
    /// A row of the module table.
    struct Module {
        /// From 0 to 6; the C libraries of the system have −1.
        var level: Int
        var name: String
        var imports: Set<String>
    }

    private let table: [Module]
    private let manifest: Manifest

    init() throws {
        manifest = Manifest(text: try Repository.text("Package.swift"))
        table = try Repository.text("docs/ARCHITECTURE.md").split(separator: "\n")
            .compactMap { line -> Module? in
                let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                    .map { $0.trimmingCharacters(in: .whitespaces) }
                guard cells.count == 6, let level = cells[1] == "C" ? -1 : Int(cells[1]) else {
                    return nil
                }
                let imports = cells[4].split(separator: ",")
                    .map { $0.trimmingCharacters(in: .whitespaces) }
                return Module(
                    level: level,
                    name: cells[2].trimmingCharacters(in: ["`"]),
                    imports: Set(imports)
                )
            }
    }

    @Test("the table has a row for each folder of Sources/, and the manifest a target")
    func namesAllModules() throws {
        let folders = try Repository.folders(in: "Sources").sorted()
        #expect(table.map(\.name).sorted() == folders)
        #expect(manifest.imports.keys.sorted() == folders)
    }

    @Test("the table's imports are the manifest's")
    func comparesImports() {
        for module in table {
            #expect(
                module.imports.sorted() == manifest.imports[module.name]?.sorted(),
                "\(module.name)"
            )
        }
    }

    @Test("imports point down: each module imports from lower levels only")
    func pointsDown() {
        let packages: Set = ["ArgumentParser", "HeapModule", "Yams"]
        let levels = Dictionary(table.map { ($0.name, $0.level) }, uniquingKeysWith: max)
        for module in table {
            for name in module.imports.subtracting(packages) {
                #expect(levels[name, default: .max] < module.level, "\(module.name) → \(name)")
            }
        }
    }

    @Test("the sources import what the table says, all of it and nothing else of the package")
    func comparesSources() throws {
        let system: Set = ["Dispatch", "Foundation", "Glibc", "Synchronization"]
        for module in table where module.level >= 0 {
            var found: Set<String> = []
            for file in Repository.files(below: "Sources/" + module.name, ending: ".swift") {
                for line in try Repository.text(file).split(separator: "\n") {
                    let words = line.split(separator: " ")
                    guard let keyword = words.firstIndex(of: "import"), keyword <= 2,
                        words.count > keyword + 1, !line.hasPrefix("//")
                    else { continue }
                    found.insert(String(words[words.count - 1].prefix { $0 != "." }))
                }
            }
            #expect(found.subtracting(system).sorted() == module.imports.sorted(), "\(module.name)")
        }
    }
}
