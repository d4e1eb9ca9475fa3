import ChipImage
import ChipSpec
import Description
import FuzzSupport
import NetworkIR
import Rules

// The first byte says what the text is read as; the rest is the text. Run it from the folder of the repository: rules
// are compiled for the chips of chipspecs.

/// What messages name; files that a text names lie nowhere.
private let path = "/nowhere/fuzz.yaml"

/// The text, for readers that take a file: a chip may extend those of chipspecs.
private let file = MemoryFile()
private let catalogue = ChipCatalogue(folders: ["chipspecs"])

/// Chips with an engine for rules.
private let chips = ["pilot", "loihi", "odin"].map { name in
    guard let chip = try? ChipSpec.load(contentsOf: "chipspecs/\(name).yaml") else {
        preconditionFailure("the working folder is that of the repository")
    }
    return chip
}

/// Reads the document as it stands, then with each of its arms.
private func eachArm(_ arms: [String], _ read: (String?) throws -> Void) {
    for arm in [nil] + arms.prefix(8).map(Optional.some) {
        do { try read(arm) } catch { _ = "\(error)" }
    }
}

private let readers: [@Sendable (String) throws -> Void] = [
    { text in
        file.hold(Array(text.utf8))
        let chip = try ChipSpec.load(contentsOf: file.path, catalogue: catalogue)
        let again = try ChipSpec(canonicalJSON: chip.canonicalJSON(), path: path)
        precondition(again == chip, "a chip that is accepted is written as it is")
    },
    { text in
        let file = try ExperimentFile(text: text, path: path)
        eachArm(file.arms) { _ = try file.experiment(arm: $0) }
    },
    { text in _ = try NetworkFile(text: text, path: path) },
    { text in
        let file = try CircuitFile(text: text, path: path)
        eachArm(file.arms) { _ = try file.circuit(arm: $0) }
    },
    { text in
        let file = try SamplingFile(text: text, path: path)
        eachArm(file.arms) { _ = try file.sampling(arm: $0) }
    },
    { text in
        let file = try TrainingFile(text: text, path: path)
        eachArm(file.arms) { _ = try file.training(arm: $0) }
    },
    { text in
        let device = try DeviceFile(text: text, path: path)
        _ = try DeviceFile(text: device.text, path: path)
    },
    { text in
        let rule = try RuleFile.rule(text: text, path: path)
        for chip in chips {
            do { _ = try RuleCompiler.program(for: rule, on: chip) } catch { _ = "\(error)" }
        }
    },
]

/// Reads one input; libFuzzer calls it.
///
/// - Parameters:
///   - data: The input.
///   - count: Its bytes.
/// - Returns: 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDescriptions(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var input = Input(data, count)
    let read = readers[input.byte() % readers.count]
    // Errors are the answer to bad files; only crashes, hangs and large memory are faults.
    do { try read(String(decoding: input.rest(), as: UTF8.self)) } catch { _ = "\(error)" }
    return 0
}
