import Foundation
import HDF5
import Testing

@Suite("HDF5 files")
struct HDF5FileTests {
    private func structure(_ name: String) throws(HDF5Error) -> HDF5Group {
        try HDF5File(path: HDF5FixtureFiles.path(name)).structure()
    }

    @Test("numbers of every width and byte order are read")
    func numbers() throws {
        let root = try structure("kinds.h5")
        #expect(
            root.dataset("scalar")
                == HDF5Dataset(shape: [], element: .float, contents: .floats([2.5]))
        )
        #expect(root.dataset("float16")?.shape == [2, 3])
        #expect(root.dataset("float16")?.contents == .floats([0, 0.25, 0.5, 0.75, 1, 1.25]))
        #expect(root.dataset("big_endian")?.contents == .floats([1.5, -2]))
        #expect(root.dataset("int8")?.contents == .integers([-128, 127]))
        #expect(root.dataset("uint64")?.contents == .integers([0, .max]))
        #expect(root.dataset("empty")?.count == 0)
        #expect(root.dataset("group", "hard") == root.dataset("int8"))
        #expect(root.dataset("group", "soft") == root.dataset("scalar"))
    }

    @Test("text of every length rule is read")
    func texts() throws {
        let root = try structure("kinds.h5")
        #expect(root.dataset("utf8")?.contents == .texts(["α β", "", "c"]))
        #expect(root.dataset("ascii")?.contents == .texts(["x"]))
        #expect(root.dataset("padded_by_zeros")?.contents == .texts(["ab", "abcd"]))
        #expect(root.dataset("padded_by_blanks")?.contents == .texts(["ab", "abcd"]))
    }

    @Test("arrays of up to 256 elements come with the structure, larger ones on request")
    func inlineLimit() throws {
        let file = HDF5File(path: HDF5FixtureFiles.path("kinds.h5"))
        let root = try file.structure()
        #expect(root.dataset("edge_256")?.contents?.count == 256)
        #expect(root.dataset("edge_257")?.contents == nil)
        let arrays = try file.doubles([
            HDF5Request(path: "/edge_257", count: 257), HDF5Request(path: "/int8", count: 2),
            HDF5Request(path: "/empty", count: 0),
        ])
        #expect(arrays == [(0..<257).map { Double($0) }, [-128, 127], []])
    }

    @Test("an array that is not there, is text or has another size is refused by its path")
    func badRequests() {
        let path = HDF5FixtureFiles.path("kinds.h5")
        for (name, count) in [
            ("/nothing", 1), ("/utf8", 3), ("/int8", 3), ("/int8", 1), ("/group", 1),
        ] {
            let error = #expect(throws: HDF5Error.self) {
                try HDF5File(path: path).doubles([HDF5Request(path: name, count: count)])
            }
            guard case .unreadableObject(path, name, _) = error else {
                Issue.record("\(name): \(String(describing: error))")
                continue
            }
        }
        let large = HDF5Request(path: "/int8", count: HDF5Request.countLimit + 1)
        #expect(throws: HDF5Error.self) { try HDF5File(path: path).doubles([large]) }
    }

    @Test(
        "what is not read says why, and harms nothing beside it",
        arguments: [
            ("boolean", "enumerated"), ("complex", "compound"), ("null", "null data space"),
            ("dangling", "leads nowhere"), ("external", "another file"),
            ("into_external", "leads nowhere"), ("virtual", "another file"),
            ("stored_outside", "another file"), ("lzf", "lzf (filter 32000)"),
            ("named_type", "neither a group nor a data set"), ("latin1", "not UTF-8"),
        ]
    )
    func unreadable(name: String, part: String) throws {
        let root = try structure("refused.h5")
        #expect(root.refusal(name)?.contains(part) == true, "\(root.refusal(name) ?? "read")")
        #expect(root.dataset("good")?.contents == .integers([1]))
    }

    @Test("a link back to a group that holds it is a cycle")
    func cycle() throws {
        guard case .group(let group) = try structure("refused.h5")["cycle"] else {
            Issue.record("no group")
            return
        }
        #expect(group.refusal("back")?.contains("cycle") == true)
    }

    @Test("groups may be nested 64 deep and no deeper")
    func depth() throws {
        _ = try structure("deep64.h5")
        let error = #expect(throws: HDF5Error.self) { try structure("deep65.h5") }
        #expect("\(String(describing: error))".contains("65 deep"))
    }

    @Test(
        "names that Swift cannot tell apart or hold are refused",
        arguments: ["same_name", "no_utf8_name", "long_name"]
    )
    func names(name: String) throws {
        let error = #expect(throws: HDF5Error.self) { try structure(name + ".h5") }
        guard case .unreadableObject = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("hard links that multiply paths end at the limit on members")
    func linkBomb() throws {
        let error = #expect(throws: HDF5Error.self) { try structure("bomb.h5") }
        guard case .tooLarge = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a missing file, a directory, a device and foreign bytes are told apart")
    func noFile() {
        let missing = HDF5FixtureFiles.path("missing.h5")
        #expect(
            throws: HDF5Error.unreadableFile(file: missing, reason: "No such file or directory")
        ) { try HDF5File(path: missing).structure() }
        let folder = HDF5FixtureFiles.path("")
        #expect(throws: HDF5Error.unreadableFile(file: folder, reason: "this is a directory")) {
            try HDF5File(path: folder).structure()
        }
        #expect(
            throws: HDF5Error.unreadableFile(file: "/dev/zero", reason: "this is no regular file")
        ) { try HDF5File(path: "/dev/zero").structure() }
        let script = HDF5FixtureFiles.path("make.py")
        #expect(throws: HDF5Error.notHDF5(file: script, reason: "its first bytes are others")) {
            try HDF5File(path: script).structure()
        }
    }

    @Test(
        "what is written is read again: text, integers, floats, scalars, nothing, groups in groups"
    )
    func writing() throws {
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).h5"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let inner = HDF5Group(members: [
            "α": .texts(["a", "", "γ δ"], shape: [3]), "pair": .texts(["x", "y"], shape: [1, 2]),
        ])
        let root = HDF5Group(members: [
            "numbers": .floats([1.5, -2, .pi, 0, 1e300, -1e-300], shape: [2, 3]),
            "scalar": .floats([2.5], shape: []), "none": .floats([]),
            "whole": .integers([1, -(1 << 60)]), "version": .texts(["1.0.8"], shape: []),
            "group": .group(HDF5Group(members: ["inner": .group(inner)])),
        ])
        let file = HDF5File(path: path)
        try file.write(root)
        #expect(try file.structure() == root)
        // Over an old file, and over one that cannot be: it stays as it was.
        try file.write(inner)
        let bad = HDF5Group(members: ["a/b": .integers([1])])
        #expect(throws: HDF5WritingError.self) { try file.write(bad) }
        let short = HDF5Group(members: ["x": .floats([1], shape: [2])])
        #expect(throws: HDF5WritingError.self) { try file.write(short) }
        #expect(try file.structure() == inner)
        #expect(!FileManager.default.fileExists(atPath: path + ".part"))
    }
}
