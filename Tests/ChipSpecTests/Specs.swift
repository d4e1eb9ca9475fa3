import ChipSpec
import Foundation

/// The chip specs of the repository.
enum Specs {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "chipspecs").path()

    static let names = [
        "loihi", "loihi2", "mapping-bench", "odin", "pilot", "speck", "spinnaker2", "truenorth",
    ]

    static func load(_ name: String) throws -> ChipSpec {
        try ChipSpec.load(contentsOf: folder + "/\(name).yaml")
    }

    static func text(_ name: String) throws -> String {
        try String(contentsOfFile: folder + "/\(name).yaml", encoding: .utf8)
    }
}
