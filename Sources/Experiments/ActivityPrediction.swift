public import ChipImage
public import ChipSpec
import Emulator
public import Energy
public import Events
public import Interconnect

/// How active the senders of an image are.
public struct SenderRates: Sendable, Equatable {
    /// Spikes a step of each sender: neurons by core and slot, then input channels.
    public var spikesPerStep: [Double]
    /// Steps from one state reset to the next; nil if there are none.
    public var stepsPerReset: Int?

    /// Describes activity.
    ///
    /// - Parameters:
    ///   - spikesPerStep: One number a sender, 0...1, in the order of `Machine.packetTable`.
    ///   - stepsPerReset: Steps from one state reset to the next; nil if there are none.
    public init(spikesPerStep: [Double], stepsPerReset: Int? = nil) {
        self.spikesPerStep = spikesPerStep
        self.stepsPerReset = stepsPerReset
    }

    /// The rates of a run; nil for a run without a chip, or without a step.
    ///
    /// - Parameters:
    ///   - result: The run.
    ///   - stepsPerReset: Steps from one state reset to the next; nil if there were none.
    public init?(_ result: RunResult, stepsPerReset: Int? = nil) {
        guard let timing = result.timing, result.steps > 0 else { return nil }
        spikesPerStep = timing.spikesOfSender.map { Double($0) / Double(result.steps) }
        self.stepsPerReset = stepsPerReset
    }
}

/// What the steps of an image cost if its senders spike at given rates: nothing is run.
///
/// What packets do follows from the rates exactly. How many of the visited neurons are active does not
/// (it depends on potentials), so that a chip that tells the two apart has a range of energies; and the
/// mean of the slowest core does not, so that step times are a range (`StepClock.meanDuration`). Actions
/// of learning engines are not predicted.
public struct ActivityPrediction: Sendable {
    /// Mean number of each action in a step, by the order of `Action`; all visited neurons active.
    private let mean: [Double]
    /// Mean duration of a step, resets included.
    public let stepTime: MeanStepTime
    /// Whether learning engines do what is not in the counts.
    public let lacksLearning: Bool
    private let table: EnergyTable

    /// Predicts.
    ///
    /// - Parameters:
    ///   - image: A verified image.
    ///   - rates: How active its senders are.
    ///   - table: Prices and latencies; the chip's first table if nil.
    /// - Throws: `SenderRatesError` if the rates are not those of this image.
    public init(
        _ image: ChipImage,
        rates: SenderRates,
        table: EnergyTable? = nil
    ) throws(SenderRatesError) {
        let packets = Machine(image: image).packetTable
        guard rates.spikesPerStep.count == packets.senderCount else {
            throw SenderRatesError.wrongCount(
                rates.spikesPerStep.count,
                senders: packets.senderCount
            )
        }
        if let sender = rates.spikesPerStep.firstIndex(where: { !(0...1).contains($0) }) {
            throw SenderRatesError.notARate(rates.spikesPerStep[sender], sender: sender)
        }
        let prices = table ?? image.chip.energyTables[0]
        self.table = prices
        lacksLearning = !(image.network.rules ?? []).isEmpty
        var counting = ActionCounting(image, packets)
        counting.countSomata(stepsPerReset: rates.stepsPerReset)
        for sender in 0..<packets.senderCount {
            counting.count(sender, rate: rates.spikesPerStep[sender])
        }
        mean = counting.mean
        let clock = StepClock(chip: image.chip, prices: prices, packets: packets)
        var time = clock.meanDuration(of: counting.cores, most: counting.most)
        if let steps = rates.stepsPerReset, steps > 0 {
            let largest = image.cores.map(\.neurons.count).max() ?? 0
            let reset = clock.resetDuration(neurons: largest)
            let share = reset.nanoseconds / Double(steps)
            let range = time.nanoseconds
            time.nanoseconds = (range.lowerBound + share)...(range.upperBound + share)
            time.isLowerBound = time.isLowerBound || reset.isLowerBound
        }
        stepTime = time
    }

    /// Mean number of an action in a step.
    ///
    /// - Parameter action: Which.
    /// - Returns: Between what it lies; one number where the rates determine it.
    public func countPerStep(of action: Action) -> ClosedRange<Double> {
        let count = mean[action.rawValue]
        switch action {
        case .somaUpdateActive: return 0...mean[Action.somaAccess.rawValue]
        case .somaUpdateInactive: return 0...mean[Action.somaAccess.rawValue]
        default: return count...count
        }
    }

    /// Energy of some steps, priced by the table: the cheaper end with the shorter steps first.
    ///
    /// - Parameter steps: How many, at least 1.
    /// - Returns: Terms of the least and of the largest energy; counts are rounded to whole numbers.
    public func energy(ofSteps steps: UInt64) -> (least: EnergyReport, most: EnergyReport) {
        let one = report(steps, somataAreActive: true, nanoseconds: stepTime.nanoseconds.lowerBound)
        let other = report(
            steps,
            somataAreActive: false,
            nanoseconds: stepTime.nanoseconds.lowerBound
        )
        let activeIsDearer = one.totalJoules >= other.totalJoules
        return (
            activeIsDearer ? other : one,
            report(
                steps,
                somataAreActive: activeIsDearer,
                nanoseconds: stepTime.nanoseconds.upperBound
            )
        )
    }

    private func report(
        _ steps: UInt64,
        somataAreActive: Bool,
        nanoseconds: Double
    ) -> EnergyReport {
        var counts = ActionCounts()
        for action in Action.allCases {
            counts[action] = UInt64((mean[action.rawValue] * Double(steps)).rounded())
        }
        counts[.somaUpdateActive] = somataAreActive ? counts[.somaAccess] : 0
        counts[.somaUpdateInactive] = somataAreActive ? 0 : counts[.somaAccess]
        return EnergyReport(
            counts: counts,
            table: table,
            chipTimeInSeconds: nanoseconds * 1e-9 * Double(steps),
            chipTimeIsLowerBound: stepTime.isLowerBound
        )
    }
}

/// Why rates do not fit an image.
public enum SenderRatesError: Error, Equatable, CustomStringConvertible {
    /// One rate a sender is needed.
    case wrongCount(Int, senders: Int)
    /// A sender spikes at most once a step.
    case notARate(Double, sender: Int)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .wrongCount(let count, let senders):
            "There are \(count) rates; the image has \(senders) neurons and input channels. Give one each."
        case .notARate(let rate, let sender):
            "Sender \(sender) has a rate of \(rate) spikes a step. It must lie in 0...1."
        }
    }
}

/// Adds up what the senders of an image cause.
private struct ActionCounting {
    private let image: ChipImage
    private let packets: PacketTable
    private let topology: Topology
    /// Index of the core of each neuron among the used ones.
    private let coreOfNeuron: [Int]
    var mean = [Double](repeating: 0, count: Action.allCases.count)
    var cores: [MeanCoreCounts]
    var most: [MeanCoreCounts]

    init(_ image: ChipImage, _ packets: PacketTable) {
        self.image = image
        self.packets = packets
        topology = Topology(image.chip)
        coreOfNeuron = image.cores.enumerated().flatMap { index, core in
            [Int](repeating: index, count: core.neurons.count)
        }
        cores = .init(repeating: MeanCoreCounts(), count: image.cores.count)
        most = cores
    }

    /// Visits of somas, which sleep for `depth` steps after a reset, and the resets.
    mutating func countSomata(stepsPerReset: Int?) {
        add(.step, 1)
        for (index, core) in image.cores.enumerated() {
            for segment in core.segments {
                let depth = image.network.populations[Int(segment.population)].depth
                let awake = stepsPerReset.map { steps in
                    steps > 0 ? Double(max(0, steps - depth)) / Double(steps) : 0
                }
                let neurons = Double(segment.count)
                cores[index].somaAccesses += neurons * (awake ?? 1)
                most[index].somaAccesses += neurons
            }
            add(.somaAccess, cores[index].somaAccesses)
            if let steps = stepsPerReset, steps > 0 {
                add(.stateReset, Double(core.neurons.count) / Double(steps))
            }
        }
    }

    /// Packets of a sender.
    mutating func count(_ sender: Int, rate: Double) {
        let routes = packets.routes(of: sender)
        for route in routes {
            let core = Int(route.core)
            let synapses = Double(route.synapses)
            cores[core].axonIn += rate
            most[core].axonIn += 1
            cores[core].synapticEvents += rate * synapses
            most[core].synapticEvents += synapses
            add(.synapticEvent, rate * synapses)
        }
        add(.axonIn, rate * Double(routes.count))
        let home = sender < coreOfNeuron.count ? coreOfNeuron[sender] : nil
        let traffic = topology.traffic(
            from: home.map { topology.tile(of: packets.cores[$0]) } ?? 0,
            to: routes.map { topology.tile(of: packets.cores[Int($0.core)]) },
            casting: image.chip.interconnect.casting
        )
        add(.withinTile, rate * Double(traffic.withinTile))
        add(.hopEastWest, rate * Double(traffic.eastWest))
        add(.hopNorthSouth, rate * Double(traffic.northSouth))
        add(.hop, rate * Double(traffic.plain))
        guard let home else { return }
        let out = Double(traffic.packets)
        cores[home].spikes += rate
        most[home].spikes += 1
        cores[home].axonOut += rate * out
        most[home].axonOut += out
        add(.spike, rate)
        add(.axonOut, rate * out)
    }

    private mutating func add(_ action: Action, _ amount: Double) {
        mean[action.rawValue] += amount
    }
}
