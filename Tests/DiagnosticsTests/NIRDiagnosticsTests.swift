import Diagnostics
import Foundation
import HDF5
import NIRImport
import TestSupport
import Testing

@Suite("Diagnostics of NIR files")
struct NIRDiagnosticsTests {
    /// The code of each malformed file.
    private static let malformed: [String: DiagnosticCode] = [
        "edge_to_missing_node": .nirEdgeToNowhere,
        "duplicate_edge": .nirEdgeTwice,
        "edges_three_columns": .nirKind,
        "edges_integers": .nirKind,
        "no_edges": .nirPartMissing,
        "no_nodes": .nirPartMissing,
        "no_node_group": .nirPartMissing,
        "no_type": .nirPartMissing,
        "unknown_node": .nirNodeUnknown,
        "weight_shape": .nirEdgeShapes,
        "bias_shape": .nirShape,
        "neuron_param_shape": .nirShape,
        "weight_1d": .nirShape,
        "missing_weight": .nirPartMissing,
        "missing_threshold": .nirPartMissing,
        "nan_weight": .nirNotFinite,
        "inf_bias": .nirNotFinite,
        "tau_zero": .nirTimeConstant,
        "tau_negative": .nirTimeConstant,
        "weight_is_string": .nirKind,
        "complex_weight": .nirPartUnreadable,
        "algebraic_loop": .nirLoop,
        "no_input": .nirPartMissing,
        "output_not_reached": .nirOutputUnfed,
        "conv_groups_do_not_divide": .nirShape,
        "huge_dims": .nirShape,
        "shape_bomb": .nirEdgeShapes,
        "group_cycle": .nirPartUnreadable,
        "external_link": .nirPartUnreadable,
        "dangling_soft_link": .nirPartUnreadable,
        "lzf_filter": .nirPartUnreadable,
        "truncated_half": .hdf5Damaged,
        "truncated_100": .hdf5Damaged,
        "empty": .notHDF5,
        "not_hdf5": .notHDF5,
        "corrupt_chunk": .nirPartUnreadable,
    ]

    private static func read(_ path: String, name: String) throws {
        _ = try NIRFile.read(
            HDF5ChildProcess(program: HDF5ChildProcess.programBesideThisOne(), file: path),
            name: name,
            settings: ImportSettings(timeStep: 1e-3)
        )
    }

    @Test("every malformed file is refused with its code, its name and a place")
    func malformedFiles() throws {
        let files = Fixtures.files("malformed NIR", of: "NIRImport", in: "nir/malformed") {
            $0.hasSuffix(".nir")
        }
        var seen: Set<String> = []
        for file in files {
            let name = file.deletingPathExtension().lastPathComponent
            do {
                try Self.read(file.path, name: file.path)
                Issue.record("\(name) is accepted")
            } catch let error as any DiagnosedError {
                let diagnostic = error.diagnostic
                // Other roots may have further files.
                if let code = Self.malformed[name] {
                    #expect(diagnostic.code == code, "\(name): \(diagnostic.message)")
                    seen.insert(name)
                }
                #expect(diagnostic.file == file.path, "\(name)")
                let isOfFile = [.hdf5Damaged, .notHDF5].contains(diagnostic.code)
                #expect((diagnostic.path == nil) == isOfFile, "\(name)")
            } catch {
                Issue.record("\(name): \(error) has no code")
            }
        }
        #expect(seen.count == 36 && Self.malformed.count == 36)
    }

    // MARK: The catalogue

    /// A file of the malformed ones under the name that its page gives it.
    private func file(_ name: String, _ code: DiagnosticCode) throws -> DiagnosticCode {
        let folder = try TemporaryFolder()
        let original = Fixtures.own("NIRImport").appendingPathComponent("nir/malformed/\(name).nir")
        let path = try folder.file("net.nir", Data(contentsOf: original))
        trigger(code, in: folder.path) { try Self.read(path, name: path) }
        return code
    }

    private func memory(
        _ code: DiagnosticCode,
        _ nodes: [String: HDF5Object],
        _ edges: [(String, String)] = [],
        settings: ImportSettings = ImportSettings(exporter: .snntorch)
    ) -> DiagnosticCode {
        trigger(code) {
            _ = try NIRFile.read(
                MemoryFile(root: HDF5Group(members: ["node": .graph(nodes, edges)])),
                name: "net.nir",
                settings: settings
            )
        }
        return code
    }

    @Test("each code of a file or graph is given to a small input, in the words of its page")
    func catalogue() throws {
        let program = HDF5ChildProcess.programBesideThisOne()
        let (io, relay) = (["in": HDF5Object.port("Input", 1)], HDF5Object.port("Output", 1))
        var done: Set<DiagnosticCode> = [.hdf5FileUnreadable, .hdf5TooLarge, .hdf5ReaderMissing]
        trigger(.hdf5FileUnreadable) { try Self.read("missing.nir", name: "missing.nir") }
        trigger(.hdf5TooLarge) {
            let request = HDF5Request(path: "/node/nodes/fc/weight", count: 1 << 26 + 1)
            _ = try HDF5ChildProcess(program: program, file: "net.nir").doubles([request])
        }
        trigger(.hdf5ReaderMissing) {
            _ = try HDF5ChildProcess(program: "/nowhere/spikeloom-hdf5", file: "net.nir")
                .structure()
        }
        let folder = try TemporaryFolder()
        let digits = Fixtures.repository.appendingPathComponent("Examples/digits/digits_fc.nir")
        let path = try folder.file("net.nir", Data(contentsOf: digits))
        done.formUnion([.hdf5ArrayUnreadable, .hdf5ReaderFailed])
        trigger(.hdf5ArrayUnreadable, in: folder.path) {
            let request = HDF5Request(path: "/node/nodes/0/weight", count: 5)
            _ = try HDF5ChildProcess(program: program, file: path).doubles([request])
        }
        trigger(.hdf5ReaderFailed) {
            _ = try HDF5ChildProcess(program: "/bin/true", file: "net.nir").structure()
        }
        for (name, code) in [
            ("not_hdf5", DiagnosticCode.notHDF5), ("truncated_100", .hdf5Damaged),
            ("missing_threshold", .nirPartMissing),
            ("dangling_soft_link", .nirPartUnreadable), ("unknown_node", .nirNodeUnknown),
            ("weight_is_string", .nirKind), ("bias_shape", .nirShape),
            ("nan_weight", .nirNotFinite), ("tau_zero", .nirTimeConstant),
            ("output_not_reached", .nirOutputUnfed), ("edge_to_missing_node", .nirEdgeToNowhere),
            ("duplicate_edge", .nirEdgeTwice), ("weight_shape", .nirEdgeShapes),
            ("algebraic_loop", .nirLoop),
        ] {
            done.insert(try file(name, code))
        }
        done.insert(memory(.noTimeStep, io, settings: ImportSettings()))
        done.insert(memory(.badTimeStep, io, settings: ImportSettings(timeStep: -1)))
        done.insert(
            memory(
                .nirDelay,
                io.merging(["d": .node("Delay", ["delay": .floats([10])]), "out": relay]) { $1 },
                [("in", "d"), ("d", "out")]
            )
        )
        let nested = HDF5Object.graph(
            ["a": .port("Input", 1), "b": .port("Input", 1), "out": relay],
            []
        )
        done.insert(
            memory(.nirPorts, io.merging(["sub": nested, "out": relay]) { $1 }, [("in", "out")])
        )
        let lif = HDF5Object.node(
            "LIF",
            [
                "tau": .floats([1e-5]), "r": .floats([1]), "v_leak": .floats([0]),
                "v_threshold": .floats([1]),
            ]
        )
        let nodes = ["in": HDF5Object.port("Input", 1), "lif": lif, "output": relay]
        done.insert(
            memory(
                .nirEdgeWrongWay,
                nodes,
                [("in", "lif"), ("lif", "output"), ("output", "lif")]
            )
        )
        // With `--from snntorch` such decays are bounded instead.
        done.insert(
            memory(
                .nirUnstableStep,
                nodes,
                [("in", "lif"), ("lif", "output")],
                settings: ImportSettings(timeStep: 1e-4)
            )
        )
        done.insert(memory(.nirTooLarge, ["in": .port("Input", 3000, 3000), "out": relay]))
        #expect(done == codes("E01"))
    }

    @Test("an unstable step says what is needed and what there is")
    func quantities() {
        let diagnostic = NIRError.unstableStep(
            file: "net.nir",
            node: "lif",
            parameter: "tau",
            timeStep: 1e-4,
            tau: 1e-5,
            count: 1
        ).diagnostic
        #expect(diagnostic.file == "net.nir" && diagnostic.path == "lif")
        #expect(diagnostic.needed == 1e-4 && diagnostic.limit == 1e-5)
    }
}

/// A NIR file in memory, without large arrays.
private struct MemoryFile: HDF5Source {
    var root: HDF5Group

    func structure() throws(HDF5Error) -> HDF5Group { root }

    func doubles(_ requests: [HDF5Request]) throws(HDF5Error) -> [[Double]] {
        requests.map { [Double](repeating: 0, count: $0.count) }
    }
}

extension HDF5Object {
    fileprivate static func node(
        _ type: String,
        _ parameters: [String: HDF5Object] = [:]
    ) -> HDF5Object {
        let text = HDF5Dataset(shape: [], element: .text, contents: .texts([type]))
        return .group(HDF5Group(members: parameters.merging(["type": .dataset(text)]) { $1 }))
    }

    fileprivate static func floats(_ values: [Double]) -> HDF5Object {
        .dataset(HDF5Dataset(shape: [values.count], element: .float, contents: .floats(values)))
    }

    fileprivate static func port(_ type: String, _ shape: Int...) -> HDF5Object {
        let contents = HDF5Contents.integers(shape.map { Int64($0) })
        let dataset = HDF5Dataset(shape: [shape.count], element: .integer, contents: contents)
        return .node(type, ["shape": .dataset(dataset)])
    }

    fileprivate static func graph(
        _ nodes: [String: HDF5Object],
        _ edges: [(String, String)]
    ) -> HDF5Object {
        let names = HDF5Contents.texts(edges.flatMap { [$0.0, $0.1] })
        let list = HDF5Dataset(shape: [edges.count, 2], element: .text, contents: names)
        return .node(
            "NIRGraph",
            ["nodes": .group(HDF5Group(members: nodes)), "edges": .dataset(list)]
        )
    }
}
