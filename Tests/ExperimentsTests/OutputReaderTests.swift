import Experiments
import Testing

@Suite("Output reader")
struct OutputReaderTests {
    /// Three neurons: 1 spikes first, 2 spikes most, 0 has the highest potential at first.
    private var reader: OutputReader {
        var reader = OutputReader(neurons: 3)
        reader.note(potentials: [0.9, 0.1, 0.2])
        reader.note(spike: 1, atStep: 1)
        reader.note(potentials: [0.3, 0.0, 0.4])
        reader.note(spike: 2, atStep: 2)
        reader.note(spike: 2, atStep: 3)
        reader.note(potentials: [0.1, 0.6, 0.5])
        return reader
    }

    @Test(
        "answers by spike count, first spike, highest and last potential",
        arguments: [
            (Readout.count, 2), (.first, 1), (.membrane, 0), (.last, 1),
        ]
    )
    func answers(readout: Readout, expected: Int) {
        #expect(reader.answer(readout) == expected)
        #expect(reader.counts == [0, 1, 2])
    }

    @Test("gives a tie to the lowest index, and no first spike where there is none")
    func ties() {
        var reader = OutputReader(neurons: 3)
        #expect(reader.answer(.count) == 0 && reader.answer(.first) == nil)
        reader.note(spike: 2, atStep: 4)
        reader.note(spike: 1, atStep: 4)
        reader.note(potentials: [1, 2, 2])
        #expect(reader.answer(.count) == 1 && reader.answer(.first) == 1)
        #expect(reader.answer(.membrane) == 1 && reader.answer(.last) == 1)
    }
}
