import Foundation

/// Finds chip specs by name in a list of folders.
public struct ChipCatalogue: Sendable {
    /// Folders that are searched, first to last.
    public let folders: [String]

    /// Makes a catalogue of some folders.
    ///
    /// - Parameter folders: Paths, first to last; those that do not exist are skipped.
    public init(folders: [String]) {
        self.folders = folders
    }

    /// The folders a program searches when it is told nothing else.
    ///
    /// Those of `SPIKELOOM_CHIPSPECS` (separated by colons); then, from the folder of the executable
    /// upward, folders called `chipspecs` or `share/spikeloom/chipspecs`; then `chipspecs` in the
    /// working folder.
    ///
    /// - Parameters:
    ///   - environment: Environment of the process.
    ///   - executable: Path of the executable.
    ///   - workingFolder: Working folder.
    /// - Returns: Folders that exist, each once.
    public static func standardFolders(
        environment: [String: String],
        executable: String,
        workingFolder: String
    ) -> [String] {
        var candidates = (environment["SPIKELOOM_CHIPSPECS"] ?? "").split(separator: ":")
            .map(String.init)
        if executable.hasPrefix("/") {
            var folder = URL(fileURLWithPath: executable).resolvingSymlinksInPath()
            while folder.pathComponents.count > 1 {
                folder.deleteLastPathComponent()
                candidates.append(folder.appendingPathComponent("chipspecs").path)
                candidates.append(folder.appendingPathComponent("share/spikeloom/chipspecs").path)
            }
        }
        candidates.append(
            URL(fileURLWithPath: workingFolder).appendingPathComponent("chipspecs").path
        )
        var result: [String] = []
        for candidate in candidates where !result.contains(candidate) && Self.isFolder(candidate) {
            result.append(candidate)
        }
        return result
    }

    /// The catalogue of the running program: the standard folders of its process.
    public static var ofThisProcess: ChipCatalogue {
        ChipCatalogue(
            folders: standardFolders(
                environment: ProcessInfo.processInfo.environment,
                executable: Bundle.main.executablePath ?? "",
                workingFolder: FileManager.default.currentDirectoryPath
            )
        )
    }

    /// Names of the chips in all folders, sorted, each once.
    public var names: [String] {
        var found: Set<String> = []
        for folder in folders {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for file in files where file.hasSuffix(".yaml") && !file.hasPrefix(".") {
                found.insert(String(file.dropLast(5)))
            }
        }
        return found.sorted()
    }

    /// Path of the spec of a chip.
    ///
    /// - Parameter chip: A name, or a path: what contains `/` or ends in `.yaml` is taken as it is.
    /// - Throws: `ChipSpecError.unknownChip`.
    /// - Returns: Path of a YAML file; a path given as such is not looked for.
    public func path(of chip: String) throws -> String {
        if chip.contains("/") || chip.hasSuffix(".yaml") { return chip }
        for folder in folders {
            let path = folder + "/" + chip + ".yaml"
            if FileManager.default.fileExists(atPath: path) { return path }
        }
        let known = names
        throw ChipSpecError.unknownChip(
            name: chip,
            known: known,
            nearest: NearestName.of(chip, among: known),
            folders: folders
        )
    }

    /// Loads the spec of a chip.
    ///
    /// - Parameter chip: A name, or a path: what contains `/` or ends in `.yaml` is taken as it is.
    /// - Throws: `ChipSpecError`.
    /// - Returns: A validated chip.
    public func load(_ chip: String) throws -> ChipSpec {
        try ChipSpec.load(contentsOf: path(of: chip), catalogue: self)
    }

    private static func isFolder(_ path: String) -> Bool {
        let type = try? URL(fileURLWithPath: path).resolvingSymlinksInPath()
            .resourceValues(forKeys: [.isDirectoryKey]).isDirectory
        return type == true
    }
}
