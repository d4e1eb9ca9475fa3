import Diagnostics
import Foundation
import TestSupport
import Testing

@Suite("Catalogue of diagnostics")
struct DiagnosticCatalogueTests {
    @Test(
        "has one page for each code, in the order of the codes, with something under each heading"
    )
    func covers() {
        let pages = DiagnosticCatalogue.pages
        #expect(pages.map(\.code) == DiagnosticCode.allCases)
        #expect(Set(DiagnosticCode.allCases.map(\.rawValue)).count == pages.count)
        #expect(pages.map(\.code.rawValue) == pages.map(\.code.rawValue).sorted())
        for page in pages {
            let name = page.code.rawValue
            #expect(page.title.first?.isUppercase == true && !page.title.hasSuffix("."), "\(name)")
            for text in [page.meaning, page.why, page.remedy, page.message] {
                #expect(text.hasSuffix(".") || text.hasSuffix("?"), "\(name): \(text)")
            }
            #expect(!page.example.isEmpty, "\(name)")
        }
        #expect(Set(pages.map(\.title)).count == pages.count)
        // The acceptance line of the catalogue.
        #expect(pages.count >= 25)
    }

    @Test("docs/DIAGNOSTICS.md is what 'spikeloom explain --markdown' prints")
    func document() throws {
        let file = Fixtures.repository.appendingPathComponent("docs/DIAGNOSTICS.md")
        #expect(try String(contentsOf: file, encoding: .utf8) == DiagnosticCatalogue.markdown)
    }

    @Test("finds pages by code, in either case, and no others")
    func lookup() {
        #expect(DiagnosticCatalogue.page(on: "e0302")?.code == .nothingToRun)
        for code in ["", "E0300", "E302", "0302", "E0302 "] {
            #expect(DiagnosticCatalogue.page(on: code) == nil)
        }
    }

    @Test("lists each code once")
    func list() {
        let lines = DiagnosticCatalogue.list.split(separator: "\n")
        for page in DiagnosticCatalogue.pages {
            #expect(lines.count { $0 == "  \(page.code.rawValue)  \(page.title)" } == 1)
        }
    }

    @Test("a page fits the width it is given", arguments: [40, 60, 100, 500])
    func width(width: Int) throws {
        for page in DiagnosticCatalogue.pages {
            let text = page.text(width: width)
            #expect(text.hasPrefix("\(page.code.rawValue): \(page.title)\n"))
            for line in text.split(separator: "\n").dropFirst() {
                let isOneWord = !line.trimmingPrefix { $0 == " " }.contains(" ")
                // Titles and examples keep their lines.
                #expect(line.count <= min(width, 100) || isOneWord, "\(line)")
            }
        }
    }

    // MARK: Codes in the sources

    private static func sources(_ isWanted: (String) -> Bool) throws -> [String] {
        let root = Fixtures.repository.appendingPathComponent("Sources").path
        let files = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return try files.filter { $0.hasSuffix(".swift") && isWanted($0) }.sorted()
            .map { try String(contentsOfFile: root + "/" + $0, encoding: .utf8) }
    }

    /// How often each code is named.
    private static func uses(in texts: [String]) -> [DiagnosticCode: Int] {
        var uses: [DiagnosticCode: Int] = [:]
        let names = Dictionary(uniqueKeysWithValues: DiagnosticCode.allCases.map { ("\($0)", $0) })
        for text in texts {
            for match in text.matches(of: /\.([a-zA-Z0-9]+)\b/) {
                if let code = names[String(match.1)] { uses[code, default: 0] += 1 }
            }
        }
        return uses
    }

    @Test("every code is given by the sources; those of cases by one case alone")
    func givesCodes() throws {
        let everywhere = Self.uses(in: try Self.sources { !$0.hasPrefix("Diagnostics/") })
        for code in DiagnosticCode.allCases {
            #expect(everywhere[code] != nil, "\(code.rawValue) is given by nothing")
        }
        let switches = try Self.sources { $0.hasSuffix("Error+Diagnostic.swift") }
        #expect(switches.count == 8)
        // Each name stands twice where a case of the error is called like its code.
        let counted = Self.uses(in: switches.map { $0.replacing(/case \.[a-zA-Z0-9]+/, with: "") })
        for (code, count) in counted {
            #expect(count == 1, "\(code.rawValue) is given by \(count) cases")
        }
        #expect(
            counted.count
                == codes("E01").union(codes("E03")).union(codes("E04"))
                .union(codes("E05")).union(codes("E07")).count
        )
    }

    @Test("no switch over an error has a default, so that a new case must get a code")
    func hasNoDefault() throws {
        for text in try Self.sources({ $0.hasSuffix("Error+Diagnostic.swift") }) {
            #expect(!text.contains("default:"))
        }
    }
}
