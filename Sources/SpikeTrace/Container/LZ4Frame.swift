/// Decompresses LZ4 frames, which other writers of MCAP and AEDAT 4 use (lz4_Frame_format.md,
/// lz4_Block_format.md of github.com/lz4/lz4).
///
/// Checksums of the frame are passed over: a chunk has one of its own, and damage elsewhere shows in the
/// contents or does not decompress. Dictionaries are refused.
package enum LZ4Frame {
    /// Decompresses all frames.
    ///
    /// - Parameters:
    ///   - input: Frames, whole; at least one.
    ///   - limit: Most bytes of the result.
    ///   - output: The result, replaced; what came before the damage, if there is any.
    /// - Returns: Whether all frames are whole and the result is within the limit.
    package static func decompress(
        _ input: [UInt8],
        limit: Int,
        into output: inout [UInt8]
    ) -> Bool {
        output.removeAll(keepingCapacity: true)
        var bytes = ByteReader(input)
        repeat {
            guard frame(&bytes, limit: limit, to: &output) else { return false }
        } while !bytes.isAtEnd
        return true
    }

    /// Decompresses bytes that should give exactly `size` bytes.
    ///
    /// - Parameters:
    ///   - input: Frames, whole.
    ///   - size: Claimed size of the result.
    ///   - output: Storage, reused; its first `size` bytes are the result, `padding` more follow.
    ///   - padding: Bytes to have behind the result.
    /// - Returns: How many bytes came out, at most `size`, and whether that is all and as claimed.
    static func decompress(
        _ input: ArraySlice<UInt8>,
        size: Int,
        into output: inout [UInt8],
        padding: Int
    ) -> (count: Int, isWhole: Bool) {
        let isWhole = decompress(Array(input), limit: size, into: &output)
        let count = output.count
        output.append(contentsOf: repeatElement(0, count: padding))
        return (count, isWhole && count == size)
    }

    /// Reads one frame; false if it is damaged or gives more than the limit.
    private static func frame(
        _ bytes: inout ByteReader,
        limit: Int,
        to output: inout [UInt8]
    ) -> Bool {
        guard let magic = bytes.get(UInt32.self) else { return false }
        if magic & 0xFFFF_FFF0 == 0x184D_2A50 {
            return bytes.get(UInt32.self).map { bytes.skip(UInt64($0)) != nil } ?? false
        }
        guard magic == 0x184D_2204, let flags = bytes.get(UInt8.self),
            bytes.get(UInt8.self) != nil, flags >> 6 == 1
        else { return false }
        // A block of a frame of independent ones must not reach back beyond its own start.
        let isLinked = flags & 0x20 == 0
        let hasBlockChecksums = flags & 0x10 != 0
        let hasSize = flags & 0x08 != 0
        let hasChecksum = flags & 0x04 != 0
        let hasDictionary = flags & 0x01 != 0
        guard !hasDictionary, bytes.skip(hasSize ? 9 : 1) != nil else { return false }
        let start = output.count
        while true {
            guard let head = bytes.get(UInt32.self) else { return false }
            if head == 0 { break }
            guard let range = bytes.skip(UInt64(head & 0x7FFF_FFFF)) else { return false }
            let block = bytes.bytes(range)
            if head >> 31 == 1 {
                guard block.count <= limit - output.count else { return false }
                output += block
            } else {
                let floor = isLinked ? start : output.count
                guard self.block(block, floor: floor, limit: limit, to: &output) else {
                    return false
                }
            }
            guard !hasBlockChecksums || bytes.skip(4) != nil else { return false }
        }
        return !hasChecksum || bytes.skip(4) != nil
    }

    /// Decompresses a block, whose copies reach back to `floor` at the most.
    private static func block(
        _ input: ArraySlice<UInt8>,
        floor: Int,
        limit: Int,
        to output: inout [UInt8]
    ) -> Bool {
        var position = input.startIndex
        /// A length of 15 or more goes on in bytes of 255 and a last one below.
        func length(_ nibble: UInt8) -> Int? {
            var length = Int(nibble)
            guard nibble == 15 else { return length }
            while position < input.endIndex {
                let byte = input[position]
                position += 1
                length += Int(byte)
                if byte < 255 { return length }
            }
            return nil
        }
        while position < input.endIndex {
            let token = input[position]
            position += 1
            guard let literals = length(token >> 4), literals <= input.endIndex - position,
                literals <= limit - output.count
            else { return false }
            output += input[position..<position + literals]
            position += literals
            // The last sequence of a block has literals only.
            if position == input.endIndex { return true }
            guard input.endIndex - position >= 2 else { return false }
            let distance = Int(input[position]) | Int(input[position + 1]) << 8
            position += 2
            guard distance > 0, distance <= output.count - floor,
                let rest = length(token & 15), rest + 4 <= limit - output.count
            else { return false }
            let source = output.count - distance
            // Source and target may overlap: then the beginning repeats.
            for index in 0..<rest + 4 { output.append(output[source + index]) }
        }
        return false
    }
}
