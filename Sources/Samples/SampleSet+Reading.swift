extension SampleSet {
    /// Reads samples from an NPZ file.
    ///
    /// The array `spikes` (samples, steps, channels…) holds only 0 and 1, in any numeric type; `labels`
    /// (samples), integers, may be there. For a network with several Input nodes there is an array
    /// `spikes/NAME` for each instead; they are read in the order of their names. Other arrays are not
    /// touched.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - limits: What it may hold at most.
    /// - Throws: `SampleError` saying what is wrong with the file.
    public init(
        contentsOf path: String,
        limits: SampleLimits = .standard
    ) throws(SampleError) {
        let archive: ArchiveReader
        do {
            archive = try ArchiveReader(path: path)
        } catch {
            throw startsAsArray(path) ? .singleArray(source: path) : error
        }
        var members: [String: Int] = [:]
        for (index, name) in archive.names.enumerated() where name.hasSuffix(".npy") {
            let array = String(name.dropLast(4))
            guard members.updateValue(index, forKey: array) == nil else {
                throw .duplicateArray(source: path, name: array)
            }
        }
        let arrays = members.keys.sorted()
        let named = arrays.filter { $0.hasPrefix("spikes/") && $0.count > 7 }
        if members["spikes"] != nil, let first = named.first {
            throw .ambiguousArrays(source: path, named: first)
        }
        var inputs: [InputSpikes] = []
        for array in named.isEmpty ? ["spikes"] : named {
            guard let index = members[array] else {
                throw .missingArray(source: path, name: array, present: arrays)
            }
            let name = named.isEmpty ? nil : String(array.dropFirst(7))
            inputs.append(
                try readSpikes(from: archive.open(index, as: array), name: name, limits: limits)
            )
        }
        var labels: [Int]?
        if let index = members["labels"] {
            labels = try readLabels(
                from: archive.open(index, as: "labels"),
                samples: inputs[0].sampleCount
            )
        }
        try self.init(inputs: inputs, labels: labels, source: path)
    }
}

/// Bytes unpacked at a time; a multiple of every element size.
private let pieceSize = 1 << 16

/// Calls a function with the index and the bits of each element that has any, in the order of the file.
private func forEachNonzero(
    of member: ArchiveMember,
    _ header: ArrayHeader,
    _ body: (_ element: Int, _ bits: UInt64) throws(SampleError) -> Void
) throws(SampleError) {
    let type = header.type
    var left = header.byteCount
    var element = 0
    while left > 0 {
        let bytes = try member.read(min(left, pieceSize))
        for start in stride(from: 0, through: bytes.count - type.size, by: type.size) {
            let bits = type.bits(in: bytes, at: start)
            if bits != 0 { try body(element, bits) }
            element += 1
        }
        left -= bytes.count
        if left > 0 && bytes.count < pieceSize {
            throw wrongLength(of: member, header, isShort: true)
        }
    }
    // Asking for one byte more also lets libzip check the CRC.
    guard try member.read(1).isEmpty else { throw wrongLength(of: member, header, isShort: false) }
}

private func wrongLength(
    of member: ArchiveMember,
    _ header: ArrayHeader,
    isShort: Bool
) -> SampleError {
    .wrongLength(
        source: member.source,
        array: member.array,
        declared: header.byteCount,
        isShort: isShort
    )
}

private func readSpikes(
    from member: ArchiveMember,
    name: String?,
    limits: SampleLimits
) throws(SampleError) -> InputSpikes {
    let header = try ArrayHeader(
        from: member,
        allowing: "Booleans, integers or floating-point numbers (0 and 1 only)",
        where: { _ in true }
    )
    let shape = header.shape
    guard shape.count >= 3, shape.allSatisfy({ $0 > 0 }) else {
        throw .badShape(source: member.source, array: member.array, shape: shape)
    }
    func check(_ count: Int, _ what: String, _ limit: Int) throws(SampleError) {
        guard count > limit else { return }
        throw .tooLarge(
            source: member.source,
            array: member.array,
            what: what,
            count: count,
            limit: limit
        )
    }
    let layout = SpikeLayout(shape: shape, isFortranOrder: header.isFortranOrder)
    try check(header.elementCount, "elements", limits.elements)
    try check(shape[0] * shape[1], "samples × steps", limits.rows)
    try check(layout.channelCount, "channels", Int(UInt32.max))

    let one = header.type.one
    let negativeZero = header.type.negativeZero ?? 0
    var spikes = SpikeList(isOrdered: !header.isFortranOrder)
    var offender: (element: Int, bits: UInt64)?
    var offenders = 0
    try forEachNonzero(of: member, header) { (element, bits) throws(SampleError) in
        if bits == one {
            let (row, channel) = layout.position(of: element)
            spikes.append(row: row, channel: channel)
            try check(spikes.count, "spikes", limits.spikes)
        } else if bits != negativeZero {
            if offender == nil { offender = (element, bits) }
            offenders += 1
        }
    }
    if let offender {
        let (row, channel) = layout.position(of: offender.element)
        throw .notBinary(
            source: member.source,
            array: member.array,
            sample: row / shape[1],
            step: row % shape[1],
            channel: layout.channelIndices(of: channel),
            value: header.type.text(offender.bits),
            count: offenders
        )
    }
    let (offsets, channels) = spikes.rows(count: shape[0] * shape[1])
    return InputSpikes(
        name: name,
        sampleCount: shape[0],
        stepCount: shape[1],
        channelShape: Array(shape[2...]),
        offsets: offsets,
        channels: channels
    )
}

private func readLabels(
    from member: ArchiveMember,
    samples: Int
) throws(SampleError) -> [Int] {
    let header = try ArrayHeader(from: member, allowing: "integers", where: \.isInteger)
    guard header.shape == [samples] else {
        throw .labelCount(source: member.source, labelShape: header.shape, samples: samples)
    }
    var labels = [Int](repeating: 0, count: samples)
    try forEachNonzero(of: member, header) { (sample, bits) throws(SampleError) in
        guard let label = header.type.integer(bits), label >= 0 else {
            throw .badLabel(
                source: member.source,
                sample: sample,
                value: header.type.text(bits)
            )
        }
        labels[sample] = label
    }
    return labels
}
