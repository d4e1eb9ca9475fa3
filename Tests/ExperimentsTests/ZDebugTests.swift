import ChipImage
import ChipSpec
import Description
import Emulator
import Experiments
import Foundation
import Testing

@Suite("zdebug")
struct ZDebugTests {
    @Test func dump() throws {
        let file = try ExperimentFile(path: "/work/main/Examples/learning/reciprocal.yaml")
        let study = try LearningStudy(file, arms: ["H3-0.4"], catalogue: ChipCatalogue(folders: ["/work/main/chipspecs"]))
        for seed: UInt64 in [202, 204] {
            var run = try LearningStudy.run(of: study.arms[0], seed: seed)
            let result = try run.run()
            let m = run.machine
            let W = m.synapses(of: m.image.network.projections.firstIndex { $0.name == "forward" }!)
            let B = m.synapses(of: m.image.network.projections.firstIndex { $0.name == "feedback" }!)
            var w = [[Double]](repeating: .init(repeating: 0, count: 40), count: 40)
            for s in W { w[s.pre][s.post] = Double(s.register) * s.gain }
            var b = w
            for s in B { b[s.post][s.pre] = Double(s.register) * s.gain }
            print("seed", seed, result.projections[0].points.last!.effective.angle)
            for side in 0..<2 {
                for i in 0..<40 {
                    var ww = 0.0, bb = 0.0, wb = 0.0, err = 0.0
                    for j in 0..<40 { let x = side == 0 ? w[i][j] : w[j][i]; let y = side == 0 ? b[i][j] : b[j][i]; ww += x*x; bb += y*y; wb += x*y; err += (x-y)*(x-y) }
                    if err > 2.5e9 || wb/ww > 1.6 || wb/ww < 0.5 { print(side == 0 ? "lower" : "upper", i, "slope", wb/ww, "cos", wb/(ww*bb).squareRoot(), "err", err, "bias", Double(m.bias(population: side, neuron: i)) / 13653) }
                }
            }
        }
    }
}
