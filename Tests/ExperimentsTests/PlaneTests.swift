import ChipSpec
import Description
import Experiments
import Foundation
import NetworkIR
import Report
import Testing

@Suite("Weights that drift in a plane")
struct PlaneTests {
    private static func file(_ name: String, seconds: String? = nil) throws -> ExperimentFile {
        let path = LearningExamples.root.appending(path: "Examples/studies/\(name).yaml").path
        var text = try String(contentsOfFile: path, encoding: .utf8)
        if let seconds {
            #expect(text.ranges(of: /seconds: \d+ #/).count == 1)
            text = text.replacing(/seconds: \d+ #/, with: "seconds: \(seconds) #")
            text = text.replacing(/probeEverySeconds: \d+/, with: "probeEverySeconds: 20")
        }
        return try ExperimentFile(text: text, path: path)
    }

    @Test("all arms of the studies of Dale's law are read, and have signs that no draw changes")
    func signs() throws {
        for name in ["dale", "dale-converge", "dale-paths", "dale-cause", "dale-matched"] {
            let file = try Self.file(name)
            for arm in file.arms {
                let experiment = try file.experiment(arm: arm)
                #expect(experiment.plane == WeightPlane(x: "w12", y: "w21"))
                let network = experiment.network(seed: experiment.seeds[0])
                for projection in network.projections {
                    let isInhibitory = projection.name?.hasPrefix("i") ?? false
                    if projection.plasticity != nil, name != "dale" {
                        #expect(projection.plasticity?.sign == .excitatory)
                    }
                    guard case .dense(let weights) = projection.connectivity else { continue }
                    #expect(weights.allSatisfy { isInhibitory ? $0 <= 0 : $0 >= 0 })
                }
            }
        }
    }

    @Test("a path through one neuron more counts with its rate: W_b σ(W_a r + b) / r")
    func pathWeight() throws {
        let file = try Self.file("dale-paths")
        let network = try file.experiment(arm: "right@-1.5").network(seed: 200)
        let e1 = try #require(network.populations.firstIndex { $0.path == "e1" })
        let e2 = try #require(network.populations.firstIndex { $0.path == "e2" })
        // r is σ(0) = 1/2, and σ(4 · 1/2 − 2) is 1/2 as well.
        #expect((network.pathWeight(from: e1, to: e2) + 1.5).magnitude < 1e-12)
        #expect((network.pathWeight(from: e2, to: e1) + 1).magnitude < 1e-12)
        // σ(4 − 2) − σ(−2) = tanh(1).
        #expect(
            (network.pathResponse(from: e2, to: e1) + 0.761_594_155_955_764_9).magnitude < 1e-12
        )
        let ratio = network.pathResponse(from: e1, to: e2) / network.pathResponse(from: e2, to: e1)
        #expect((ratio - 1.5).magnitude < 1e-12)
    }

    @Test("the zero line of exact drifts is exact, and noise gives it a width")
    func zeroLine() throws {
        let gaps = [-1.0, -0.5, 0, 0.5, 1, 2]
        /// Drifts that come in four equal parts.
        func parts(_ drifts: [Double]) -> [[Double]] {
            drifts.map { .init(repeating: $0 / 4, count: 4) }
        }
        let drifts = gaps.map { 0.2 * ($0 - 0.3) }
        let exact = try #require(ZeroLine(gaps: gaps, changes: parts(drifts)))
        #expect((exact.offset - 0.3).magnitude < 1e-12 && exact.halfWidth < 1e-12)
        #expect((exact.slope - 0.2).magnitude < 1e-12)
        let noisy = zip(drifts, [1.0, -1, 1, -1, 1, -1]).map { $0.0 + 0.01 * $0.1 }
        let line = try #require(ZeroLine(gaps: gaps, changes: parts(noisy)))
        #expect((line.offset - 0.3).magnitude < line.halfWidth && line.halfWidth < 0.2)
        #expect(ZeroLine(gaps: [0, 1, 2], changes: parts([0, 1, 2])) == nil)
        #expect(ZeroLine(gaps: [1, 1, 1, 1], changes: parts([0, 1, 2, 3])) == nil)
        // What all points have in common moves the line, and the looks tell: ±0.01 in four intervals.
        let common = drifts.map { drift in
            [0.01, -0.01, 0.01, -0.01].map { drift / 4 + $0 }
        }
        let shared = try #require(ZeroLine(gaps: gaps, changes: common))
        // t of 3 degrees, 0.01 √(4 · 4 / 3) over the slope.
        #expect((shared.halfWidth - 3.182 * 0.01 * (16.0 / 3).squareRoot() / 0.2).magnitude < 1e-9)
    }

    #if !DEBUG
        @Test("weights come to rest where effective weights are equal, and keep their signs")
        func dale() throws {
            let file = try Self.file("dale-paths", seconds: "600")
            func network(_ path: String) throws -> (line: Double, effective: Double) {
                let starts = ["right", "above", "high", "middle"]
                let study = try LearningStudy(
                    file,
                    arms: starts.map { "\($0)@\(path)" },
                    catalogue: LearningExamples.catalogue,
                    seeds: [210],
                    threads: 2
                )
                let results = try study()
                for weights in results.flatMap({ $0 }).flatMap(\.weights) {
                    #expect(weights.lowest >= 0 && weights.highest < 3)
                    #expect(weights.means.count == 31)
                }
                let report = LearningReport(
                    file: "dale-paths.yaml",
                    study: study,
                    results: results,
                    toolVersion: "0",
                    command: "x"
                )
                let script = try #require(report.planeFigure).gnuplotScript(output: "x.svg")
                #expect(script.contains("no drift"))
                #expect(report.planeTable != nil && report.planeArms != nil)
                guard case .array(let networks)? = report.json["plane"]?["networks"],
                    networks.count == 1,
                    case .number(let line)? = networks[0]["zeroLine"]?["offset"],
                    case .number(let effective)? = networks[0]["effectiveOffset"]
                else {
                    Issue.record("no plane")
                    return (.nan, .nan)
                }
                return (line, effective)
            }
            let weak = try network("0")
            let strong = try network("-2")
            #expect(
                (weak.effective + 1).magnitude < 1e-9 && (strong.effective - 1).magnitude < 1e-9
            )
            #expect(weak.line < -0.25 && weak.line > -1)
            #expect(strong.line > 0.25 && strong.line < 1)
        }
    #endif
}
