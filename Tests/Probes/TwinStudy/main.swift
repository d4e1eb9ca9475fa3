import ChipImage
import ChipSpec
import Foundation
import Samples
import Twin

let arguments = CommandLine.arguments
let image = try ChipImage.load(path: arguments[1])
let samples = try SampleSet(contentsOf: arguments[2])
let steps = Int(arguments[3]) ?? 20000
let device = UInt64(arguments[4]) ?? 1
let which = arguments[5]
let noisy = arguments[6] == "noisy"
let threads = 2
let bench = which == "digits" ? Bench.digits(image, samples, steps: steps) : try Bench.random(image.chip, steps: steps, seed: device)
let trial = Trial(bench: bench, seed: device, isNoisy: noisy, threads: threads)
let outcome = trial()
print(outcome)
