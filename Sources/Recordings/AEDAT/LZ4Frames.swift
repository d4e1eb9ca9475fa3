/// Unpacks LZ4 frames, every access checked.
///
/// Source: LZ4 frame format 1.6.4 and LZ4 block format. Checksums are passed over: a packet that was
/// flipped shows in its contents or does not unpack. Dictionaries are refused.
enum LZ4Frames {
    /// Unpacks all frames.
    ///
    /// - Parameters:
    ///   - input: Whole frames.
    ///   - limit: Most bytes of the result.
    ///   - output: The result, replaced.
    /// - Returns: Whether everything unpacked and fitted.
    static func decompress(_ input: [UInt8], limit: Int, into output: inout [UInt8]) -> Bool {
        output.removeAll(keepingCapacity: true)
        var position = 0
        repeat {
            guard frame(input, &position, limit, &output) else { return false }
        } while position < input.count
        return true
    }

    private static func frame(
        _ input: [UInt8],
        _ position: inout Int,
        _ limit: Int,
        _ output: inout [UInt8]
    ) -> Bool {
        guard position + 7 <= input.count else { return false }
        let magic = input.word(at: position)
        if magic & 0xFFFF_FFF0 == 0x184D_2A50 {
            // A frame for others.
            guard position + 8 <= input.count else { return false }
            let size = Int(input.word(at: position + 4))
            guard size <= input.count - position - 8 else { return false }
            position += 8 + size
            return true
        }
        let flags = input[position + 4]
        guard magic == 0x184D_2204, flags >> 6 == 1, flags & 1 == 0 else { return false }
        let blockChecksum = flags >> 4 & 1 == 1
        let contentSize = flags >> 3 & 1 == 1
        let contentChecksum = flags >> 2 & 1 == 1
        position += 6 + (contentSize ? 8 : 0) + 1
        // Blocks that are independent must not reach back beyond their begin.
        let isLinked = flags >> 5 & 1 == 0
        let frameStart = output.count
        while true {
            guard position + 4 <= input.count else { return false }
            let head = input.word(at: position)
            position += 4
            if head == 0 { break }
            let size = Int(head & 0x7FFF_FFFF)
            guard size <= input.count - position else { return false }
            if head >> 31 == 1 {
                guard output.count + size <= limit else { return false }
                output += input[position..<position + size]
            } else {
                let floor = isLinked ? frameStart : output.count
                guard block(input, position..<position + size, floor, limit, &output) else {
                    return false
                }
            }
            position += size + (blockChecksum ? 4 : 0)
        }
        position += contentChecksum ? 4 : 0
        return position <= input.count
    }

    /// Unpacks a block: runs of literals, each followed by a copy of earlier bytes.
    private static func block(
        _ input: [UInt8],
        _ range: Range<Int>,
        _ floor: Int,
        _ limit: Int,
        _ output: inout [UInt8]
    ) -> Bool {
        var index = range.lowerBound
        let end = range.upperBound
        func length(_ first: UInt8, _ index: inout Int) -> Int? {
            var length = Int(first)
            guard first == 15 else { return length }
            while index < end {
                let more = input[index]
                index += 1
                length += Int(more)
                if more < 255 { return length }
            }
            return nil
        }
        while index < end {
            let token = input[index]
            index += 1
            guard let literals = length(token >> 4, &index), literals <= end - index,
                output.count + literals <= limit
            else { return false }
            output += input[index..<index + literals]
            index += literals
            // The last run has no copy.
            if index == end { return true }
            guard index + 2 <= end else { return false }
            let distance = Int(input.half(at: index))
            index += 2
            guard let copied = length(token & 15, &index), distance > 0,
                distance <= output.count - floor, output.count + copied + 4 <= limit
            else { return false }
            var from = output.count - distance
            for _ in 0..<copied + 4 {
                output.append(output[from])
                from += 1
            }
        }
        return range.isEmpty
    }
}
