package import Events

/// The spikes that the probe records: the tests make the same ones to compare.
///
/// Step t has a spike of about every third neuron, by a hash of (t, core, neuron).
package enum ProbeStream {
    package static let cores: UInt32 = 4
    package static let neurons: UInt32 = 64

    /// Spikes of a step in canonical order.
    package static func spikes(ofStep step: UInt64) -> [Spike] {
        var spikes: [Spike] = []
        for core in 0..<cores {
            for neuron in 0..<neurons where isSpiking(step, core, neuron) {
                spikes.append(Spike(step: step, core: core, neuron: neuron))
            }
        }
        return spikes
    }

    private static func isSpiking(_ step: UInt64, _ core: UInt32, _ neuron: UInt32) -> Bool {
        var z = step &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(core * neurons + neuron)
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return (z ^ (z >> 31)) % 3 == 0
    }
}
