/// What a soma kernel reads and writes: columns of one segment, `[neuron]`.
///
/// The columns are padded with silent neurons to a multiple of eight, so that kernels may take eight
/// at a time. The pointers point at the segment's first neuron and are valid while the partition
/// lives.
@safe
struct SomaColumns<T: Lanes> {
    /// Neurons, padding included.
    let paddedCount: Int
    let input: UnsafePointer<T.Input>
    let v: UnsafeMutablePointer<Int32>
    let u: UnsafeMutablePointer<Int32>
    let threshold: UnsafePointer<Int32>
    let membraneFactor: UnsafePointer<Int32>
    let currentFactor: UnsafePointer<Int32>
    let membraneBias: UnsafePointer<Int32>
    let currentBias: UnsafePointer<Int32>
    let resetPotential: UnsafePointer<Int32>
    /// Sender number of the first neuron.
    let firstSender: UInt32
    /// Receives the senders that spike, ascending.
    let spikes: UnsafeMutablePointer<UInt32>
    /// Receives −1 for each active neuron and 0 for the others; nil where nobody asks.
    let activity: UnsafeMutablePointer<Int32>?
    /// −1 for each neuron that resets whatever it computes, 0 for the others (`Machine.step(inputs:following:)`);
    /// nil where those reset that spike.
    let followed: UnsafePointer<Int32>?

    /// Which neurons of the block at k reset, of those that spike.
    @inline(__always)
    func resetting(_ spiking: T, at k: Int) -> T {
        guard let followed = unsafe followed else { return spiking }
        return unsafe T.load(followed + k)
    }
}

/// What a soma kernel found in a segment.
struct SomaOutcome<T: Lanes> {
    /// Spikes written.
    var spikeCount = 0
    private var active = T(every: 0)

    /// Number of active neurons.
    var activeCount: Int { active.total }

    /// Counts the neurons of the block at k for which anything is not 0.
    @inline(__always)
    mutating func countActive(_ anything: T, at k: Int, in columns: SomaColumns<T>) {
        let mask = anything.maskOfNonzero
        active = active &- mask
        if let activity = unsafe columns.activity { unsafe mask.store(activity + k) }
    }

    /// Lists the neurons of the block at k whose lane of the mask is set.
    @inline(__always)
    mutating func list(_ mask: T, at k: Int, in columns: SomaColumns<T>) {
        guard mask.hasAny else { return }
        for lane in 0..<T.count where mask.isSet(lane) {
            unsafe columns.spikes[spikeCount] = columns.firstSender + UInt32(k + lane)
            spikeCount += 1
        }
    }
}
