import Foundation

/// The files of this repository, as the tests see them.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: root + "/" + path, encoding: .utf8)
    }

    /// Names of the folders in a folder.
    static func folders(in path: String) throws -> [String] {
        let contents = try FileManager.default.contentsOfDirectory(
            at: URL(fileURLWithPath: root + "/" + path),
            includingPropertiesForKeys: [.isDirectoryKey]
        )
        return try contents.filter {
            try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true
        }.map(\.lastPathComponent)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root + "/" + path)
    }

    /// Files below a folder with an ending, as paths from the root.
    static func files(below path: String, ending: String) -> [String] {
        let found = FileManager.default.enumerator(atPath: root + "/" + path)
        return (found?.compactMap { $0 as? String } ?? [])
            .filter { $0.hasSuffix(ending) }
            .map { path + "/" + $0 }
            .sorted()
    }

    /// What git keeps; nil in a copy without git.
    static let trackedFiles: [String]? = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // The owner of a mounted folder may be another; this only lists.
        process.arguments = ["git", "-c", "safe.directory=*", "-C", root, "ls-files", "-z"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }()
}
