import ArgumentParser
import ChipSpec
import Compiler
import Foundation

/// A pass as written on the command line.
struct PassName {
    /// The pass.
    let pass: CompilerPass

    /// Finds a pass by its name.
    ///
    /// - Throws: `ValidationError` with the nearest name and all names.
    init(_ text: String, option: String) throws {
        guard let pass = CompilerPass(rawValue: text) else {
            let names = CompilerPass.allCases.map(\.rawValue)
            let near = NearestName.of(text, among: names).map { " Did you mean \($0)?" } ?? ""
            throw ValidationError(
                "\(option) '\(text)': there is no such pass.\(near) The passes are "
                    + names.joined(separator: ", ") + "."
            )
        }
        self.pass = pass
    }

    /// All names, as help shows them.
    static let all = CompilerPass.allCases.map(\.rawValue).joined(separator: "|")
}

/// How a compilation is looked into.
struct PassOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Stop after a pass, report what is known then, write no image: \(PassName.all).",
            valueName: "pass"
        )
    )
    var stopAfter: String?

    @Option(
        help: ArgumentHelp(
            "Write what a pass made as text, one fact a line, to standard output or to a file. May be "
                + "repeated.",
            valueName: "pass[=file]"
        )
    )
    var dumpAfter: [String] = []

    @Flag(help: "Show statistics, time and memory of each pass.")
    var verbose = false

    func validate() throws {
        let last = try last ?? .verify
        for dump in try dumps() where dump.pass > last {
            throw ValidationError(
                "--dump-after \(dump.pass.rawValue) comes after --stop-after \(last.rawValue)."
            )
        }
    }

    /// The pass after which to stop; nil for none.
    var last: CompilerPass? {
        get throws { try stopAfter.map { try PassName($0, option: "--stop-after").pass } }
    }

    /// What is to be written where; no file is standard output.
    func dumps() throws -> [(pass: CompilerPass, file: String?)] {
        var seen: Set<CompilerPass> = []
        return try dumpAfter.map { text in
            let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map(String.init)
            let pass = try PassName(sides[0], option: "--dump-after").pass
            guard seen.insert(pass).inserted else {
                throw ValidationError("--dump-after \(pass.rawValue) is there twice. Give it once.")
            }
            guard sides.count == 1 || !sides[1].isEmpty else {
                throw ValidationError(
                    "--dump-after '\(text)' names no file. Leave out the = for standard output."
                )
            }
            return (pass, sides.count == 2 ? sides[1] : nil)
        }
    }
}

/// Writes what passes make; files get their names when they are whole.
final class PassDumps {
    private let destinations: [(pass: CompilerPass, file: String?)]
    private var open: [CompilerPass: (handle: FileHandle, temporary: String, path: String)] = [:]

    init(_ destinations: [(pass: CompilerPass, file: String?)]) { self.destinations = destinations }

    /// The passes that are written.
    var passes: Set<CompilerPass> { Set(destinations.map(\.pass)) }

    /// Takes a piece of text.
    func write(_ pass: CompilerPass, _ text: String) throws {
        guard let destination = destinations.first(where: { $0.pass == pass }) else { return }
        guard let path = destination.file else {
            FileHandle.standardOutput.write(Data(text.utf8))
            return
        }
        try handle(of: pass, path: path).write(contentsOf: Data(text.utf8))
    }

    private func handle(of pass: CompilerPass, path: String) throws -> FileHandle {
        if let known = open[pass] { return known.handle }
        let temporary = path + ".part"
        guard FileManager.default.createFile(atPath: temporary, contents: nil),
            let handle = FileHandle(forWritingAtPath: temporary)
        else {
            throw BadInput("--dump-after \(pass.rawValue)=\(path): it cannot be written.")
        }
        open[pass] = (handle, temporary, path)
        return handle
    }

    /// Gives a pass's file its name.
    func finish() throws {
        for (pass, file) in open.sorted(by: { $0.key < $1.key }) {
            try file.handle.close()
            try Tools.move(file.temporary, to: file.path)
            open[pass] = nil
        }
    }

    deinit {
        for file in open.values { try? FileManager.default.removeItem(atPath: file.temporary) }
    }
}

/// Measures the passes: wall time, and the most memory that the program held during each.
final class PassClock {
    private var start = ContinuousClock.now
    private var costs: [CompilerPass: (seconds: Double, peakBytes: Int)] = [:]
    private var highest = 0

    /// A pass begins.
    func begin(_ pass: CompilerPass) {
        highest = max(highest, Tools.peakBytes())
        Tools.forgetPeak()
        start = .now
    }

    /// A pass is done.
    func end(_ pass: CompilerPass) {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        costs[pass] = (seconds, Tools.peakBytes())
    }

    /// Most memory that the program held at any time so far.
    var peakBytes: Int { max(highest, Tools.peakBytes(), costs.values.map(\.peakBytes).max() ?? 0) }

    /// The reports with their costs.
    func priced(_ passes: [PassReport]) -> [PassReport] {
        passes.map { report in
            var report = report
            if let cost = CompilerPass(rawValue: report.name).flatMap({ costs[$0] }) {
                report.seconds = cost.seconds
                report.peakBytes = cost.peakBytes
            }
            return report
        }
    }
}
