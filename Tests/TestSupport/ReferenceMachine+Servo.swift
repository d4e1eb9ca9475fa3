import ChipImage
import ChipSpec
import Events
import FixedPoint

/// The gain servo of section 9, which scales weights.
extension ReferenceMachine {
    /// What an update adds to S.
    mutating func noteUpdate(
        _ synapse: ReferencePlasticity.Synapse,
        change: Int64,
        weight: Int64
    ) {
        guard let servo = plasticity.servos[synapse.projection] else { return }
        let factor = servo.setting.isExact ? weight : weight.signum()
        let core = planted == .servoSumsOverCores ? 0 : synapse.core
        plasticity.servos[synapse.projection]?.news[core, default: 0] += change * factor
    }

    /// Step e.
    mutating func runServos() {
        let top = PlainArithmetic.power(47) - 1
        for p in plasticity.servos.indices {
            guard var servo = plasticity.servos[p] else { continue }
            for (core, news) in servo.news {
                let sum = (servo.sums[core] ?? 0) + news
                servo.sums[core] = PlainArithmetic.fit(sum, -top, top, .saturate)
            }
            servo.news = [:]
            servo.steps += 1
            let isOver = servo.steps == servo.setting.periodInSteps
            if isOver {
                for c in image.cores.indices { scale(p, c, servo) }
                servo.steps = 0
                if planted != .servoKeepsItsSum { servo.sums = [:] }
            }
            plasticity.servos[p] = servo
        }
    }

    private mutating func scale(_ p: Int, _ c: Int, _ servo: ReferencePlasticity.Servo) {
        let synapses = plasticity.synapses.filter {
            $0.projection == p && (planted == .servoSumsOverCores || $0.core == c)
        }
        let size = synapses.reduce(Int64(0)) { sum, synapse in
            let weight = plasticity.registers[synapse.core][synapse.index]
            return sum + weight * (servo.setting.isExact ? weight : weight.signum())
        }
        let sum = servo.sums[planted == .servoSumsOverCores ? 0 : c] ?? 0
        let change = change(sum, min(size, PlainArithmetic.power(47) - 1), servo.setting)
        guard change != 0 else { return }
        for synapse in synapses where synapse.core == c {
            report.actions[.weightUpdate] += 1
            report.cores[c].weightUpdates += 1
            let weight = plasticity.registers[c][synapse.index]
            plasticity.registers[c][synapse.index] = fitWeightRegister(
                weight + rounded(weight * change, synapse),
                p
            )
        }
    }

    /// φ, the largest number that does not go beyond its law.
    private func change(_ sum: Int64, _ size: Int64, _ setting: ServoSetting) -> Int64 {
        guard sum != 0, size != 0 else { return 0 }
        var best: Int64 = 0
        if setting.isExact {
            // K · |S| · 2^4 in two words.
            let wanted = abs(sum).multipliedFullWidth(by: Int64(setting.gain) * 16)
            for bit in stride(from: 13, through: 0, by: -1) {
                let next = best + PlainArithmetic.power(bit)
                let reached = size.multipliedFullWidth(by: next)
                let fits = (reached.high, reached.low) <= (wanted.high, wanted.low)
                if fits && next <= 13_107 { best = next }
            }
        } else {
            var power = 16 + setting.gain
            for bit in 0..<62 {
                if abs(sum) >= PlainArithmetic.power(bit) { power += 1 }
                if size >= PlainArithmetic.power(bit) { power -= 1 }
            }
            if power >= 0 { best = PlainArithmetic.power(min(power, 13)) }
        }
        return sum < 0 ? -best : best
    }

    private func rounded(_ product: Int64, _ synapse: ReferencePlasticity.Synapse) -> Int64 {
        let mode = image.chip.learning?.weightRounding ?? .stochastic
        guard mode == .stochastic, planted != .servoRoundsDown else {
            return PlainArithmetic.divide(
                product,
                by: 65536,
                rounding: mode == .stochastic ? .floor : mode
            )
        }
        let projection = image.network.projections[synapse.projection]
        let name = projection.name ?? projection.source + ">" + projection.target
        let stream = RandomStream(
            seed: seed ^ UInt64(Self.id(name)),
            purpose: .stochasticRounding
        )
        let block = stream.words(
            UInt32(synapse.j / 8) + 3 * (1 << 30),
            UInt32(synapse.i),
            drawStep
        )
        return PlainArithmetic.floorDivision(product + Self.lane(synapse.j % 8, of: block), 65536)
    }
}
