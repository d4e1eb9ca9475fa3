import ChipImage
import ChipSpec
import FixedPoint

/// Learning traces of one side of a projection on the engine `loihi` (`docs/NUMERICS.md`, section 10).
///
/// Within an epoch only the last spike of a neuron is kept; the traces of all its steps are worked out
/// at its end.
@safe
final class LoihiTraces {
    static let highest: Int32 = 127

    /// Impulse and decay of one trace register.
    private struct Register {
        var impulse: Int32 = 0
        /// Fraction of the impulse, in 1/256.
        var fraction: Int32 = 0
        /// What the trace values 0...127 decay to, whole and fraction.
        let whole: HostArray<Int32>
        let rest: HostArray<Double>

        init(_ trace: TraceProgram?) {
            let floor = (trace?.impulse ?? 0).rounded(.down)
            impulse = Int32(floor)
            fraction = Int32((((trace?.impulse ?? 0) - floor) * 256).rounded(.toNearestOrEven))
            let factor: Double
            switch trace?.tau {
            case _ where trace == nil: factor = 0
            case nil: factor = 1
            case .some(let tau): factor = tau == 0 ? 0 : PortableMath.exp(-1 / tau)
            }
            let decayed = (0...LoihiTraces.highest).map { factor * Double($0) }
            whole = HostArray(decayed.map { Int32($0.rounded(.down)) }, else: 0)
            rest = HostArray(decayed.map { $0 - $0.rounded(.down) }, else: 0)
        }

        func bumped(_ value: Int32, draw: Int32) -> Int32 {
            min(max(value &+ impulse &+ (draw < fraction ? 1 : 0), 0), LoihiTraces.highest)
        }
    }

    let count: Int
    let epoch: Int
    let isUsed: [Bool]
    private let registers: [Register]
    /// Traces of the running epoch, `[register][step 0...epoch][neuron]`; step 0 is its start.
    let history: HostArray<Int32>
    /// Step of the last spike in the running epoch, from 1; 0 without one.
    let spikeStep: HostArray<Int32>
    /// Neurons that have spiked in the running epoch.
    private(set) var spiked: [UInt32] = []

    /// Makes traces that are all 0.
    ///
    /// - Parameters:
    ///   - program: Rule with the traces.
    ///   - names: Registers of the side.
    ///   - count: Neurons (or lines) of the side.
    init(_ program: RuleProgram, names: [RuleVariable], count: Int) {
        self.count = count
        epoch = program.epoch
        let traces = names.map { name in program.traces.first { $0.register == name } }
        isUsed = traces.map { $0 != nil }
        registers = traces.map(Register.init)
        history = HostArray(repeating: 0, count: names.count * (epoch + 1) * count)
        spikeStep = HostArray(repeating: 0, count: count)
    }

    /// Place of a step's values in `history`.
    func offset(_ register: Int, step: Int) -> Int { (register * (epoch + 1) + step) * count }

    /// Value of a trace at the last end of an epoch, bumped by second spikes since.
    func value(_ register: Int, of neuron: Int) -> Int32 {
        history[offset(register, step: 0) + neuron]
    }

    /// Notes spikes.
    ///
    /// - Parameters:
    ///   - neurons: Who spiked, each once.
    ///   - step: Step in the epoch, 1...epoch.
    ///   - draw: Rounds the impulse of those that have spiked before in this epoch.
    ///   - updates: Traces updated on each core; raised.
    ///   - cores: Core of each neuron.
    func note(
        _ neurons: [UInt32],
        step: Int32,
        draw: Int32,
        updates: inout [UInt32],
        cores: [UInt32]
    ) {
        for neuron in neurons {
            let n = Int(neuron)
            if spikeStep[n] > 0 {
                for (r, register) in registers.enumerated() where isUsed[r] {
                    let place = offset(r, step: 0) + n
                    history[place] = register.bumped(history[place], draw: draw)
                    updates[Int(cores[n])] &+= 1
                }
            } else {
                spiked.append(neuron)
            }
            spikeStep[n] = step
        }
    }

    /// Works out the traces of every step of the epoch that ends.
    ///
    /// - Parameters:
    ///   - decay: Rounds decays, in [0, 1).
    ///   - impulse: Rounds impulses, 0...127.
    func run(decay: Double, impulse: Int32) {
        for (r, register) in registers.enumerated() where isUsed[r] {
            for step in 1...epoch {
                let before = offset(r, step: step - 1)
                let now = offset(r, step: step)
                for n in 0..<count {
                    // Traces lie in 0...127 always, so that the tables have an entry for each.
                    let value = unsafe Int(history.base[before + n])
                    let carry: Int32 = unsafe decay < register.rest.base[value] ? 1 : 0
                    unsafe history.base[now + n] = register.whole.base[value] &+ carry
                }
                for neuron in spiked where spikeStep[Int(neuron)] == Int32(step) {
                    let place = now + Int(neuron)
                    history[place] = register.bumped(history[place], draw: impulse)
                }
            }
        }
    }

    /// Begins the next epoch with the traces of the last step.
    func endEpoch(updates: inout [UInt32], cores: [UInt32]) {
        for r in registers.indices where isUsed[r] {
            let first = offset(r, step: 0)
            let last = offset(r, step: epoch)
            for n in 0..<count {
                if unsafe history.base[first + n] | spikeStep.base[n] != 0 {
                    updates[Int(cores[n])] &+= 1
                }
                unsafe history.base[first + n] = history.base[last + n]
            }
        }
        for neuron in spiked { spikeStep[Int(neuron)] = 0 }
        spiked.removeAll(keepingCapacity: true)
    }

    /// The state reset.
    func reset() {
        history.fill(0)
        spikeStep.fill(0)
        spiked.removeAll(keepingCapacity: true)
    }
}
