import Foundation
import Testing

@Suite("Files of the repository")
struct FilesTests {
    /// Markdown that readers follow links in.
    private static let pages: [String] = {
        let top = (Repository.trackedFiles ?? []).filter {
            $0.hasSuffix(".md") && !$0.contains("/")
        }
        let common = ["README.md", "CONTRIBUTING.md"].filter { !top.contains($0) }
        return (top + common).sorted() + Repository.files(below: "docs", ending: ".md")
            + Repository.files(below: "Examples", ending: ".md")
            + Repository.files(below: "chipspecs", ending: ".md")
    }()

    @Test(
        "relative links in the docs lead to files, and to headings that are there",
        arguments: pages
    )
    func resolvesLinks(page: String) throws {
        let text = try Self.prose(of: page)
        let folder = page.split(separator: "/").dropLast().joined(separator: "/")
        for match in text.matches(of: /\]\(([^)\s]+)\)/) {
            let link = String(match.1)
            if link.contains("://") || link.hasPrefix("mailto:") { continue }
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            let target = parts[0].isEmpty ? page : Self.joined(folder, String(parts[0]))
            #expect(Repository.exists(target), "\(page): \(link)")
            if parts.count == 2, target.hasSuffix(".md"), Repository.exists(target) {
                let anchors = try Self.anchors(of: target)
                #expect(anchors.contains(String(parts[1])), "\(page): \(link)")
            }
        }
    }

    @Test("nothing that is built is tracked", .enabled(if: Repository.trackedFiles != nil))
    func tracksNoProducts() {
        let folders = [".build", ".venv", "out", "__pycache__", ".swiftpm", "DerivedData"]
        let endings = [".o", ".so", ".a", ".chipimg", ".mcap", ".pyc", ".swiftmodule", ".profraw"]
        let products = (Repository.trackedFiles ?? []).filter { file in
            // Traces and images that tests read are fixtures.
            if file.contains("/Fixtures/") || file.hasPrefix("traces/") { return false }
            return file.split(separator: "/").dropLast()
                .contains { folders.contains(String($0)) || $0.hasPrefix(".build-") }
                || endings.contains { file.hasSuffix($0) }
                || file == "Package.resolved"
        }
        #expect(products == [])
    }

    @Test("no source is an empty shell")
    func hasNoShells() {
        let shells = ["Sources", "Tests"].flatMap { folder in
            Repository.files(below: folder, ending: "Empty.swift")
        }
        #expect(shells == [])
    }

    /// A page without code, in which brackets mean other things.
    private static func prose(of page: String) throws -> String {
        var isCode = false
        return try Repository.text(page).split(separator: "\n", omittingEmptySubsequences: false)
            .filter { line in
                if line.hasPrefix("```") { isCode.toggle() }
                return !isCode && !line.hasPrefix("    ")
            }
            .joined(separator: "\n").replacing(/`[^`\n]*`/, with: "")
    }

    /// The anchors that GitHub gives the headings of a page.
    private static func anchors(of page: String) throws -> Set<String> {
        let headings = try Repository.text(page).split(separator: "\n").filter { $0.hasPrefix("#") }
        return Set(
            headings.map { heading in
                heading.drop { $0 == "#" || $0 == " " }.lowercased()
                    .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
                    .replacing(" ", with: "-")
            }
        )
    }

    private static func joined(_ folder: String, _ link: String) -> String {
        var parts = folder.split(separator: "/").map(String.init)
        for part in link.split(separator: "/") {
            if part == ".." {
                _ = parts.popLast()
            } else if part != "." {
                parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }
}
