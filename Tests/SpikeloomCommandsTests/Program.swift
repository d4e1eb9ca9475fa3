import Foundation
import TestSupport

/// The built program, run as a user runs it.
enum BuiltProgram {
    /// What a run of the program left behind.
    struct Outcome {
        var exitCode: Int32
        var output: String
        var complaint: String
        var seconds: Double
    }

    /// The programs lie beside the test bundle.
    static let folder: URL = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        return URL(fileURLWithPath: own ?? CommandLine.arguments[0]).deletingLastPathComponent()
    }()

    /// Runs the program to its end.
    ///
    /// - Parameters:
    ///   - arguments: What follows the program's name.
    ///   - name: Name of the program.
    ///   - folder: Where it runs; the repository if nil.
    ///   - kibibytes: Memory it may take, for itself and for each child; without limit if nil.
    ///   - cpuSeconds: Time it may compute, whatever else the machine does; without limit if nil.
    /// - Returns: What it left behind.
    /// - Throws: What starting it throws.
    static func run(
        _ arguments: [String],
        of name: String = "spikeloom",
        in folder: URL? = nil,
        within kibibytes: Int? = nil,
        cpuSeconds: Int? = nil
    ) throws -> Outcome {
        let scratch = try Scratch()
        // Files rather than pipes: no output is too long for them.
        let output = scratch.file("output")
        let complaint = scratch.file("complaint")
        try Data().write(to: output)
        try Data().write(to: complaint)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let limit =
            (kibibytes.map { "ulimit -d \($0); " } ?? "")
            + (cpuSeconds.map { "ulimit -t \($0); " } ?? "")
        process.arguments =
            ["-c", limit + "exec \"$0\" \"$@\"", self.folder.appendingPathComponent(name).path]
            + arguments
        process.currentDirectoryURL = folder ?? Fixtures.repository
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: complaint)
        process.standardInput = FileHandle.nullDevice
        let start = ContinuousClock.now
        try process.run()
        process.waitUntilExit()
        return Outcome(
            exitCode: process.terminationReason == .exit ? process.terminationStatus : -1,
            output: try String(contentsOf: output, encoding: .utf8),
            complaint: try String(contentsOf: complaint, encoding: .utf8),
            seconds: (ContinuousClock.now - start) / .seconds(1)
        )
    }
}

/// A folder that goes away with its owner.
final class Scratch {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("spikeloom-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

    var contents: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    }
}
