import ChipImage
import ChipSpec
import Foundation
import Samples
import Twin

// twin-study IMAGE SAMPLES FIRST-SEED DEVICES STEPS THREADS OUTPUT
let arguments = CommandLine.arguments
guard arguments.count == 8, let first = UInt64(arguments[3]), let devices = UInt64(arguments[4]),
    let steps = Int(arguments[5]), let threads = Int(arguments[6])
else {
    print("usage: twin-study IMAGE SAMPLES FIRST-SEED DEVICES STEPS THREADS OUTPUT")
    exit(2)
}
let image = try ChipImage.load(path: arguments[1])
let samples = try SampleSet(contentsOf: arguments[2])
var rows: [Trial.Outcome] = []
for seed in first..<(first + devices) {
    for isNoisy in [false, true] {
        for bench in [
            Bench.digits(image, samples, steps: steps),
            try Bench.random(image.chip, steps: steps, seed: seed),
        ] {
            let outcome = Trial(bench: bench, seed: seed, isNoisy: isNoisy, threads: threads)()
            print(outcome)
            rows.append(outcome)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            let study = Study(command: "scripts/twin", steps: steps, recovery: rows)
            try encoder.encode(study).write(to: URL(fileURLWithPath: arguments[7]), options: .atomic)
        }
    }
}

struct Study: Codable {
    var command: String
    var steps: Int
    var recovery: [Trial.Outcome]
}
