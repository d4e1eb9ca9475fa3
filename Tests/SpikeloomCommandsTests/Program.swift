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
        /// Largest resident memory of the program or of a child it waited for.
        var peakKibibytes: Int
    }

    /// The program lies beside the test bundle.
    private static let path: URL = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        return URL(fileURLWithPath: own ?? CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("spikeloom")
    }()

    /// Runs the program to its end.
    static func run(_ arguments: [String], in folder: URL? = nil) throws -> Outcome {
        let scratch = try Scratch()
        let output = scratch.file("output")
        let complaint = scratch.file("complaint")
        let start = ContinuousClock.now
        let child = try spawn(
            arguments,
            in: folder ?? Fixtures.repository,
            output: output.path,
            complaint: complaint.path
        )
        var status: Int32 = 0
        var usage = rusage()
        while unsafe wait4(child, &status, 0, &usage) < 0 && errno == EINTR {}
        // WIFEXITED and WEXITSTATUS are macros.
        let hasExited = status & 0x7F == 0
        return Outcome(
            exitCode: hasExited ? (status >> 8) & 0xFF : -1,
            output: try String(contentsOf: output, encoding: .utf8),
            complaint: try String(contentsOf: complaint, encoding: .utf8),
            seconds: (ContinuousClock.now - start) / .seconds(1),
            peakKibibytes: usage.ru_maxrss
        )
    }

    /// Starts the program; Foundation's Process tells nothing of the memory a child used.
    private static func spawn(
        _ arguments: [String],
        in folder: URL,
        output: String,
        complaint: String
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        // Files rather than pipes: no output is too long for them.
        let mode = O_WRONLY | O_CREAT
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, mode, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, complaint, mode, 0o600)
        // env becomes the program, in another folder.
        let line = ["/usr/bin/env", "-C", folder.path, path.path] + arguments
        var words = unsafe line.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var child: pid_t = 0
        let answer = unsafe posix_spawn(&child, line[0], &actions, nil, &words, environ)
        guard answer == 0 else { throw POSIXError(POSIXErrorCode(rawValue: answer) ?? .EIO) }
        return child
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
