import Foundation
import Samples
import Testing

@Suite("Reading samples from NPZ files")
struct SampleSetReadingTests {
    /// The spikes of all fixtures, as numpy printed them when it wrote them.
    private let expected: [[[UInt32]]] = [
        [[6], [], [1, 3, 4], [2, 3, 7, 9]],
        [[6], [2, 5], [3, 7], [4, 9]],
        [[0, 3], [0, 6, 8, 9], [], [2, 4, 7]],
    ]

    @Test(
        "numpy's files give the same spikes in any type, order and packing",
        arguments: [
            "deflated_u1.npz", "stored_fortran_f8_big.npz", "bool.npz", "f4_unlabelled.npz",
        ]
    )
    func readsNumpyFiles(name: String) throws {
        let samples = try SampleSet(contentsOf: fixture(name))
        #expect(samples.sampleCount == 3)
        #expect(samples.stepCount == 4)
        #expect(samples.channelShape == [2, 5])
        #expect(samples.channelCount == 10)
        #expect(samples.labels == (name.hasPrefix("f4") ? nil : [2, 0, 1]))
        #expect(lists(samples) == expected)
    }

    @Test("arrays named by Input node are read in the order of the names")
    func readsSeveralInputs() throws {
        let samples = try SampleSet(contentsOf: fixture("two_inputs.npz"))
        #expect(samples.inputs.map(\.name) == ["left", "right"])
        #expect(samples.inputs.map(\.channelShape) == [[3], [5]])
        // The right input took the first five channels, the left one the next three.
        for (sample, steps) in expected.enumerated() {
            for (step, channels) in steps.enumerated() {
                let right = channels.filter { $0 < 5 }
                let left = channels.filter { 5..<8 ~= $0 }.map { $0 - 5 }
                #expect(Array(samples.spikes(sample: sample, step: step, input: 1)) == right)
                #expect(Array(samples.spikes(sample: sample, step: step, input: 0)) == left)
            }
        }
    }

    @Test(
        "every element type and byte order knows its 1",
        arguments: [
            ("|b1", [1]), ("|u1", [1]), ("|i1", [1]), ("<u2", [1, 0]), (">i2", [0, 1]),
            ("<i4", [1, 0, 0, 0]), (">u4", [0, 0, 0, 1]), ("<i8", [1, 0, 0, 0, 0, 0, 0, 0]),
            ("<f2", [0, 0x3C]), (">f2", [0x3C, 0]), ("<f4", [0, 0, 0x80, 0x3F]),
            (">f4", [0x3F, 0x80, 0, 0]), ("<f8", [0, 0, 0, 0, 0, 0, 0xF0, 0x3F]),
        ] as [(String, [UInt8])]
    )
    func readsElementTypes(type: String, one: [UInt8]) throws {
        let folder = try TemporaryFolder()
        let zero = [UInt8](repeating: 0, count: one.count)
        let path = try folder.archive([
            ("spikes.npy", npy(type, "(1, 2, 3)", data: zero + one + zero + one + zero + one))
        ])
        #expect(lists(try SampleSet(contentsOf: path)) == [[[1], [0, 2]]])
    }

    @Test("a floating-point minus zero is a zero")
    func readsNegativeZero() throws {
        let folder = try TemporaryFolder()
        let path = try folder.archive([
            ("spikes.npy", npy("<f4", "(1, 1, 2)", data: [0, 0, 0, 0x80, 0, 0, 0x80, 0x3F]))
        ])
        #expect(lists(try SampleSet(contentsOf: path)) == [[[1]]])
    }

    @Test("version 2.0 headers, missing commas and other orders of the keys are read")
    func readsOtherHeaders() throws {
        let folder = try TemporaryFolder()
        for member in [
            npy("|u1", "(1, 1, 2)", version: 2, data: [0, 1]),
            npy(
                header: "{'shape':(1,1,2),'fortran_order':False,'descr':'|u1'}",
                data: [0, 1]
            ),
        ] {
            let path = try folder.archive([("spikes.npy", member)])
            #expect(lists(try SampleSet(contentsOf: path)) == [[[1]]])
        }
    }

    @Test("arrays larger than a piece of unpacking keep their order")
    func readsLargeArrays() throws {
        let folder = try TemporaryFolder()
        // 2 × 30 × 2501 elements of 8 bytes: 18.3 pieces of 64 KiB, none on a row's end.
        var data = [UInt8](repeating: 0, count: 2 * 30 * 2501 * 8)
        var expected = [[[UInt32]]](repeating: .init(repeating: [], count: 30), count: 2)
        for element in stride(from: 5, to: 2 * 30 * 2501, by: 997) {
            data[8 * element] = 1
            let row = element / 2501
            expected[row / 30][row % 30].append(UInt32(element % 2501))
        }
        let path = try folder.archive([("spikes.npy", npy("<i8", "(2, 30, 2501)", data: data))])
        #expect(lists(try SampleSet(contentsOf: path)) == expected)
    }
}

@Suite("Refusing files that are not samples")
struct SampleSetRefusalTests {
    @Test("a value other than 0 and 1 is named with its place, and all are counted")
    func namesValues() throws {
        let folder = try TemporaryFolder()
        var data = [UInt8](repeating: 0, count: 2 * 3 * 4)
        data[1 * 12 + 2 * 4 + 3] = 7
        let flat = try folder.archive([("spikes.npy", npy("|u1", "(2, 3, 4)", data: data))])
        #expect(
            refusal(of: flat)
                == .notBinary(
                    source: flat,
                    array: "spikes",
                    sample: 1,
                    step: 2,
                    channel: [3],
                    value: "7",
                    count: 1
                )
        )
        data[0 * 12 + 1 * 4 + 2] = 0xFF
        let signed = try folder.archive([("spikes.npy", npy("|i1", "(2, 3, 2, 2)", data: data))])
        let error = try #require(refusal(of: signed))
        #expect(
            error
                == .notBinary(
                    source: signed,
                    array: "spikes",
                    sample: 0,
                    step: 1,
                    channel: [1, 0],
                    value: "-1",
                    count: 2
                )
        )
        #expect(
            error.description.hasSuffix(
                "array 'spikes' has the value -1 at sample 0, step 1, channel (1, 0), and 1 more "
                    + "such values. Every value must be 0 or 1. Encode the data as spikes before "
                    + "saving."
            )
        )
    }

    @Test("Fortran order names the right place too")
    func namesValuesInFortranOrder() throws {
        let folder = try TemporaryFolder()
        var data = [UInt8](repeating: 0, count: 2 * 3 * 4)
        data[1 + 2 * 2 + 3 * 6] = 2
        let path = try folder.archive([
            ("spikes.npy", npy("|u1", "(2, 3, 4)", isFortranOrder: true, data: data))
        ])
        #expect(
            refusal(of: path)
                == .notBinary(
                    source: path,
                    array: "spikes",
                    sample: 1,
                    step: 2,
                    channel: [3],
                    value: "2",
                    count: 1
                )
        )
    }

    @Test("half values of floating-point types are shown as numbers")
    func showsNumbers() throws {
        let folder = try TemporaryFolder()
        for (type, bytes, value) in [
            ("<f2", [0, 0x38], "0.5"), (">f4", [0x3F, 0, 0, 0], "0.5"),
            ("<f8", [0, 0, 0, 0, 0, 0, 0xF8, 0x7F], "nan"), ("<f2", [1, 0x80], "-5.9604645e-08"),
            (">i2", [0xFF, 0xFE], "-2"),
        ] as [(String, [UInt8], String)] {
            let path = try folder.archive([("spikes.npy", npy(type, "(1, 1, 1)", data: bytes))])
            guard case .notBinary(_, _, 0, 0, [0], let shown, 1) = refusal(of: path) else {
                Issue.record("\(type) \(value) is refused for its value")
                continue
            }
            #expect(shown == value)
        }
    }

    @Test("a missing array is answered with the arrays that are there")
    func listsArrays() throws {
        let folder = try TemporaryFolder()
        let path = try folder.archive([
            ("x.npy", npy("|u1", "(1,)", data: [0])), ("labels.npy", []), ("notes.txt", [65]),
        ])
        #expect(
            refusal(of: path)
                == .missingArray(source: path, name: "spikes", present: ["labels", "x"])
        )
    }

    @Test("one array for all inputs and one for each exclude each other")
    func refusesBothNamings() throws {
        let folder = try TemporaryFolder()
        let member = npy("|u1", "(1, 1, 1)", data: [1])
        let path = try folder.archive([("spikes.npy", member), ("spikes/a.npy", member)])
        #expect(refusal(of: path) == .ambiguousArrays(source: path, named: "spikes/a"))
    }

    @Test("inputs of unequal length are refused")
    func refusesUnequalInputs() throws {
        let folder = try TemporaryFolder()
        let path = try folder.archive([
            ("spikes/b.npy", npy("|u1", "(1, 2, 1)", data: [1, 0])),
            ("spikes/a.npy", npy("|u1", "(1, 1, 3)", data: [1, 0, 0])),
        ])
        #expect(
            refusal(of: path)
                == .unequalInputs(
                    source: path,
                    first: "spikes/a",
                    firstShape: [1, 1, 3],
                    second: "spikes/b",
                    secondShape: [1, 2, 1]
                )
        )
    }

    @Test("shapes without channels, or with an empty dimension, are refused")
    func refusesShapes() throws {
        let folder = try TemporaryFolder()
        for (text, shape) in [
            ("()", []), ("(2,)", [2]), ("(1, 2)", [1, 2]), ("(0, 1, 1)", [0, 1, 1]),
            ("(1, 0, 1)", [1, 0, 1]), ("(1, 1, 0)", [1, 1, 0]),
        ] as [(String, [Int])] {
            let path = try folder.archive([("spikes.npy", npy("|u1", text, data: [0, 0]))])
            #expect(refusal(of: path) == .badShape(source: path, array: "spikes", shape: shape))
        }
    }

    @Test("data one byte too short or too long are refused")
    func refusesWrongLength() throws {
        let folder = try TemporaryFolder()
        for (count, isShort) in [(3, true), (5, false)] {
            let data = [UInt8](repeating: 0, count: count)
            let path = try folder.archive([("spikes.npy", npy("<u2", "(1, 1, 2)", data: data))])
            #expect(
                refusal(of: path)
                    == .wrongLength(source: path, array: "spikes", declared: 4, isShort: isShort)
            )
        }
    }

    @Test("labels must be one whole class number for each sample")
    func refusesLabels() throws {
        let folder = try TemporaryFolder()
        let spikes = ("spikes.npy", npy("|u1", "(2, 1, 1)", data: [0, 1]))
        let path = try folder.archive([
            spikes, ("labels.npy", npy("|u1", "(3,)", data: [0, 1, 1])),
        ])
        #expect(refusal(of: path) == .labelCount(source: path, labelShape: [3], samples: 2))
        _ = try folder.archive([spikes, ("labels.npy", npy("|u1", "(2, 1)", data: [0, 1]))])
        #expect(refusal(of: path) == .labelCount(source: path, labelShape: [2, 1], samples: 2))
        _ = try folder.archive([spikes, ("labels.npy", npy("|i1", "(2,)", data: [0, 0xFF]))])
        #expect(refusal(of: path) == .badLabel(source: path, sample: 1, value: "-1"))
        _ = try folder.archive([
            spikes, ("labels.npy", npy("<u8", "(2,)", data: [UInt8](repeating: 255, count: 16))),
        ])
        #expect(
            refusal(of: path) == .badLabel(source: path, sample: 0, value: "18446744073709551615")
        )
        _ = try folder.archive([spikes, ("labels.npy", npy("<f2", "(2,)", data: [0, 0, 0, 0]))])
        #expect(
            refusal(of: path)
                == .unsupportedType(
                    source: path,
                    array: "labels",
                    type: "<f2",
                    allowed: "integers"
                )
        )
    }

    @Test("pickled objects are never read")
    func refusesObjects() throws {
        let path = fixture("pickled.npz")
        #expect(refusal(of: path) == .pickledObjects(source: path, array: "spikes"))
    }

    @Test(
        "types that are not numbers are refused",
        arguments: ["<c8", "<U3", "|S1", "<f16", "=f4", "<M8", "", "f", "<b2", "|u2", "<f1"]
    )
    func refusesTypes(type: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.archive([("spikes.npy", npy(type, "(1, 1, 1)", data: [1]))])
        guard case .unsupportedType(path, "spikes", type, _) = refusal(of: path) else {
            Issue.record("\(type) is refused")
            return
        }
    }

    @Test("record types are refused by name")
    func refusesRecords() throws {
        let folder = try TemporaryFolder()
        let header = "{'descr': [('t', '<i4')], 'fortran_order': False, 'shape': (1,), }"
        let path = try folder.archive([("spikes.npy", npy(header: header))])
        guard case .unsupportedType(_, _, "record", _) = refusal(of: path) else {
            Issue.record("a record type is refused")
            return
        }
    }

    @Test(
        "headers that numpy would not write are refused",
        arguments: [
            "", "{", "{}", "[]", "{'descr': '|u1', 'fortran_order': False}",
            "{'descr': '|u1', 'fortran_order': false, 'shape': (1, 1, 1)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1, -1, 1)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 1)} x",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 1), 'more': '1'}",
            "{'descr': '|u1', 'descr': '|u1', 'shape': (1, 1, 1)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 9223372036854775808)}",
            "{'descr': '<u2', 'fortran_order': False, 'shape': (4294967296, 4294967296, 1)}",
            "{'descr': '<u2', 'fortran_order': False, 'shape': (1, 1, 9223372036854775807)}",
            "{'descr': '|u1, 'fortran_order': False, 'shape': (1, 1, 1)}",
            "{'descr': '|u1",
            "__import__('os').system('true')",
        ]
    )
    func refusesHeaders(header: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.archive([("spikes.npy", npy(header: header, data: [1]))])
        guard case .badHeader(path, "spikes", _) = refusal(of: path) else {
            Issue.record("the header is refused, not \(String(describing: refusal(of: path)))")
            return
        }
    }

    @Test("headers that are cut, too long, of another version or no header at all are refused")
    func refusesFramesOfHeaders() throws {
        let folder = try TemporaryFolder()
        let whole = npy("|u1", "(1, 1, 1)", data: [1])
        func padded(to length: Int) -> [UInt8] {
            let text = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 1), }"
            let padding = String(repeating: " ", count: length - text.utf8.count)
            return npy(header: text + padding, data: [1])
        }
        #expect(refusal(of: try folder.archive([("spikes.npy", padded(to: 10_000))])) == nil)
        for member in [
            [], Array(whole[..<7]), Array(whole[..<9]), Array(whole[..<40]),
            [0x92] + whole[1...], Array(whole[..<6]) + [3, 0] + Array(whole[8...]),
            Array(whole[..<6]) + [1, 1] + Array(whole[8...]),
            padded(to: 10_001),
        ] {
            let path = try folder.archive([("spikes.npy", member)])
            guard case .badHeader(path, "spikes", _) = refusal(of: path) else {
                Issue.record("a header of \(member.count) bytes is refused")
                continue
            }
        }
    }

    @Test("a single array is refused with the way to make an NPZ file of it")
    func refusesSingleArrays() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("array.npy")
        try Data(npy("|u1", "(1, 1, 1)", data: [1])).write(to: URL(fileURLWithPath: path))
        #expect(refusal(of: path) == .singleArray(source: path))
    }

    @Test("a missing file, a folder and an empty file are refused")
    func refusesOtherFiles() throws {
        let folder = try TemporaryFolder()
        let empty = folder.file("empty.npz")
        try Data().write(to: URL(fileURLWithPath: empty))
        for path in [folder.file("none.npz"), folder.path, empty] {
            guard case .unreadableFile(path, _) = refusal(of: path) else {
                Issue.record("\(path) is refused, not \(String(describing: refusal(of: path)))")
                continue
            }
        }
    }

    @Test("a file cut at any byte is refused")
    func refusesTruncatedFiles() throws {
        let folder = try TemporaryFolder()
        let whole = try Data(contentsOf: URL(fileURLWithPath: fixture("deflated_u1.npz")))
        let path = folder.file("cut.npz")
        for count in 0..<whole.count {
            try whole.prefix(count).write(to: URL(fileURLWithPath: path))
            #expect(refusal(of: path) != nil, "cut to \(count) bytes")
        }
    }

    @Test("a file with any bit flipped is refused, or read as the same samples")
    func refusesFlippedBits() throws {
        let folder = try TemporaryFolder()
        let original = try SampleSet(contentsOf: fixture("deflated_u1.npz"))
        let whole = try Data(contentsOf: URL(fileURLWithPath: fixture("deflated_u1.npz")))
        let path = folder.file("flipped.npz")
        var refused = 0
        for index in 0..<whole.count {
            var flipped = whole
            flipped[index] ^= 1 << UInt8(index % 8)
            try flipped.write(to: URL(fileURLWithPath: path))
            if let samples = try? SampleSet(contentsOf: path) {
                // A flip in the name of an optional array leaves the file without it.
                #expect(samples.inputs == original.inputs, "byte \(index)")
                #expect(samples.labels == original.labels || samples.labels == nil)
            } else {
                refused += 1
            }
        }
        #expect(refused > whole.count / 3)
    }
}

@Suite("Limits on what a file of samples may hold")
struct SampleLimitsTests {
    private let limits = SampleLimits(elements: 24, rows: 6, spikes: 5)

    /// (2, 3, 4) elements of which the first few are spikes.
    private func archive(_ folder: TemporaryFolder, spikes: Int) throws -> String {
        let data = (0..<24).map { UInt8($0 < spikes ? 1 : 0) }
        return try folder.archive([("spikes.npy", npy("|u1", "(2, 3, 4)", data: data))])
    }

    @Test("a file at every limit is read")
    func readsAtTheLimits() throws {
        let folder = try TemporaryFolder()
        #expect(refusal(of: try archive(folder, spikes: 5), limits: limits) == nil)
    }

    @Test("one more of anything is refused by name")
    func refusesBeyondTheLimits() throws {
        let folder = try TemporaryFolder()
        let path = try archive(folder, spikes: 6)
        func refused(_ limits: SampleLimits) -> String? {
            guard
                case .tooLarge(path, "spikes", let what, let count, let limit) = refusal(
                    of: path,
                    limits: limits
                )
            else { return nil }
            return "\(count) \(what), \(limit)"
        }
        #expect(refused(limits) == "6 spikes, 5")
        #expect(refused(SampleLimits(elements: 23, rows: 6, spikes: 9)) == "24 elements, 23")
        #expect(refused(SampleLimits(elements: 24, rows: 5, spikes: 9)) == "6 samples × steps, 5")
    }

    @Test("a shape that claims a terabyte is refused before anything is unpacked")
    func refusesClaims() throws {
        let folder = try TemporaryFolder()
        let path = try folder.archive([
            ("spikes.npy", npy("|u1", "(1024, 1024, 1048576)", data: [1]))
        ])
        #expect(
            refusal(of: path)
                == .tooLarge(
                    source: path,
                    array: "spikes",
                    what: "elements",
                    count: 1 << 40,
                    limit: 1 << 33
                )
        )
    }

    @Test("a permitted claim without data costs nothing")
    func refusesEmptyClaims() throws {
        let folder = try TemporaryFolder()
        let path = try folder.archive([
            ("spikes.npy", npy("|u1", "(1024, 65536, 128)", data: [1]))
        ])
        #expect(
            refusal(of: path)
                == .wrongLength(source: path, array: "spikes", declared: 1 << 33, isShort: true)
        )
    }

    @Test("unpacking stops one byte after what the header declares")
    func stopsBombs() throws {
        let folder = try TemporaryFolder()
        // 64 MiB of zeros deflate to 64 KiB; the header declares 4 bytes.
        let bomb = [UInt8](repeating: 0, count: 1 << 26)
        let path = try folder.archive([("spikes.npy", npy("|u1", "(1, 1, 4)", data: bomb))])
        #expect(
            refusal(of: path)
                == .wrongLength(source: path, array: "spikes", declared: 4, isShort: false)
        )
    }
}
