import ChipSpec
import Diagnostics
import Foundation
import TestSupport
import Testing

/// Compares what an input is told with the page on its code.
///
/// - Parameters:
///   - code: The code that the input gets.
///   - folder: Folder whose path messages are shown without.
///   - body: Throws the error.
/// - Returns: The diagnostic; nil if there was none.
@discardableResult
func trigger(
    _ code: DiagnosticCode,
    in folder: String? = nil,
    _ body: () throws -> Void
) -> Diagnostic? {
    do {
        try body()
        Issue.record("\(code.rawValue): the input is accepted")
        return nil
    } catch let error as any DiagnosedError {
        let diagnostic = error.diagnostic
        #expect(diagnostic.code == code)
        let message = folder.map { diagnostic.message.replacing($0 + "/", with: "") }
        #expect((message ?? diagnostic.message) == page(on: code)?.message, "\(code.rawValue)")
        return diagnostic
    } catch {
        Issue.record("\(code.rawValue): \(error) has no code")
        return nil
    }
}

/// The page on a code.
func page(on code: DiagnosticCode) -> DiagnosticPage? {
    DiagnosticCatalogue.page(on: code.rawValue)
}

/// Codes that begin alike.
func codes(_ prefix: String) -> Set<DiagnosticCode> {
    Set(DiagnosticCode.allCases.filter { $0.rawValue.hasPrefix(prefix) })
}

/// A chip of the repository.
func chip(_ name: String) throws -> ChipSpec {
    try ChipCatalogue(folders: [Fixtures.repository.path + "/chipspecs"]).load(name)
}

/// A folder that goes away with its owner.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("diagnostics-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file.
    func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
        return path + "/" + name
    }
}
