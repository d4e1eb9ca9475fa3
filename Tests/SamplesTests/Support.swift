import Foundation
import Samples

/// A folder that is removed with the value.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("samples-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    /// Writes an archive with members given as (name, bytes).
    func archive(_ members: [(String, [UInt8])], isCompressed: Bool = true) throws -> String {
        let path = file("samples.npz")
        let list = members.map { ArchiveWriter.Member(name: $0.0, bytes: $0.1) }
        try ArchiveWriter.write(list, isCompressed: isCompressed, to: path)
        return path
    }
}

/// A fixture of this target.
func fixture(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures/\(name)").path
}

/// A member in the npy format, with any header text.
func npy(header: String, version: UInt8 = 1, data: [UInt8] = []) -> [UInt8] {
    let text = Array(header.utf8)
    var length: [UInt8] = [UInt8(text.count & 0xFF), UInt8(text.count >> 8)]
    if version > 1 { length += [0, 0] }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + data
}

/// A member in the npy format.
func npy(
    _ type: String,
    _ shape: String,
    isFortranOrder: Bool = false,
    version: UInt8 = 1,
    data: [UInt8]
) -> [UInt8] {
    let order = isFortranOrder ? "True" : "False"
    return npy(
        header: "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n",
        version: version,
        data: data
    )
}

/// What reading a file throws; nil if it is read.
func refusal(of path: String, limits: SampleLimits = .standard) -> SampleError? {
    do {
        _ = try SampleSet(contentsOf: path, limits: limits)
        return nil
    } catch {
        return error
    }
}

/// All spikes of an input as lists.
func lists(_ samples: SampleSet, input: Int = 0) -> [[[UInt32]]] {
    (0..<samples.sampleCount).map { sample in
        (0..<samples.stepCount).map { step in
            Array(samples.spikes(sample: sample, step: step, input: input))
        }
    }
}
