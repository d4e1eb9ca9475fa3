import ChipImage
import ChipSpec
import Foundation
import Samples
import Twin

// twin-study recover|repair IMAGE SAMPLES FIRST-SEED DEVICES STEPS THREADS OUTPUT

/// What the study writes.
struct Study: Codable {
    var command = "scripts/twin"
    var steps: Int
    var recovery: [Trial.Outcome]?
    var repair: [Repair.Outcome]?

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}

let arguments = CommandLine.arguments
guard arguments.count == 9, let first = UInt64(arguments[4]), let devices = UInt64(arguments[5]),
    let steps = Int(arguments[6]), let threads = Int(arguments[7])
else {
    print("usage: twin-study recover|repair IMAGE SAMPLES FIRST-SEED DEVICES STEPS THREADS OUTPUT")
    exit(2)
}
let image = try ChipImage.load(path: arguments[2])
let samples = try SampleSet(contentsOf: arguments[3])
var study = Study(steps: steps)
for seed in first..<(first + devices) {
    if arguments[1] == "repair" {
        let repair = Repair(image: image, samples: samples, threads: threads)
        study.repair = (study.repair ?? []) + [repair(seed: seed)]
        try study.write(to: arguments[8])
        continue
    }
    for isNoisy in [false, true] {
        for bench in [
            Bench.digits(image, samples, steps: steps),
            try Bench.random(image.chip, steps: steps, seed: seed),
        ] {
            let trial = Trial(bench: bench, seed: seed, isNoisy: isNoisy, threads: threads)
            study.recovery = (study.recovery ?? []) + [trial()]
            try study.write(to: arguments[8])
        }
    }
}
