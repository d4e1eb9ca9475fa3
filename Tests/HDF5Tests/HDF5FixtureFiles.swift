import Foundation
import HDF5
import TestSupport

/// Files that `Fixtures/make.py` wrote, and the program under test.
enum HDF5FixtureFiles {
    static let program = HDF5ChildProcess.programBesideThisOne()

    static func path(_ name: String) -> String {
        Fixtures.own("HDF5").appending(path: name).path
    }

    /// All NIR files of the import tests: written by several versions of h5py.
    static func nirFiles(_ kind: String) -> [String] {
        let folder = Fixtures.own("NIRImport").appending(path: "nir/" + kind).path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".nir") }.sorted().map { folder + "/" + $0 }
    }
}

extension HDF5Group {
    /// The data set at a path of names.
    func dataset(_ path: String...) -> HDF5Dataset? {
        var group = self
        for name in path.dropLast() {
            guard case .group(let next) = group[name] else { return nil }
            group = next
        }
        guard case .dataset(let dataset) = path.last.flatMap({ group[$0] }) else { return nil }
        return dataset
    }

    /// Why a member cannot be read.
    func refusal(_ name: String) -> String? {
        if case .unreadable(let reason) = self[name] { reason } else { nil }
    }
}
