import Description
import Emulator
import SpikeTrace

/// Probed registers as series of a recording, step by step.
struct ProbeSeries {
    /// The series, in the order of the probes.
    let channels: [SeriesChannel]
    /// Probes of each series: the same registers, in several parts of the time.
    private let probes: [[ProbedRegisters]]

    /// Describes the series of probes, the first of a recording.
    init(_ asked: [ProbedRegisters]) throws {
        var (channels, probes): ([SeriesChannel], [[ProbedRegisters]]) = ([], [])
        for probe in asked {
            let channel = Self.channel(of: probe)
            guard let place = channels.firstIndex(where: { $0.topic == channel.topic }) else {
                channels.append(channel)
                probes.append([probe])
                continue
            }
            guard channels[place] == channel else {
                throw BadInput(
                    "probes: '\(probe.source)', \(probe.asked.name) is named twice with other neurons. A "
                        + "recording has one series of it: name all neurons in both probes."
                )
            }
            probes[place].append(probe)
        }
        self.channels = channels
        self.probes = probes
    }

    private static func channel(of probe: ProbedRegisters) -> SeriesChannel {
        var metadata = ["unit": "raw register"]
        // Only there a neuron can have several registers.
        if Set(probe.neurons).count < probe.neurons.count {
            metadata["cores"] = probe.cores.map(String.init).joined(separator: " ")
        }
        return SeriesChannel(
            source: probe.source,
            quantity: probe.asked.name,
            element: .int32,
            indices: probe.neurons.map { UInt32($0) },
            metadata: metadata
        )
    }

    /// Records the registers after a step that ends at a time.
    func note(
        _ machine: Machine,
        at seconds: Double = 0,
        append: (_ row: [Int64], _ series: Int, _ step: UInt64) throws -> Void
    ) throws {
        for (index, probes) in probes.enumerated() {
            guard let probe = probes.first(where: { $0.asked.includes(seconds) }) else { continue }
            let row = probe.registers(of: machine).map { Int64($0) }
            try append(row, index, machine.currentStep - 1)
        }
    }
}
