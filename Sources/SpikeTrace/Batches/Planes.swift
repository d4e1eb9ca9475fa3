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

    /// Spikes that are put together at a time: 8 bytes each, in the first-level cache.
    private static let block = 1024

    /// Decodes a batch in the order it has; traps on no columns, however hostile.
    ///
    /// - Parameters:
    ///   - header: Header of the batch.
    ///   - columns: The columns.
    ///   - output: Takes the spikes; as many places as the header counts.
    /// - Returns: What is wrong, or nil if all spikes were decoded.
    static func decode(
        _ header: BatchHeader,
        columns: UnsafeRawBufferPointer,
        output: UnsafeMutableBufferPointer<BatchSpike>
    ) -> String? {
        guard columns.count >= 2, let start = columns.baseAddress else {
            return "a batch is shorter than its columns"
        }
        let stepWidth = unsafe Int(columns[0])
        let neuronWidth = unsafe Int(columns[1])
        let count = output.count
        guard stepWidth <= 4, neuronWidth <= 4,
            columns.count == 2 + (stepWidth + neuronWidth) * count
        else { return "the planes of a batch do not fit its spikes" }
        let steps = unsafe (start + 2).assumingMemoryBound(to: UInt8.self)
        let neurons = unsafe steps + stepWidth * count
        var check = PlanesCheck(neuronCount: header.neuronCount)
        unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2 * block) { scratch in
            for first in stride(from: 0, to: count, by: block) {
                let size = min(block, count - first)
                let differences = unsafe UnsafeMutableBufferPointer(rebasing: scratch[..<size])
                let numbers = unsafe UnsafeMutableBufferPointer(
                    rebasing: scratch[block..<block + size]
                )
                // The planes lie within the columns: checked above.
                unsafe join(steps + first, planes: stepWidth, apart: count, differences)
                unsafe join(neurons + first, planes: neuronWidth, apart: count, numbers)
                for index in 0..<size {
                    unsafe check.take(differences[index], numbers[index])
                    unsafe output[first &+ index] = BatchSpike(
                        step: check.step,
                        neuron: UInt64(numbers[index])
                    )
                }
            }
        }
        guard check.isInside, check.step < UInt64(header.stepCount) else {
            return "a spike of a batch lies after its last step or neuron"
        }
        guard check.isOrdered || header.flags & BatchHeader.arrivalOrder != 0 else {
            return "the spikes of a batch are out of order"
        }
        return nil
    }

    /// Puts numbers together from their bytes, plane by plane.
    ///
    /// - Parameters:
    ///   - first: Bytes of the lowest plane.
    ///   - planes: How many, up to 4; each has as many bytes as there are numbers, at least.
    ///   - distance: Bytes from one plane to the next.
    ///   - numbers: Takes them.
    private static func join(
        _ first: UnsafePointer<UInt8>,
        planes: Int,
        apart distance: Int,
        _ numbers: UnsafeMutableBufferPointer<UInt32>
    ) {
        if planes == 0 { unsafe numbers.update(repeating: 0) }
        for plane in 0..<planes {
            let bytes = unsafe first + plane * distance
            let shift = UInt32(8 * plane)
            if plane == 0 {
                for index in 0..<numbers.count {
                    unsafe numbers[index] = UInt32(bytes[index])
                }
            } else {
                for index in 0..<numbers.count {
                    unsafe numbers[index] |= UInt32(bytes[index]) &<< shift
                }
            }
        }
    }
}

/// Adds up differences of steps, and notes whether the spikes are those of a sound batch.
private struct PlanesCheck {
    private let neuronCount: UInt32
    private var last: UInt32 = 0
    private var misfits: UInt32 = 0
    private var descents: UInt32 = 0
    /// The step of the spike taken last.
    private(set) var step: UInt64 = 0

    init(neuronCount: UInt32) { self.neuronCount = neuronCount }

    /// Whether all neurons are below the count.
    var isInside: Bool { misfits == 0 }
    /// Whether the spikes are in order of (step, neuron).
    var isOrdered: Bool { descents == 0 }

    @inline(__always)
    mutating func take(_ difference: UInt32, _ neuron: UInt32) {
        // No overflow: at most 2^21 differences below 2^32.
        step &+= UInt64(difference)
        misfits |= neuron >= neuronCount ? 1 : 0
        descents |= (difference == 0 ? 1 : 0) & (neuron < last ? 1 : 0)
        last = neuron
    }
}
