/// The fixed part of a batch of a series: 24 bytes, little-endian.
struct SeriesHeader: Equatable {
    static let byteCount = 24

    var element: UInt8
    var flags: UInt8 = 0
    /// Numbers of a row.
    var columns: UInt32
    var firstStep: UInt64
    /// Steps from a row to the next.
    var stride: UInt32
    var rows: UInt32

    func write(to bytes: inout ByteWriter) {
        bytes.put(element)
        bytes.put(flags)
        bytes.put(UInt16(0))
        bytes.put(columns)
        bytes.put(firstStep)
        bytes.put(stride)
        bytes.put(rows)
    }

    init(element: SeriesElement, columns: Int, firstStep: UInt64, stride: UInt32, rows: Int) {
        self.element = element.rawValue
        self.columns = UInt32(truncatingIfNeeded: columns)
        self.firstStep = firstStep
        self.stride = stride
        self.rows = UInt32(truncatingIfNeeded: rows)
    }

    /// Reads a header; nil if the bytes are too few.
    init?(from bytes: inout ByteReader) {
        guard let element = bytes.get(UInt8.self), let flags = bytes.get(UInt8.self),
            bytes.get(UInt16.self) != nil, let columns = bytes.get(UInt32.self),
            let firstStep = bytes.get(UInt64.self), let stride = bytes.get(UInt32.self),
            let rows = bytes.get(UInt32.self)
        else { return nil }
        self.element = element
        self.flags = flags
        self.columns = columns
        self.firstStep = firstStep
        self.stride = stride
        self.rows = rows
    }

    /// Step of the last row; nil if it does not exist.
    var lastStep: UInt64? {
        guard rows > 0, stride > 0 else { return nil }
        // Both factors are below 2^32.
        let (last, overflow) = firstStep.addingReportingOverflow(UInt64(rows - 1) * UInt64(stride))
        return overflow ? nil : last
    }
}

/// Turns rows of a series into byte planes of differences, and back.
///
/// Numbers stand column by column. The first of a column is itself; of integers each further one is
/// the zig-zag of its difference to the one before (modulo the width), of floating point numbers the
/// exclusive or of both bit patterns. Byte 0 of all numbers comes first, then byte 1, and so on.
enum SeriesPlanes {
    /// Writes the planes of some rows.
    ///
    /// - Parameters:
    ///   - words: Bit patterns, row by row, sign-extended; `columns` a row.
    ///   - columns: Numbers of a row.
    ///   - element: Their type.
    ///   - bytes: Where to.
    /// - Returns: Where in `bytes` planes begin.
    static func encode(
        _ words: [UInt64],
        columns: Int,
        element: SeriesElement,
        to bytes: inout ByteWriter
    ) -> [Int] {
        let rows = words.count / columns
        let width = element.byteCount
        var planes = [UInt8](repeating: 0, count: words.count * width)
        var place = 0
        for column in 0..<columns {
            var last: UInt64 = 0
            for row in 0..<rows {
                let word = words[row * columns + column]
                var residual = row == 0 ? word : self.residual(word, last, element)
                last = word
                for plane in 0..<width {
                    planes[plane * words.count + place] = UInt8(truncatingIfNeeded: residual)
                    residual >>= 8
                }
                place += 1
            }
        }
        let start = bytes.count
        bytes.put(planes)
        return (0..<width).map { start + $0 * words.count }
    }

    /// Reads the planes of some rows, which must be as many bytes as rows, columns and type need.
    ///
    /// - Returns: Bit patterns, row by row, integers sign-extended.
    static func decode(
        _ planes: ArraySlice<UInt8>,
        rows: Int,
        columns: Int,
        element: SeriesElement
    ) -> [UInt64] {
        let count = rows * columns
        var words = [UInt64](repeating: 0, count: count)
        var place = planes.startIndex
        for column in 0..<columns {
            var last: UInt64 = 0
            for row in 0..<rows {
                var residual: UInt64 = 0
                for plane in 0..<element.byteCount {
                    residual |= UInt64(planes[place + plane * count]) << UInt64(8 * plane)
                }
                let word = row == 0 ? residual : restored(residual, last, element)
                last = extended(word, element)
                words[row * columns + column] = last
                place += 1
            }
        }
        return words
    }

    private static func residual(
        _ word: UInt64,
        _ last: UInt64,
        _ element: SeriesElement
    ) -> UInt64 {
        guard element != .float64 else { return word ^ last }
        let difference = Int64(bitPattern: extended(word &- last, element))
        return UInt64(bitPattern: difference &<< 1 ^ difference &>> 63)
    }

    private static func restored(
        _ residual: UInt64,
        _ last: UInt64,
        _ element: SeriesElement
    ) -> UInt64 {
        guard element != .float64 else { return residual ^ last }
        let difference = Int64(bitPattern: residual >> 1) ^ -Int64(bitPattern: residual & 1)
        return last &+ UInt64(bitPattern: difference)
    }

    /// The low bytes of a word as a signed number of their width.
    static func extended(_ word: UInt64, _ element: SeriesElement) -> UInt64 {
        let shift = Int64(64 - 8 * element.byteCount)
        return UInt64(bitPattern: (Int64(bitPattern: word) << shift) >> shift)
    }
}
