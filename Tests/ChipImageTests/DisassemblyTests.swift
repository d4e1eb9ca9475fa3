import ChipImage
import TestSupport
import Testing

@Suite("Chip image summary and disassembly")
struct DisassemblyTests {
    @Test("the summary counts what the tables hold")
    func summary() throws {
        let summary = try TinyImage.plain().summary
        #expect(summary.cores.map(\.core) == [0, 2])
        #expect(summary.coresAvailable == 4)
        #expect(summary.neurons == 7)
        #expect(summary.axonsIn == 5)
        #expect(summary.rows == 6)
        #expect(summary.synapses == 11)
        #expect(summary.bytes == 6 * 4 + 11 * 4)
        #expect(summary.routes == 4)
        #expect(summary.inputRoutes == 2)
        #expect(summary.available[.synapseMemory] == 256)
        #expect(summary.cores[0].used(.synapseMemory) == 44)
        #expect(summary.cores[1].populations == ["readout"])
        let fullest = try #require(summary.fullest)
        #expect(fullest.core == 0 && fullest.resource == .neurons && fullest.share == 5.0 / 8)
    }

    @Test("an image is printed as populations, projections, inputs, outputs and cores")
    func wholeImage() throws {
        #expect(
            try TinyImage.plain().disassembly() == """
                image of network 'tiny' for chip 'tiny'
                time step 0.001, drain steps 2
                2 of 4 cores, 7 neurons, 11 synapses in 6 rows, 5 axons in, 4 routes, 2 input routes
                fullest: core 0 uses 5 of 8 neurons (62 %)

                population  shape  neurons  model  reset     current  compartments  depth  membrane scale
                hidden      5      5        lif    subtract  yes      2^0,2^0       1      1e-07...3.0
                readout     2x1    2        li     -         no       2^0           2      0.3333333333333333

                projection         synapses  delay  compartment  sign mode  scale  largest error  rms error
                in -> hidden       5         1      0            mixed      0.1    0.05           0.03
                hidden -> hidden   2         3      1            mixed      0.1    0.05           0.03
                hidden -> readout  4         1      0            mixed      0.1    0.05           0.03

                input  shape  channels  routes
                in     3      3         2

                output  population  depth
                out     readout     2

                core     neurons  axons in  rows  synapses  bytes  routes  populations
                (limit)  8        16        -     -         256    32
                0        5        3         4     7         44     4       hidden
                2        2        2         2     4         24     0       readout

                """
        )
    }

    @Test("a core is printed with registers, senders, rows and routes, up to the limit")
    func oneCore() throws {
        let image = try TinyImage.plain()
        #expect(
            image.disassembly(core: 0, limit: 2) == """
                core 0: 5 neurons, 3 axons in, 7 synapses, 4 routes

                slots  population  model
                0...4  hidden      lif

                slot  neuron     threshold  decay v  decay u  bias v  bias u  reset  initial  routes (core.axon)
                0     hidden[4]  1000       0        4095     0       0       0      0        0.2 2.0
                1     hidden[0]  2000       1        1        -1      0       0      0        2.1
                ... 3 more

                axon 0 <- in[0]
                  row 0: delay 1, exponent 0, compartment 0: 0*127 4*-128
                  row 1: delay 1, exponent 2, compartment 0: 1*3 1*4
                axon 1 <- in[1]
                  row 2: delay 1, exponent 0, compartment 0: 3*-5
                ... 1 more

                """
        )
        let all = try #require(image.disassembly(core: 2, limit: nil))
        #expect(all.contains("axon 1 <- hidden[0] hidden[2]\n"))
        #expect(!all.contains("more"))
        #expect(image.disassembly(core: 1) == nil)
    }

    @Test("the text of a large image is bounded, a name cannot command the terminal")
    func bounded() throws {
        var image = try TinyImage.plain()
        image.cores[0].synapses.targets = [UInt16](repeating: 0, count: 5000)
        image.cores[0].synapses.weights = [Int16](repeating: 1, count: 5000)
        image.cores[0].synapses.rowSynapses = [0, 4995, 4996, 4997, 5000]
        let text = try #require(image.disassembly(core: 0))
        #expect(text.count < 2000)
        #expect(text.contains(" 0*1 ... 4987 more\n"))
        image.network.name = "a\u{1B}[2Jb\r"
        #expect(image.disassembly().hasPrefix("image of network 'a?[2Jb?' for chip"))
    }
}
