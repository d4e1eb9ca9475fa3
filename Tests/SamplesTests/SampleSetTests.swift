import Foundation
import Samples
import Testing

@Suite("Sample sets")
struct SampleSetTests {
    private let left = [[[0, 2], [], [1]], [[], [3, 1], [0]]] as [[[UInt32]]]
    private let right = [[[5], [4], []], [[], [], [0, 1]]] as [[[UInt32]]]

    @Test("lists of channels are sorted and freed of repetitions")
    func sortsLists() throws {
        let input = try InputSpikes(channelShape: [2, 2], samples: [[[3, 0, 3]], [[]]])
        #expect(Array(input.spikes(sample: 0, step: 0)) == [0, 3])
        #expect(input.spikes(sample: 1, step: 0).isEmpty)
        #expect(input.spikeCount == 2)
    }

    @Test("the first samples alone keep their spikes and labels; more than there are is all")
    func prefixes() throws {
        let set = try SampleSet(
            inputs: [
                InputSpikes(name: "left", channelShape: [4], samples: left),
                InputSpikes(name: "right", channelShape: [6], samples: right),
            ],
            labels: [3, 1]
        )
        let first = set.prefix(1)
        #expect(first.sampleCount == 1 && first.stepCount == 3 && first.labels == [3])
        #expect(
            try first
                == SampleSet(
                    inputs: [
                        InputSpikes(name: "left", channelShape: [4], samples: [left[0]]),
                        InputSpikes(name: "right", channelShape: [6], samples: [right[0]]),
                    ],
                    labels: [3]
                )
        )
        #expect(set.prefix(2) == set && set.prefix(3) == set)
    }

    @Test("the last channel is accepted, the next one named")
    func checksChannels() throws {
        _ = try InputSpikes(channelShape: [2, 2], samples: [[[3]]])
        #expect(
            throws: SampleError.noSuchChannel(
                source: "samples",
                sample: 0,
                step: 1,
                channel: 4,
                channelCount: 4
            )
        ) { try InputSpikes(channelShape: [2, 2], samples: [[[], [4]]]) }
    }

    @Test("samples of unequal length, and none at all, are refused")
    func checksLengths() throws {
        #expect(
            throws: SampleError.unequalSamples(
                source: "samples",
                sample: 1,
                steps: 2,
                expected: 1
            )
        ) { try InputSpikes(channelShape: [1], samples: [[[]], [[], []]]) }
        #expect(throws: SampleError.badShape(source: "samples", array: "spikes", shape: [0, 0, 1]))
        { try InputSpikes(channelShape: [1], samples: []) }
        #expect(throws: SampleError.self) { try InputSpikes(channelShape: [], samples: [[[]]]) }
        #expect(throws: SampleError.self) {
            try InputSpikes(channelShape: [.max, 2], samples: [[[]]])
        }
    }

    @Test("a written file reads back equal, with one input and with two")
    func roundTrips() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("out.npz")
        let one = try SampleSet(
            inputs: [InputSpikes(channelShape: [2, 2], samples: left)],
            labels: [1, 300]
        )
        try one.write(to: path)
        #expect(try SampleSet(contentsOf: path) == one)
        let two = try SampleSet(inputs: [
            InputSpikes(name: "block/left", channelShape: [4], samples: left),
            InputSpikes(name: "right", channelShape: [3, 2], samples: right),
        ])
        try two.write(to: path)
        #expect(try SampleSet(contentsOf: path) == two)
    }

    @Test("the same samples give the same bytes, and leave no other file")
    func writesDeterministically() throws {
        let folder = try TemporaryFolder()
        let samples = try SampleSet(
            inputs: [InputSpikes(channelShape: [4], samples: left)],
            labels: [0, 1]
        )
        try samples.write(to: folder.file("a.npz"))
        try samples.write(to: folder.file("b.npz"))
        // The second writing of a.npz replaces a file that is there.
        try samples.write(to: folder.file("a.npz"))
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(files == ["a.npz", "b.npz"])
        let contents = try files.map { try Data(contentsOf: URL(filePath: folder.file($0))) }
        #expect(contents[0] == contents[1])
        // Local date and time of the first member: 1 January 1980, midnight.
        #expect(Array(contents[0][10..<14]) == [0, 0, 0x21, 0])
    }

    @Test("a file that cannot be written is an error with its path")
    func reportsWriting() throws {
        let samples = try SampleSet(inputs: [InputSpikes(channelShape: [4], samples: left)])
        #expect {
            try samples.write(to: "/nowhere/out.npz")
        } throws: {
            guard case SampleError.cannotWrite("/nowhere/out.npz", _) = $0 else { return false }
            return true
        }
    }

    @Test("an unnamed input serves the only node, flat or in its shape")
    func matchesOneNode() throws {
        let samples = try SampleSet(inputs: [InputSpikes(channelShape: [2, 2], samples: left)])
        #expect(try samples.matched(to: [("input", [2, 2])]) == samples)
        #expect(try samples.matched(to: [("input", [4])]) == samples)
        #expect(
            throws: SampleError.wrongChannels(
                array: "spikes",
                channelShape: [2, 2],
                node: "input",
                nodeShape: [1, 4]
            )
        ) { try samples.matched(to: [("input", [1, 4])]) }
        #expect(throws: SampleError.noSpikes(node: "a", present: ["spikes"])) {
            try samples.matched(to: [("a", [4]), ("b", [4])])
        }
    }

    @Test("named inputs are put in the order of the nodes")
    func matchesSeveralNodes() throws {
        let samples = try SampleSet(inputs: [
            InputSpikes(name: "left", channelShape: [4], samples: left),
            InputSpikes(name: "right", channelShape: [6], samples: right),
        ])
        let matched = try samples.matched(to: [("right", [3, 2]), ("left", [4])])
        #expect(matched.inputs.map(\.name) == ["right", "left"])
        #expect(Array(matched.spikes(sample: 1, step: 2)) == [0, 1])
        #expect(throws: SampleError.noNode(array: "spikes/right", nodes: ["left"])) {
            try samples.matched(to: [("left", [4])])
        }
    }
}
