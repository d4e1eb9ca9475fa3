import Foundation
import Report
import Synchronization

/// The only place that writes to the terminal.
enum Console {
    /// Writes a line to standard output.
    static func print(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    /// Writes a line to standard error.
    static func complain(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    private static let diagnosticFormat = Mutex(DiagnosticFormat.text)

    /// Says how `tell` writes from now on: once the command line is read.
    static func writeDiagnostics(as format: DiagnosticFormat) {
        diagnosticFormat.withLock { $0 = format }
    }

    /// Writes an error or a warning to standard error.
    static func tell(_ complaint: Complaint) {
        switch diagnosticFormat.withLock({ $0 }) {
        case .text: complain(complaint.text(withHint: showsProgress))
        case .json: complain(complaint.json.compactText)
        }
    }

    /// Writes a warning about a file to standard error.
    static func warn(_ file: String, _ what: some CustomStringConvertible) {
        tell(Complaint(severity: .warning, message: "\(file): \(what)", file: file))
    }

    /// Whether standard error is a terminal, so that progress may be shown.
    static var showsProgress: Bool { isatty(FileHandle.standardError.fileDescriptor) == 1 }

    /// Width of the terminal, or 80.
    static var width: Int {
        var size = winsize()
        let answer = unsafe ioctl(
            FileHandle.standardOutput.fileDescriptor,
            UInt(TIOCGWINSZ),
            &size
        )
        return answer == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
    }
}

/// A progress line on standard error; silent when that is not a terminal.
final class Progress: Sendable {
    private let title: String
    private let unit: String
    private let total: Int?
    private let isShown: Bool
    private let start = ContinuousClock.now
    private let lastShown = Mutex<ContinuousClock.Instant?>(nil)

    init(_ title: String, unit: String, total: Int?, _ isQuiet: Bool) {
        self.title = title
        self.unit = unit
        self.total = total
        isShown = Console.showsProgress && !isQuiet
    }

    /// Shows how far the work is, ten times a second at the most.
    func update(_ done: Int) {
        guard isShown else { return }
        let now = ContinuousClock.now
        let isDue = lastShown.withLock { last in
            if let last, now - last < .milliseconds(100), done < total ?? .max { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let line = ProgressLine(
            title,
            unit: unit,
            done: done,
            total: total,
            elapsed: (now - start) / .seconds(1)
        )
        let text = "\r" + line.text(width: Console.width - 1) + "\u{1B}[K"
        FileHandle.standardError.write(Data(text.utf8))
    }

    /// Takes the line away.
    func finish() {
        guard isShown else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    }
}
