import ChipImage

/// The synapses of a row that may change at the end of an epoch, and the sums of their products.
@safe
final class LoihiSynapses {
    /// Index of each among all synapses, and its postsynaptic neuron.
    let place: HostArray<UInt32>
    let neuron: HostArray<UInt32>
    /// Accumulators of w, d and t.
    let sums: [HostArray<Int32>]
    /// What the running product adds.
    let value: HostArray<Int32>
    /// Not 0 where a product has added something.
    let touched: HostArray<Int32>
    private(set) var count = 0

    init(capacity: Int) {
        place = HostArray(repeating: 0, count: capacity)
        neuron = HostArray(repeating: 0, count: capacity)
        sums = (0..<3).map { _ in HostArray(repeating: 0, count: capacity) }
        value = HostArray(repeating: 0, count: capacity)
        touched = HostArray(repeating: 0, count: capacity)
    }

    /// Chooses synapses of a row, which is not longer than the capacity.
    ///
    /// - Parameters:
    ///   - synapses: Of the row.
    ///   - target: Postsynaptic neuron of every synapse.
    ///   - flag: 1 for neurons whose synapses to choose, else 0.
    ///   - all: Whether to choose the others too.
    func choose(
        _ synapses: Range<Int>,
        target: HostArray<UInt32>,
        where flag: HostArray<Int32>,
        all: Bool
    ) {
        let always: Int32 = all ? 1 : 0
        var count = 0
        for synapse in synapses {
            // Entry `count` is not beyond the synapses seen so far.
            let post = unsafe target.base[synapse]
            unsafe place.base[count] = UInt32(truncatingIfNeeded: synapse)
            unsafe neuron.base[count] = post
            count &+= unsafe Int(flag.base[Int(post)] | always)
        }
        self.count = count
        for k in 0..<count { unsafe touched.base[k] = 0 }
    }
}

/// Which products of a rule act at the end of an epoch, on the rows of one kind of line.
struct LoihiActs {
    let products: [Bool]
    /// Whether synapses onto silent neurons may change.
    let onAll: Bool
    /// Whether any synapse may change.
    let onAny: Bool

    init(_ products: [Bool], of rule: LoihiRule) {
        self.products = products
        // A tag of −257 does not fit the accumulator: it changes even where no product acts.
        onAll =
            !rule.targets[2].isEmpty
            || zip(products, rule.products).contains { $0 && $1.trigger != .y0 }
        onAny = onAll || products.contains(true)
    }
}
