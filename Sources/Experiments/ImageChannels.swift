public import ChipImage
import Events
public import SpikeTrace

extension ChipImage {
    /// The channels of a recording of this image: its cores, then its inputs.
    public var spikeChannels: [SpikeChannel] {
        let cores = cores.map { core in
            let paths = core.segments.map { network.populations[Int($0.population)].path }
            var seen: Set<String> = []
            return SpikeChannel(
                core: core.core,
                neuronCount: UInt32(core.neurons.count),
                label: paths.filter { seen.insert($0).inserted }.joined(separator: ", ")
            )
        }
        let ports = inputs.enumerated().map { port, input in
            SpikeChannel(
                core: NeuronAddress.firstInputCore + UInt32(port),
                neuronCount: UInt32(input.channelCount),
                label: input.name
            )
        }
        return cores + ports
    }
}
