// What recording costs a run: `recording-overhead chipspecs/loihi.yaml FILE [PAIRS] [FANOUT] [STEPS]`.
//
// The same run with a recorder and without, by turns, on two threads; spikes go through the digest in
// both, as in `spikeloom run`. Prints spikes a second and the ratio of wall times, pair by pair.
import ChipSpec
import Emulator
import Events
import Foundation
import SpikeTrace

/// Seconds that a run takes, recorded or not, and its spikes.
func run(_ network: DrivenNetwork, chip: ChipSpec, steps: Int, record path: String?) throws
    -> (seconds: Double, spikes: UInt64)
{
    let machine = Machine(image: network.image(chip: chip), options: MachineOptions(threads: 2))
    var digest = SpikeDigestBuilder()
    var spikes: UInt64 = 0
    let channels = (0..<network.cores).map {
        SpikeChannel(core: UInt32($0), neuronCount: UInt32(network.neuronsPerCore), label: "")
    }
    let info = SpikeTraceInfo(timeBase: chip.time.step, metadata: [:], channels: channels)
    let start = ContinuousClock.now
    let recorder = try path.map { try SpikeTraceRecorder(path: $0, info: info) }
    for _ in 0..<steps {
        machine.step()
        digest.append(machine.spikes)
        try recorder?.append(machine.spikes)
        spikes += UInt64(machine.spikes.count)
    }
    try recorder?.finish()
    _ = digest.finish()
    return ((ContinuousClock.now - start) / .seconds(1), spikes)
}

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count >= 2 else {
    print("usage: recording-overhead CHIPSPEC FILE [PAIRS] [FANOUT] [STEPS]")
    exit(2)
}
let texts = Array(arguments)
func number(_ index: Int, _ standard: Int) -> Int {
    index < texts.count ? max(1, Int(texts[index]) ?? standard) : standard
}
let chip = try ChipSpec.load(contentsOf: texts[0])
let network = DrivenNetwork(fanOut: min(1024, number(3, 24)))
let steps = number(4, 5000)
var ratios: [Double] = []
var rates: [Double] = []
for pair in 0..<number(2, 9) {
    // Which one comes first changes, so that what slows down in the course of time does not decide.
    var seconds = [0.0, 0.0]
    for recorded in pair % 2 == 0 ? [false, true] : [true, false] {
        let result = try run(
            network,
            chip: chip,
            steps: steps,
            record: recorded ? texts[1] : nil
        )
        seconds[recorded ? 1 : 0] = result.seconds
        if !recorded { rates.append(Double(result.spikes) / result.seconds / 1e6) }
    }
    ratios.append(seconds[1] / seconds[0])
    print(
        "pair \(pair): \(String(format: "%.2f", rates[pair])) M spikes/s, "
            + "\(String(format: "%.3f", seconds[0])) s alone, "
            + "\(String(format: "%.3f", seconds[1])) s recorded, "
            + "ratio \(String(format: "%.3f", ratios[pair]))"
    )
}
func median(_ numbers: [Double]) -> Double { numbers.sorted()[numbers.count / 2] }
print(
    "median: \(String(format: "%.1f", median(rates))) M spikes/s, "
        + "ratio \(String(format: "%.3f", median(ratios)))"
)
