import ChipImage
import Description
import Emulator
import Events
import Experiments
import SpikeTrace

/// Registers of neurons as series of a recording, step by step.
struct ProbeSeries {
    private struct Probe {
        let register: StateProbe.Register
        let addresses: [NeuronAddress]
    }

    /// The series, in the order of the probes.
    let channels: [SeriesChannel]
    private let probes: [Probe]

    /// Finds the neurons of probes on the chip.
    init(_ asked: [StateProbe], image: ChipImage) {
        let map = SourceMap(image)
        var (channels, probes): ([SeriesChannel], [Probe]) = ([], [])
        for probe in asked {
            guard
                let index = image.network.populations.firstIndex(where: {
                    $0.path == probe.population
                })
            else { continue }
            let addresses = map.addresses(ofPopulation: index)
            let neurons = (probe.neurons.isEmpty ? Array(addresses.indices) : probe.neurons)
                .filter(addresses.indices.contains)
            channels.append(
                SeriesChannel(
                    source: probe.population,
                    quantity: probe.register.rawValue,
                    element: .int32,
                    indices: neurons.map { UInt32($0) },
                    metadata: ["unit": "raw register"]
                )
            )
            probes.append(
                Probe(register: probe.register, addresses: neurons.map { addresses[$0] })
            )
        }
        self.channels = channels
        self.probes = probes
    }

    /// Records the registers after a step.
    func note(_ machine: Machine, to recorder: SpikeTraceRecorder) throws {
        for (index, probe) in probes.enumerated() {
            let row = probe.addresses.map { address in
                Int64(
                    probe.register == .v
                        ? machine.membranePotential(at: address) ?? 0
                        : machine.synapticCurrent(at: address) ?? 0
                )
            }
            try recorder.append(row, toSeries: index, step: machine.currentStep - 1)
        }
    }
}
