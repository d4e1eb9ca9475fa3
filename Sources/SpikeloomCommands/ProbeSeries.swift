import Description
import Emulator
import SpikeTrace

/// Probed registers as series of a recording, step by step.
struct ProbeSeries {
    /// The series, in the order of the probes.
    let channels: [SeriesChannel]
    private let probes: [ProbedRegisters]
    /// Series of the recording before these.
    private let first: Int

    /// Describes the series of probes.
    init(_ probes: [ProbedRegisters], after first: Int = 0) {
        self.probes = probes
        self.first = first
        channels = probes.map { probe in
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
    }

    /// Records the registers after a step that ends at a time.
    func note(
        _ machine: Machine,
        at seconds: Double = 0,
        append: (_ row: [Int64], _ series: Int, _ step: UInt64) throws -> Void
    ) throws {
        for (index, probe) in probes.enumerated() where probe.asked.includes(seconds) {
            let row = probe.registers(of: machine).map { Int64($0) }
            try append(row, first + index, machine.currentStep - 1)
        }
    }
}
