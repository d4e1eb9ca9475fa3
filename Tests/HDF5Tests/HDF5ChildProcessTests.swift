import Foundation
import HDF5
import TestSupport
import Testing

@Suite("The child process that reads HDF5")
struct HDF5ChildProcessTests {
    private func child(_ file: String, _ program: String? = nil, seconds: Int = 20)
        -> HDF5ChildProcess
    {
        HDF5ChildProcess(
            program: program ?? HDF5FixtureFiles.program,
            file: file,
            timeLimit: seconds
        )
    }

    @Test("gives the structure that the library gives in this process")
    func structureEqual() throws {
        let files = HDF5FixtureFiles.nirFiles("graphs") + [HDF5FixtureFiles.path("kinds.h5")]
        #expect(files.count == 34)
        for file in files {
            #expect(try child(file).structure() == HDF5File(path: file).structure(), "\(file)")
        }
    }

    @Test("gives arrays bit for bit, in the order of the requests")
    func doublesEqual() throws {
        let file = Fixtures.repository.appending(path: "Examples/digits/digits_fc.nir").path
        var requests = [
            HDF5Request(path: "/node/nodes/3/weight", count: 0),
            HDF5Request(path: "/node/nodes/1/weight", count: 0),
        ]
        let root = try child(file).structure()
        guard case .group(let node) = root["node"], case .group(let nodes) = node["nodes"] else {
            Issue.record("no nodes")
            return
        }
        requests = nodes.members.keys.sorted().reversed().compactMap { name in
            guard case .group(let group) = nodes[name], let weight = group.dataset("weight") else {
                return nil
            }
            return HDF5Request(path: "/node/nodes/\(name)/weight", count: weight.count)
        }
        #expect(requests.map(\.count).sorted() == [960, 6144])
        let arrays = try child(file).doubles(requests)
        #expect(arrays.map(\.count) == requests.map(\.count))
        #expect(try arrays == HDF5File(path: file).doubles(requests))
        #expect(try child(file).doubles([]).isEmpty)
    }

    @Test("more paths than one command line takes are read in batches")
    func batches() throws {
        let file = HDF5FixtureFiles.path("kinds.h5")
        let requests = (0..<3000).map { index in
            index % 2 == 0
                ? HDF5Request(path: "/int8", count: 2)
                : HDF5Request(path: "/edge_257", count: 257)
        }
        let arrays = try child(file).doubles(requests)
        #expect(arrays.map(\.count) == requests.map(\.count))
        #expect(arrays[2998] == [-128, 127])
    }

    @Test("passes errors on as they are")
    func errors() {
        let missing = HDF5FixtureFiles.path("missing.h5")
        #expect(
            throws: HDF5Error.unreadableFile(file: missing, reason: "No such file or directory")
        ) { try child(missing).structure() }
        let deep = HDF5FixtureFiles.path("deep65.h5")
        let inProcess = #expect(throws: HDF5Error.self) { try HDF5File(path: deep).structure() }
        let throughChild = #expect(throws: HDF5Error.self) { try child(deep).structure() }
        #expect(inProcess == throughChild)
        let kinds = HDF5FixtureFiles.path("kinds.h5")
        let error = #expect(throws: HDF5Error.self) {
            try child(kinds).doubles([
                HDF5Request(path: "/int8", count: 2), HDF5Request(path: "/int8", count: 3),
            ])
        }
        guard case .unreadableObject(kinds, "/int8", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a program that is not there or cannot run is named")
    func missingProgram() {
        for program in ["/nowhere/spikeloom-hdf5", HDF5FixtureFiles.path("make.py") + "x", "/tmp"] {
            let error = #expect(throws: HDF5Error.self) {
                try child(HDF5FixtureFiles.path("kinds.h5"), program).structure()
            }
            guard case .missingReader(program, _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test(
        "a child that crashes, gives up, stays silent or babbles is a clean error",
        arguments: [
            ("crash.sh", HDF5Error.ReaderFailure.signal(11)), ("/bin/false", .status(1)),
            ("/bin/true", .garbled), ("/bin/echo", .garbled), ("/usr/bin/yes", .garbled),
            ("hang.sh", .timeout(seconds: 1)), ("hang_after_output.sh", .timeout(seconds: 1)),
        ]
    )
    func badChild(program: String, failure: HDF5Error.ReaderFailure) {
        let file = HDF5FixtureFiles.path("kinds.h5")
        let program = program.hasPrefix("/") ? program : HDF5FixtureFiles.path(program)
        let seconds = program.contains("hang") ? 1 : 20
        #expect(throws: HDF5Error.readerFailed(file: file, failure: failure)) {
            try child(file, program, seconds: seconds).structure()
        }
        guard seconds > 1 else { return }
        #expect(throws: HDF5Error.readerFailed(file: file, failure: failure)) {
            try child(file, program, seconds: seconds)
                .doubles([HDF5Request(path: "/int8", count: 2)])
        }
    }

    @Test("one byte behind a right answer makes it a wrong one")
    func tooMuch() throws {
        let file = HDF5FixtureFiles.path("kinds.h5")
        let requests = [HDF5Request(path: "/empty", count: 0)]
        let right = child(file, HDF5FixtureFiles.path("nothing_inside.sh"))
        #expect(try right.structure() == HDF5Group())
        #expect(try right.doubles(requests) == [[]])
        let wrong = child(file, HDF5FixtureFiles.path("too_much.sh"))
        let garbled = HDF5Error.readerFailed(file: file, failure: .garbled)
        #expect(throws: garbled) { try wrong.structure() }
        #expect(throws: garbled) { try wrong.doubles(requests) }
    }

    @Test("a child inherits no open files")
    func openFiles() throws {
        let descriptor = unsafe open("/dev/null", O_RDONLY)
        defer { close(descriptor) }
        #expect(descriptor > 2)
        let child = try ChildProgram("/bin/ls", arguments: ["/proc/self/fd"])
        let deadline = ContinuousClock.now + .seconds(20)
        var answer: [UInt8] = []
        while case .bytes(let bytes) = child.read(upTo: 1 << 16, until: deadline) {
            answer += bytes
        }
        // Input, output, errors, and the folder that ls reads.
        #expect(String(decoding: answer, as: UTF8.self) == "0\n1\n2\n3\n")
    }

    @Test(
        "files on which HDF5 1.10.8 loops for ever or faults are refused",
        arguments: ["endless_loop.h5", "memory_fault.h5"]
    )
    func deadlyFiles(name: String) {
        let error = #expect(throws: HDF5Error.self) {
            try child(HDF5FixtureFiles.path(name), seconds: 60).structure()
        }
        if case .readerFailed(_, .timeout) = error { Issue.record("no limit ended it") }
    }

    @Test("flipped and cut bytes of a file give a clean error or a structure")
    func hostileBytes() throws {
        let file = try #require(HDF5FixtureFiles.nirFiles("graphs").first { $0.contains("affine") })
        let whole = try Data(contentsOf: URL(filePath: file))
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "spikeloom-hdf5-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let damaged = folder.appending(path: "damaged.nir").path

        var random = SplitMix64(seed: 20_262)
        var refused = 0
        var killed = 0
        for round in 0..<120 {
            var bytes = whole
            if round % 4 == 0 {
                bytes = bytes.prefix(Int(random.next() % UInt64(bytes.count)))
            } else {
                for _ in 0..<(1 << (round % 8)) {
                    let place = Int(random.next() % UInt64(bytes.count))
                    bytes[place] = UInt8(truncatingIfNeeded: random.next())
                }
            }
            try bytes.write(to: URL(filePath: damaged))
            do {
                _ = try child(damaged).structure()
            } catch {
                refused += 1
                if case .readerFailed = error { killed += 1 }
            }
        }
        print("hostile bytes: \(refused) of 120 refused, \(killed) of them by a dead child")
        #expect(refused >= 30)
    }

    @Test(
        "answers for any malformed file within 200 MB of address space",
        .disabled(if: HDF5Worker.isSanitized)
    )
    func memory() throws {
        let files = HDF5FixtureFiles.nirFiles("malformed")
        #expect(files.count == 36)
        for file in files {
            let child = try ChildProgram(
                HDF5FixtureFiles.path("within_200_MB.sh"),
                arguments: [HDF5FixtureFiles.program, "structure", file]
            )
            let deadline = ContinuousClock.now + .seconds(20)
            var answer: [UInt8] = []
            while case .bytes(let bytes) = child.read(upTo: 1 << 16, until: deadline) {
                answer += bytes
            }
            #expect(child.exit(until: deadline) == .status(0))
            #expect(answer.starts(with: "SLHDF5".utf8), "\(file)")
        }
    }

    @Test("wrong usage ends with status 2", arguments: [[], ["structure"], ["frobnicate", "x"]])
    func usage(arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: HDF5FixtureFiles.program)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 2)
    }

    @Test("a block of fewer or more elements than were asked for is a clean error")
    func blockOfAnotherSize() throws {
        // Magic number, values, their number, each as a double.
        func answer(_ values: [Double]) -> [UInt8] {
            var bytes = Array("SLHDF5".utf8) + [1, 1]
            for word in [UInt64(values.count)] + values.map(\.bitPattern) {
                bytes += (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
            }
            return bytes
        }
        for values in [[1, 2], [1, 2, 3], [1, 2, 3, 4]] as [[Double]] {
            let bytes = answer(values)
            let child = HDF5ChildProcess(file: "x.h5") { (_, _, _) in bytes }
            if values.count == 3 {
                #expect(try child.block("/a", start: [0], shape: [3]) == values)
            } else {
                #expect(throws: HDF5Error.readerFailed(file: "x.h5", failure: .garbled)) {
                    try child.block("/a", start: [0], shape: [3])
                }
            }
        }
    }
}
