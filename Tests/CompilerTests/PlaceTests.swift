import ChipSpec
import Compiler
import Foundation
import Mapping
import TestSupport
import Testing

@Suite("Places")
struct PlaceTests {
    @Test(
        "are within 1 % of what twenty times the proposals find",
        .enabled(if: ProcessInfo.processInfo.environment["SPIKELOOM_LONG"] != nil),
        arguments: 1...3 as ClosedRange<UInt64>
    )
    func longAnnealing(seed: UInt64) throws {
        let chip = try MappingNetwork.chip()
        let network = try MappingNetwork.convolutional(side: 34).network(seed: 7)
        let quantised = try Pipeline.quantised(network, for: chip)
        let options = CompilerOptions(effort: .default, seed: seed)
        let parts = try Partition(chip: chip, options: options).run(quantised)
        func hops(_ proposals: Int) -> Int {
            var options = options
            options.placeProposals = proposals
            return RouteSpikes(chip: chip).run(Place(chip: chip, options: options).run(parts)).hops
        }
        let usual = RouteSpikes(chip: chip).run(Place(chip: chip, options: options).run(parts)).hops
        #expect(Double(usual) <= 1.01 * Double(hops(5_000_000)))
        #expect(usual < hops(0))
    }
}
