import ChipImage

/// ODIN's neurons of a partition in one step: `docs/NUMERICS.md`, section 13.
///
/// Numbers and pointers only, each at the partition's first column: the partition owns what they point at.
/// Registers of the model lie `[register][column]` with `stride` columns.
@safe
struct ODIN {
    /// Flag of a synapse whose axon is inhibitory.
    static let inhibitory: UInt8 = 1
    /// Flag of a synapse that learns now.
    static let isLearning: UInt8 = 2
    /// Flags of a neuron in a step.
    static let isAsleep: UInt8 = 1
    static let isActive: UInt8 = 2
    static let hasSpiked: UInt8 = 4

    let stride: Int
    let v: UnsafeMutablePointer<Int32>
    let calcium: UnsafeMutablePointer<Int32>
    let calciumCount: UnsafeMutablePointer<Int32>
    let threshold: UnsafePointer<Int32>
    let leak: UnsafePointer<Int32>
    let registers: UnsafePointer<Int32>
    let met: UnsafeMutablePointer<UInt8>
    let weightUpdates: UnsafeMutablePointer<UInt32>

    /// The time reference of awake neurons: leak, and the leak of calcium.
    func refer(_ columns: Range<Int>) {
        for k in columns {
            unsafe met[k] = v[k] == 0 ? 0 : Self.isActive
            unsafe v[k] = max(v[k] &+ leak[k], 0)
            let period = unsafe registers[5 &* stride &+ k]
            var loses = false
            if unsafe registers[k] != 0, period != 0 {
                unsafe calciumCount[k] &+= 1
                if unsafe calciumCount[k] >= period {
                    unsafe calciumCount[k] = 0
                    loses = true
                }
            }
            settle(k, losesCalcium: loses)
        }
    }

    /// Spike, reset and calcium after an event.
    @inline(__always)
    private func settle(_ k: Int, losesCalcium: Bool) {
        let spikes = unsafe v[k] >= threshold[k]
        if spikes {
            unsafe v[k] = 0
            unsafe met[k] |= Self.hasSpiked | Self.isActive
        }
        guard unsafe registers[k] != 0, spikes != losesCalcium else { return }
        unsafe calcium[k] = spikes ? min(calcium[k] &+ 1, 7) : max(calcium[k] &- 1, 0)
    }

    /// Works off the events of a step, one synapse at a time.
    ///
    /// - Parameters:
    ///   - senders: Spikes of the last step, ascending.
    ///   - tables: Rows by sender; the charges of synapses that learn are rewritten.
    func deliver(_ senders: UnsafeBufferPointer<UInt32>, _ tables: HostTables) {
        for index in senders.indices {
            let sender = unsafe Int(senders[index])
            let firstRow = unsafe Int(tables.senderRows.base[sender])
            let endRow = unsafe Int(tables.senderRows.base[sender + 1])
            guard firstRow < endRow else { continue }
            let first = unsafe Int(tables.rowSynapses.base[firstRow])
            let end = unsafe Int(tables.rowSynapses.base[endRow])
            for synapse in first..<end { take(synapse, tables) }
        }
    }

    @inline(__always)
    private func take(_ synapse: Int, _ tables: HostTables) {
        // One compartment a neuron: its accumulator is its column.
        let k = unsafe Int(tables.targets.base[synapse])
        guard unsafe met[k] & Self.isAsleep == 0 else { return }
        let flags = unsafe tables.synapseFlags.base[synapse]
        let weight = unsafe Int32(tables.charges.base[synapse]).magnitude
        let size = Int32(truncatingIfNeeded: weight)
        if flags & Self.inhibitory != 0 {
            unsafe v[k] = max(v[k] &- size, 0)
        } else {
            unsafe v[k] = min(v[k] &+ size, 255)
        }
        unsafe met[k] |= Self.isActive
        settle(k, losesCalcium: false)
        guard flags & Self.isLearning != 0, let change = change(k) else { return }
        let learned = min(max(size &+ change, 0), 7)
        let signed = flags & Self.inhibitory != 0 ? -learned : learned
        unsafe tables.charges.base[synapse] = Int16(truncatingIfNeeded: signed)
        unsafe weightUpdates[k] &+= 1
    }

    /// What a presynaptic event does to a weight: 1, −1, or nil for nothing.
    @inline(__always)
    private func change(_ k: Int) -> Int32? {
        guard unsafe registers[k] != 0 else { return nil }
        let level = unsafe calcium[k]
        guard unsafe level >= registers[2 &* stride &+ k] else { return nil }
        if unsafe v[k] >= registers[stride &+ k] {
            return unsafe level < registers[4 &* stride &+ k] ? 1 : nil
        }
        return unsafe level < registers[3 &* stride &+ k] ? -1 : nil
    }
}
