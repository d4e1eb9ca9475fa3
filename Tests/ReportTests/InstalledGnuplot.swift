import Foundation

/// The installed gnuplot, with a folder that is removed afterwards.
final class InstalledGnuplot {
    static let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/gnuplot")

    let folder: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("figures-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        folder = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// What gnuplot says to a script at its standard input; nothing if all is well.
    func run(_ script: String) throws -> String {
        let path = folder + "/script"
        try Data(script.utf8).write(to: URL(fileURLWithPath: path))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/gnuplot")
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        let output = Pipe()
        process.standardError = output
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let status = process.terminationStatus == 0 ? "" : " status \(process.terminationStatus)"
        return String(decoding: data, as: UTF8.self) + status
    }
}
