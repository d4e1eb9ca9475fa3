import ChipSpec
import Foundation
import HDF5
import Report

/// What commands need from around them: folders, programs, files.
enum Tools {
    /// Where chip specs are found.
    static var catalogue: ChipCatalogue { .ofThisProcess }

    /// The child process that reads HDF5 files, beside this program.
    static func hdf5Program() throws -> String {
        let path = HDF5ChildProcess.programBesideThisOne()
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw BadInput(
                "\(path) is missing. It reads NIR files and is installed beside spikeloom; "
                    + "build or install it again."
            )
        }
        return path
    }

    /// Writes a text to a file by a temporary name, so that nobody sees half of it.
    static func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw BadInput("\(path): cannot be written: \(error.localizedDescription)")
        }
    }

    /// Most memory that this process has held so far, in bytes; 0 where the system does not tell.
    ///
    /// `getrusage` would count what the starting process held before it became this one.
    static func peakBytes() -> Int {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kibibytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst()
                .first
        else { return 0 }
        return (Int(kibibytes) ?? 0) * 1024
    }

    /// Makes `peakBytes` count anew; without effect where the system does not let it.
    static func forgetPeak() {
        guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
        // 5 resets the high-water mark alone (proc(5)).
        try? file.write(contentsOf: Data("5".utf8))
        try? file.close()
    }

    /// Gives a finished file its name.
    static func move(_ temporary: String, to path: String) throws {
        guard unsafe rename(temporary, path) == 0 else {
            throw BadInput("\(path): cannot be written. Choose another place.")
        }
    }

    /// Draws a picture in the format that its name ends in (SVG for any other); it gets its name when it is
    /// whole.
    static func draw(to path: String, _ script: (String, FigureFormat) -> String) throws {
        let temporary = path + ".part"
        let format: FigureFormat =
            path.hasSuffix(".png") ? .png : path.hasSuffix(".pdf") ? .pdf : .svg
        try draw(script(temporary, format))
        try move(temporary, to: path)
    }

    /// Draws a gnuplot script to the picture it names.
    static func draw(_ script: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gnuplot"]
        let pipe = Pipe()
        process.standardInput = pipe
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch {
            throw BadInput("gnuplot cannot be started: \(error.localizedDescription)")
        }
        // A gnuplot that does not run closes the pipe at once; its exit code tells.
        signal(SIGPIPE, SIG_IGN)
        try? pipe.fileHandleForWriting.write(contentsOf: Data(script.utf8))
        try? pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BadInput("gnuplot failed. Install it (package gnuplot-nox), or leave out --plot.")
        }
    }
}
