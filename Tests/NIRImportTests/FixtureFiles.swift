import Foundation
import HDF5
import NIRImport
import NetworkIR
import TestSupport

/// NIR files of the tests: the module's own, and those of the roots in SPIKELOOM_FIXTURES.
enum FixtureFiles {
    static let own = Fixtures.own("NIRImport")
    static let examples = Fixtures.repository.appending(path: "Examples/digits")

    static var roots: [URL] { [own] + Fixtures.furtherRoots }

    /// Files of one kind in one root, sorted by name; empty if the root lacks the kind.
    static func files(_ kind: String, in root: URL) -> [URL] {
        let folder = root.appending(path: "nir/" + kind)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".nir") }.sorted().map { folder.appending(path: $0) }
    }

    /// Reads a file as the program does: through the child process.
    static func imported(_ file: URL, _ settings: ImportSettings) throws -> ImportedNetwork {
        let program = HDF5ChildProcess.programBesideThisOne()
        return try NIRFile.read(
            HDF5ChildProcess(program: program, file: file.path),
            name: file.lastPathComponent,
            settings: settings
        )
    }
}

/// What the reference simulation got from a graph.
struct Golden: Decodable {
    struct Stream: Decodable {
        var shape: [Int]
        var kind: String?
        var events: [[Int]]?
        var values: [[Double]]?
    }

    var dt: Double
    var steps: Int
    var inputs: [String: Stream]
    var outputs: [String: Stream]

    init(of file: URL) throws {
        let golden = file.deletingPathExtension().appendingPathExtension("golden.json")
        self = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: golden))
    }
}
