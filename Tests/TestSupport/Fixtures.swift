package import Foundation

/// Folders of fixtures: those of the repository and further ones from `SPIKELOOM_FIXTURES`.
package enum Fixtures {
    /// Root of the repository.
    package static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Fixtures that belong to the tests of a module.
    ///
    /// - Parameter module: For example `Emulator`.
    /// - Returns: `Tests/<module>Tests/Fixtures`.
    package static func own(_ module: String) -> URL {
        repository.appendingPathComponent("Tests/\(module)Tests/Fixtures")
    }

    /// Roots named in `SPIKELOOM_FIXTURES`, separated by colons.
    package static var furtherRoots: [URL] {
        (ProcessInfo.processInfo.environment["SPIKELOOM_FIXTURES"] ?? "")
            .split(separator: ":").map { URL(fileURLWithPath: String($0)) }
    }

    /// Files of one kind in all roots, and a line for each root that says how many it gave.
    ///
    /// A root may lack the folder. The caller fails when all roots together give no file.
    ///
    /// - Parameters:
    ///   - kind: What the files are called in the printed lines.
    ///   - module: Module whose own fixtures come first.
    ///   - folder: Folder below each root, for example `lava`.
    ///   - isWanted: Which file names belong to the kind.
    /// - Returns: The files, root by root, each root sorted by name.
    package static func files(
        _ kind: String,
        of module: String,
        in folder: String,
        where isWanted: (String) -> Bool
    ) -> [URL] {
        ([own(module)] + furtherRoots).flatMap { root in
            let directory = root.appendingPathComponent(folder)
            let names =
                (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
            let wanted = names.filter(isWanted).sorted()
            print("fixtures: \(kind): \(wanted.count) from \(root.path)")
            return wanted.map { directory.appendingPathComponent($0) }
        }
    }
}
