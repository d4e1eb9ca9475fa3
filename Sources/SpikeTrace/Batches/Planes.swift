import Events

/// Encodes and decodes `planes` batches: bytes of equal weight side by side, in order of arrival.
enum Planes {
    /// Writes the columns of a batch.
    ///
    /// - Parameters:
    ///   - batch: Spikes whose steps never decrease.
    ///   - neuronCount: Every neuron is below.
    ///   - bytes: Where to.
    /// - Returns: Where in `bytes` planes begin.
    static func encode(
        _ batch: HeldBatch,
        neuronCount: UInt32,
        to bytes: inout ByteWriter
    ) -> [Int] {
        let count = batch.count
        let steps = batch.steps.span
        let neurons = batch.neurons.span
        var (last, all): (UInt32, UInt32) = (0, 0)
        for index in 0..<count {
            let step = unsafe steps[unchecked: index]
            all |= step &- last
            last = step
        }
        let stepWidth = width(all)
        let neuronWidth = width(neuronCount &- 1)
        bytes.put(UInt8(stepWidth))
        bytes.put(UInt8(neuronWidth))
        let start = bytes.count
        let planes = unsafe [UInt8](
            unsafeUninitializedCapacity: (stepWidth + neuronWidth) * count
        ) { planes, done in
            // Both spans have at least `count` entries, and each plane as many places.
            for plane in 0..<stepWidth {
                let shift = UInt32(8 * plane)
                let base = plane * count
                var last: UInt32 = 0
                for index in 0..<count {
                    let step = unsafe steps[unchecked: index]
                    let byte = UInt8(truncatingIfNeeded: (step &- last) &>> shift)
                    last = step
                    unsafe planes[base &+ index] = byte
                }
            }
            for plane in 0..<neuronWidth {
                let shift = UInt32(8 * plane)
                let base = (stepWidth + plane) * count
                for index in 0..<count {
                    let neuron = unsafe neurons[unchecked: index]
                    unsafe planes[base &+ index] = UInt8(truncatingIfNeeded: neuron &>> shift)
                }
            }
            done = (stepWidth + neuronWidth) * count
        }
        bytes.put(planes)
        return (0..<stepWidth + neuronWidth).map { start + $0 * count }
    }

    /// Bytes that hold a number.
    private static func width(_ number: UInt32) -> Int {
        (39 - number.leadingZeroBitCount) / 8
    }

    /// Decodes a batch in the order it has; traps on no columns, however hostile.
    ///
    /// - Parameters:
    ///   - header: Header of the batch.
    ///   - columns: The columns.
    ///   - core: Core of all spikes.
    ///   - output: Takes the spikes; as many places as the header counts.
    /// - Returns: What is wrong, or nil if all spikes were decoded.
    static func decode(
        _ header: BatchHeader,
        columns: UnsafeRawBufferPointer,
        core: UInt32,
        output: UnsafeMutableBufferPointer<Spike>
    ) -> String? {
        guard columns.count >= 2 else { return "a batch is shorter than its columns" }
        let stepWidth = unsafe Int(columns[0])
        let neuronWidth = unsafe Int(columns[1])
        let count = output.count
        guard stepWidth <= 4, neuronWidth <= 4,
            columns.count == 2 + (stepWidth + neuronWidth) * count
        else { return "the planes of a batch do not fit its spikes" }
        let planes = unsafe UnsafeRawBufferPointer(rebasing: columns[2...])
        let isCanonical = header.flags & BatchHeader.arrivalOrder == 0
        var (step, last): (UInt64, UInt64) = (0, 0)
        var isInside = true
        var isOrdered = true
        for index in 0..<count {
            var difference: UInt64 = 0
            for plane in 0..<stepWidth {
                // The planes lie within the columns: checked above.
                let byte = unsafe UInt64(planes[plane &* count &+ index])
                difference |= byte &<< UInt64(8 &* plane)
            }
            var neuron: UInt64 = 0
            for plane in 0..<neuronWidth {
                let byte = unsafe UInt64(planes[(stepWidth &+ plane) &* count &+ index])
                neuron |= byte &<< UInt64(8 &* plane)
            }
            // No overflow: 2^18 differences below 2^32.
            step &+= difference
            isInside = isInside && neuron < UInt64(header.neuronCount)
            isOrdered = isOrdered && (difference > 0 || neuron >= last)
            last = neuron
            unsafe output.initializeElement(
                at: index,
                to: Spike(
                    step: header.firstStep &+ step,
                    core: core,
                    neuron: UInt32(truncatingIfNeeded: neuron)
                )
            )
        }
        guard isInside, step < UInt64(header.stepCount) else {
            return "a spike of a batch lies after its last step or neuron"
        }
        guard isOrdered || !isCanonical else { return "the spikes of a batch are out of order" }
        return nil
    }
}
