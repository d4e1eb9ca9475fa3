import Events
import SpikeTrace

extension SpikeTraceInfo {
    /// Name of each core for other tools: its label, else `core3` or `input0`.
    ///
    /// Equal labels get the number of the core behind them.
    var namesByCore: [UInt32: String] {
        var counts: [String: Int] = [:]
        for channel in channels { counts[channel.label, default: 0] += 1 }
        return Dictionary(
            channels.map { channel in
                let number =
                    channel.core < NeuronAddress.firstInputCore
                    ? "core\(channel.core)" : "input\(channel.core - NeuronAddress.firstInputCore)"
                if channel.label.isEmpty { return (channel.core, number) }
                let isOnly = counts[channel.label] == 1
                return (channel.core, isOnly ? channel.label : "\(channel.label)-\(number)")
            }
        ) { first, _ in first }
    }

    /// Planes, rows and columns of the first input, where an import left them.
    var shape: (planes: Int, size: PixelSize)? {
        let numbers = (metadata[RecordingFact.shape] ?? "").split(separator: "x").compactMap {
            Int($0)
        }
        guard numbers.count == 3, (1...2).contains(numbers[0]),
            numbers.allSatisfy({ (1...1 << 16).contains($0) })
        else { return nil }
        return (numbers[0], PixelSize(width: numbers[2], height: numbers[1]))
    }
}

extension TimeBase {
    /// The start of a step in some unit of time, rounded to a double once.
    func time(_ step: UInt64, perSecond: Double) -> Double {
        Double(step) * (Double(numerator) * perSecond) / Double(denominator)
    }

    /// The start of a step in whole units, rounded down; nil if it does not fit 64 bits.
    func whole(_ step: UInt64, perSecond: UInt64) -> UInt64? {
        let (scale, overflow) = numerator.multipliedReportingOverflow(by: perSecond)
        guard !overflow else { return nil }
        let product = step.multipliedFullWidth(by: scale)
        guard product.high < denominator else { return nil }
        return denominator.dividingFullWidth(product).quotient
    }
}
