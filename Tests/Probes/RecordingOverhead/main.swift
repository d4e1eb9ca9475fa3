// What recording costs a run:
//
//     recording-overhead CHIPSPEC FILE [THREADS] [PAIRS] [STEPS] [FANOUT]
//
// The same run with a recorder and without, by turns; spikes go through the digest in both, as in
// `spikeloom run`. Prints, pair by pair, spikes a second, the ratio of wall times, and by how much the
// processor time of all threads grows for each spike.
import ChipSpec
import Emulator
import Events
import Foundation
import SpikeTrace

/// What a run took.
struct RunTime {
    var seconds: Double
    /// Of all threads.
    var processorSeconds: Double
    var spikes: UInt64
}

/// Options of the command line.
struct Options {
    var threads = 2
    var pairs = 9
    var steps = 5000
    var network = DrivenNetwork(fanOut: 24)
}

func processorSeconds() -> Double {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Runs the network, and records it if there is a path.
func run(_ options: Options, chip: ChipSpec, record path: String?) throws -> RunTime {
    let network = options.network
    let machine = Machine(
        image: network.image(chip: chip),
        options: MachineOptions(threads: options.threads)
    )
    let info = SpikeTraceInfo(
        timeBase: chip.time.step,
        metadata: [:],
        channels: (0..<network.cores).map {
            SpikeChannel(core: UInt32($0), neuronCount: UInt32(network.neuronsPerCore), label: "")
        }
    )
    var digest = SpikeDigestBuilder()
    var spikes: UInt64 = 0
    let processor = processorSeconds()
    let start = ContinuousClock.now
    let recorder = try path.map { try SpikeTraceRecorder(path: $0, info: info) }
    for _ in 0..<options.steps {
        machine.step()
        digest.append(machine.spikes)
        try recorder?.append(machine.spikes)
        spikes += UInt64(machine.spikes.count)
    }
    try recorder?.finish()
    _ = digest.finish()
    return RunTime(
        seconds: (ContinuousClock.now - start) / .seconds(1),
        processorSeconds: processorSeconds() - processor,
        spikes: spikes
    )
}

func median(_ numbers: [Double]) -> Double { numbers.sorted()[numbers.count / 2] }
func text(_ number: Double, _ digits: Int = 3) -> String {
    String(format: "%.\(digits)f", number)
}

let texts = Array(CommandLine.arguments.dropFirst())
guard texts.count >= 2 else {
    print("usage: recording-overhead CHIPSPEC FILE [THREADS] [PAIRS] [STEPS] [FANOUT]")
    exit(2)
}
let numbers = texts.dropFirst(2).map { max(1, Int($0) ?? 1) }
var options = Options()
if numbers.count > 0 { options.threads = numbers[0] }
if numbers.count > 1 { options.pairs = numbers[1] }
if numbers.count > 2 { options.steps = numbers[2] }
if numbers.count > 3 { options.network = DrivenNetwork(fanOut: min(512, numbers[3])) }
let chip = try ChipSpec.load(contentsOf: texts[0])
var (rates, ratios, costs): ([Double], [Double], [Double]) = ([], [], [])
for pair in 0..<options.pairs {
    // Which one comes first changes, so that what slows down in the course of time does not decide.
    let isFirst = pair % 2 == 1
    let first = try run(options, chip: chip, record: isFirst ? texts[1] : nil)
    let second = try run(options, chip: chip, record: isFirst ? nil : texts[1])
    let (recorded, alone) = isFirst ? (first, second) : (second, first)
    rates.append(Double(alone.spikes) / alone.seconds / 1e6)
    ratios.append(recorded.seconds / alone.seconds)
    costs.append(
        (recorded.processorSeconds - alone.processorSeconds) / Double(alone.spikes) * 1e9
    )
    print(
        "pair \(pair): \(text(rates[pair], 2)) M spikes/s, ratio \(text(ratios[pair])), "
            + "\(text(costs[pair], 1)) ns of processor time a spike"
    )
    fflush(nil)
}
print(
    "median: \(text(median(rates), 2)) M spikes/s, ratio \(text(median(ratios))), "
        + "\(text(median(costs), 1)) ns of processor time a spike"
)
