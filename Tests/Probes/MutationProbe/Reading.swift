import ChipImage
import ChipSpec
import Compiler
import Description
import Foundation
import HDF5
import NIRImport
import NetworkIR

/// Reads damaged bytes as the program would.
struct Reading {
    enum Kind: String {
        case image, yaml, nir
    }

    let kind: Kind
    /// The file that was damaged: what descriptions name lies beside it.
    let path: String
    let chip: ChipSpec
    /// The program that reads HDF5.
    let reader: String

    /// Reads, and compiles what is a network.
    ///
    /// - Throws: What the program refuses the bytes with.
    func callAsFunction(_ bytes: [UInt8]) throws {
        switch kind {
        case .image: try ChipImage(decoding: bytes).verify()
        case .yaml:
            let text = String(decoding: bytes, as: UTF8.self)
            let experiment = try ExperimentFile(text: text, path: path).experiment()
            let network = experiment.network(seed: experiment.seeds.first ?? 0)
            let rules = try network.rules.map { try RuleCompiler.program(for: $0, on: chip) }
            _ = try Compiler.compile(network, for: chip, rules: rules)
        case .nir:
            let copy = path + ".damaged"
            try Data(bytes).write(to: URL(fileURLWithPath: copy))
            defer { try? FileManager.default.removeItem(atPath: copy) }
            let source = HDF5ChildProcess(program: reader, file: copy)
            let settings = ImportSettings(exporter: .snntorch)
            let imported = try NIRFile.read(source, name: "n", file: copy, settings: settings)
            _ = try Compiler.compile(imported.network, for: chip)
        }
    }
}
