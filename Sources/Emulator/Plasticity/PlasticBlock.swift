import ChipImage
import ChipSpec
import FixedPoint

/// A plastic synapse while the loader collects them.
struct PlasticDraft {
    var projection: Int
    /// Index of the line in the bank of its rule.
    var line: UInt32
    /// Index of the neuron in the bank of its rule.
    var post: UInt32
    /// Place of the neuron in the partition's columns.
    var column: UInt32
    var preIndex: UInt32
    var postIndex: UInt32
    var register: Int32
    /// Where its charge is among the partition's.
    var charge: UInt32
    var exponent: Int32
    /// Gain with 16 fraction bits.
    var gain: Int32
}

/// The plastic synapses of one projection on one partition: rows of weight registers.
///
/// Row r belongs to a line and owns the synapses `rowStart[r]..<rowStart[r + 1]`, side by side in
/// memory. The charge of a synapse lies in the partition's delivery tables and is rewritten when its
/// visible weight changes, so that delivery knows nothing of plasticity.
@safe
final class PlasticBlock {
    let projection: Int
    let partition: HostPartition
    let count: Int
    let rowStart: HostArray<UInt32>
    let rowLine: HostArray<UInt32>
    /// Rows of each line of the bank: `lineRows[lineStart[l]..<lineStart[l + 1]]`.
    let lineStart: HostArray<UInt32>
    let lineRows: HostArray<UInt32>
    /// Synapses onto each neuron of the bank, ascending.
    let postStart: HostArray<UInt32>
    let postSynapses: HostArray<UInt32>
    let line: HostArray<UInt32>
    let post: HostArray<UInt32>
    let column: HostArray<UInt32>
    let preIndex: HostArray<UInt32>
    let postIndex: HostArray<UInt32>
    let register: HostArray<Int32>
    let charge: HostArray<UInt32>
    let exponent: HostArray<Int32>
    let gain: HostArray<Int32>
    let longestList: Int
    /// Synapses of other projections that read these registers.
    var readers: [WeightReaders] = []

    init(
        _ drafts: [PlasticDraft],
        projection: Int,
        partition: HostPartition,
        lineCount: Int,
        postCount: Int
    ) {
        self.projection = projection
        self.partition = partition
        count = drafts.count
        var starts: [UInt32] = []
        var lines: [UInt32] = []
        var lastLine: UInt32?
        for (k, synapse) in drafts.enumerated() {
            let isNext = k > 0 && synapse.postIndex > drafts[k - 1].postIndex
            if synapse.line != lastLine || !isNext {
                starts.append(UInt32(k))
                lines.append(synapse.line)
                lastLine = synapse.line
            }
        }
        starts.append(UInt32(drafts.count))
        rowStart = HostArray(starts, else: 0)
        rowLine = HostArray(lines, else: 0)
        let byLine = grouped(lines, count: lineCount)
        lineStart = HostArray(byLine.starts, else: 0)
        lineRows = HostArray(byLine.items, else: 0)
        let byPost = grouped(drafts.map(\.post), count: postCount)
        postStart = HostArray(byPost.starts, else: 0)
        postSynapses = HostArray(byPost.items, else: 0)
        line = HostArray(drafts.map(\.line), else: 0)
        post = HostArray(drafts.map(\.post), else: 0)
        column = HostArray(drafts.map(\.column), else: 0)
        preIndex = HostArray(drafts.map(\.preIndex), else: 0)
        postIndex = HostArray(drafts.map(\.postIndex), else: 0)
        register = HostArray(drafts.map(\.register), else: 0)
        charge = HostArray(drafts.map(\.charge), else: 0)
        exponent = HostArray(drafts.map(\.exponent), else: 0)
        gain = HostArray(drafts.map(\.gain), else: 0)
        let rows = zip(starts, starts.dropFirst()).map { Int($1 - $0) }
        let columns = zip(byPost.starts, byPost.starts.dropFirst()).map { Int($1 - $0) }
        longestList = max(rows.max() ?? 0, columns.max() ?? 0)
    }
}

extension PlasticBlock {
    /// Rewrites the charge of a synapse by its register.
    @inline(__always)
    func writeCharge(_ synapse: Int, _ format: WeightFormat) {
        let charge = unsafe format.charge(
            format.visible(register.base[synapse]),
            exponent: exponent.base[synapse],
            gain: gain.base[synapse]
        )
        let place = unsafe Int(self.charge.base[synapse])
        if partition.tables.wideCharges.count > 0 {
            unsafe partition.tables.wideCharges.base[place] = charge
        } else {
            unsafe partition.tables.charges.base[place] = Int16(truncatingIfNeeded: charge)
        }
        if !readers.isEmpty {
            for reader in readers { reader.write(synapse, of: self, format) }
        }
    }
}

/// Synapses of another projection that read the registers of a block.
final class WeightReaders {
    /// −1, 0 or 1: what they make of a visible weight.
    var sign: Int32 = 0
    /// Of each synapse of the block, the one that reads it; nil where none does.
    private let partners: [(block: PlasticBlock, synapse: Int)?]

    init(_ partners: [(block: PlasticBlock, synapse: Int)?]) { self.partners = partners }

    /// Passes on the weight of a synapse.
    func write(_ synapse: Int, of block: PlasticBlock, _ format: WeightFormat) {
        guard let partner = partners[synapse] else { return }
        let weight = sign &* format.visible(block.register[synapse])
        partner.block.register[partner.synapse] = format.register(ofVisible: weight)
        partner.block.writeCharge(partner.synapse, format)
    }
}

/// Groups 0..<keys.count by key, keeping the order within a group.
private func grouped(_ keys: [UInt32], count: Int) -> (starts: [UInt32], items: [UInt32]) {
    var starts = [UInt32](repeating: 0, count: count + 1)
    for key in keys { starts[Int(key) + 1] += 1 }
    for key in 0..<count { starts[key + 1] += starts[key] }
    var next = starts
    var items = [UInt32](repeating: 0, count: keys.count)
    for (item, key) in keys.enumerated() {
        items[Int(next[Int(key)])] = UInt32(item)
        next[Int(key)] += 1
    }
    return (starts, items)
}

/// Formats of a weight register: visible and hidden bits, and what a synapse does with them.
struct WeightFormat {
    let hiddenBits: Int32
    private(set) var lowest: Int64
    private(set) var highest: Int64
    private let half: Int32
    private let visibleTop: Int32
    let fractionBits: Int32
    let hasGains: Bool

    init(_ synapse: SynapseSpec, fractionBits: Int, hasGains: Bool) {
        hiddenBits = Int32(synapse.hiddenWeightBits)
        // Loihi's weights have a sign besides their 8 bits.
        let visibleBits = synapse.hasSignModes ? 9 : synapse.weightBits
        let bits = Int64(visibleBits + synapse.hiddenWeightBits)
        lowest = -(1 << (bits - 1))
        highest = (1 << (bits - 1)) - 1
        half = hiddenBits == 0 ? 0 : 1 << (hiddenBits - 1)
        visibleTop = (1 << Int32(visibleBits - 1)) - 1
        self.fractionBits = Int32(fractionBits)
        self.hasGains = hasGains
    }

    /// The same format for weights that keep a sign: registers saturate at 0 in place of the other rail.
    func keeping(_ mode: SignMode) -> WeightFormat {
        var format = self
        switch mode {
        case .mixed: break
        case .excitatory: format.lowest = 0
        case .inhibitory: format.highest = 0
        }
        return format
    }

    /// The visible weight of a register.
    @inline(__always)
    func visible(_ register: Int32) -> Int32 {
        min((register &+ half) &>> hiddenBits, visibleTop)
    }

    /// The register of a visible weight, hidden bits 0; saturates.
    func register(ofVisible weight: Int32) -> Int32 {
        Int32(min(max(Int64(weight) << Int64(hiddenBits), lowest), highest))
    }

    /// The charge of a visible weight.
    @inline(__always)
    func charge(_ weight: Int32, exponent: Int32, gain: Int32) -> Int32 {
        guard hasGains else { return exponent >= 0 ? weight &<< exponent : weight &>> -exponent }
        // w · G · 2^(e + f − 16), rounded: 9 bits times 31 bits times 13 bits.
        let product = Int64(weight) &* Int64(gain)
        let left = Int64(exponent &+ fractionBits)
        let shifted =
            left >= 0
            ? (product &<< left &+ 0x8000) &>> 16
            : (product &+ (0x8000 &<< -left)) &>> (16 &- left)
        return Int32(truncatingIfNeeded: shifted)
    }
}
