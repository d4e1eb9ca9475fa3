import ChipImage
import ChipSpec
import Compiler
import Experiments
import NetworkIR
import Report
import TestSupport
import Testing

@Suite("Placement map")
struct PlacementMapTests {
    @Test("shows the fill of the fullest limit, and every hop of the report", arguments: [1, 16])
    func fillAndHops(coresPerTile: Int) throws {
        let digits = try DigitsFixture()
        var chip = try DigitsFixture.chip("pilot")
        chip.core.neurons = 10
        chip.mesh.coresPerTile = coresPerTile
        let compiled = try Compiler.compile(digits.network, for: chip)
        let map = PlacementMap(compiled.image)
        #expect(map.linkPackets.reduce(0, +) == UInt64(compiled.report.hops))
        #expect(compiled.report.cores.count > 10)
        for core in compiled.report.cores {
            let fills = [core.neurons, core.axonsIn, core.synapseBytes, core.axonsOut]
            let fullest = fills.map(\.share).max() ?? 0
            let tile = core.core / coresPerTile
            #expect(map.fill[tile] >= fullest)
            if coresPerTile == 1 { #expect(map.fill[tile] == fullest) }
        }
        let script = map.figure.gnuplotScript(output: "x.svg", format: .svg)
        #expect(script.contains("of the fullest limit"))
    }
}
