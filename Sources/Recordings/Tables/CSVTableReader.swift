import Events

/// A table of events in text: a header of column names, then a line an event.
///
/// Columns are separated by commas, semicolons or tabs, whichever the header has. Times become ticks
/// of 1 µs, or of their unit where that is shorter, rounded where they have more digits.
final class CSVTableReader: RecordingReader {
    private var lines: TextLines
    private let options: TableOptions
    private let separator: UInt8
    private let columnCount: Int
    private let columns: [TableOptions.Role: Int]
    private var unitMap: [[UInt8]: UInt32]?
    private var populations: [[UInt8]: UInt16] = [:]
    private(set) var source: RecordingSource
    private(set) var tally = EventTally()

    var progress: (done: UInt64, total: UInt64) { (lines.file.offset, lines.file.size) }

    /// Digits behind the point of a time that are kept.
    private let digits: Int

    /// Opens a table.
    init(path: String, options: RecordingOptions) throws {
        lines = try TextLines(path: path)
        self.options = options.table
        guard let header = try lines.next() else {
            throw lines.problem(
                "the file is empty",
                "Its first line must name the columns, for example 'time,unit'."
            )
        }
        let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
        let separator = candidates.first { header.contains($0) } ?? candidates[0]
        self.separator = separator
        let names = Self.fields(header, separator).map { String(decoding: $0, as: UTF8.self) }
        columnCount = names.count
        var wanted = options.table.columns
        for role in TableOptions.Role.allCases
        where wanted[role] == nil && names.contains(role.rawValue) {
            wanted[role] = role.rawValue
        }
        var columns: [TableOptions.Role: Int] = [:]
        for (role, name) in wanted {
            guard let index = names.firstIndex(of: name) else {
                throw lines.problem(
                    "there is no column '\(name.prefix(40))'. The columns are "
                        + names.prefix(20).map { "'\($0.prefix(40))'" }.joined(separator: ", "),
                    "Name them with --columns time=…,unit=…."
                )
            }
            columns[role] = index
        }
        let hasPixels = columns[.x] != nil && columns[.y] != nil
        guard columns[.time] != nil, columns[.unit] != nil || hasPixels else {
            throw lines.problem(
                "no columns of times and units. The columns are "
                    + names.prefix(20).map { "'\($0.prefix(40))'" }.joined(separator: ", "),
                "Say which they are: --columns time=ts,unit=label."
            )
        }
        if options.table.trial != nil, columns[.trial] == nil {
            throw RecordingError.option(
                name: "--trial",
                value: options.table.trial ?? "",
                problem: "no column of trials is named",
                advice: "Name it: --columns trial=NAME."
            )
        }
        self.columns = columns
        let unit = options.table.timeUnit ?? TimeBase(numerator: 1, denominator: 1)
        let ticks = TimeScale(of: unit)
        digits = ticks.digits
        source = RecordingSource(
            timeBase: ticks.timeBase,
            hasPixels: hasPixels,
            size: options.size
        )
        if let path = options.table.unitMap { unitMap = try Self.unitMap(path) }
    }

    /// Reads `label,neuron` lines.
    private static func unitMap(_ path: String) throws -> [[UInt8]: UInt32] {
        var lines = try TextLines(path: path)
        var map: [[UInt8]: UInt32] = [:]
        while let line = try lines.next() {
            if line.isEmpty { continue }
            let fields = fields(line, UInt8(ascii: ","))
            if lines.number == 1, fields.count >= 2, TextNumber.whole(fields[1]) == nil { continue }
            guard fields.count == 2, let number = TextNumber.whole(fields[1]),
                number < UInt64(UInt32.max)
            else {
                throw lines.problem(
                    "this is not 'label,neuron' with a whole number below 4294967295",
                    "Correct it."
                )
            }
            guard map.updateValue(UInt32(number), forKey: Array(fields[0])) == nil else {
                throw lines.problem("the label came before", "Leave one of the two lines out.")
            }
            guard map.count <= 1 << 22 else {
                throw lines.problem("more than 4194304 labels", "Map fewer.")
            }
        }
        return map
    }

    private static func fields(_ line: [UInt8], _ separator: UInt8) -> [ArraySlice<UInt8>] {
        line.split(separator: separator, omittingEmptySubsequences: false).map { field in
            var field = field
            let blanks: Set<UInt8> = [0x20, 0x22, 0x09]
            while let first = field.first, blanks.contains(first) { field.removeFirst() }
            while let last = field.last, blanks.contains(last) { field.removeLast() }
            return field
        }
    }

    func next(into events: inout [RecordedEvent]) throws -> Bool {
        events.removeAll(keepingCapacity: true)
        while events.count < BatchSize.events, let line = try lines.next() {
            if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
            let fields = Self.fields(line, separator)
            guard fields.count == columnCount else {
                throw lines.problem(
                    "\(fields.count) fields. The header names \(columnCount)",
                    "Correct the line."
                )
            }
            tally.read += 1
            if let event = try event(fields) { events.append(event) }
        }
        return !events.isEmpty
    }

    private func event(_ fields: [ArraySlice<UInt8>]) throws -> RecordedEvent? {
        if let trial = options.trial, let column = columns[.trial],
            !fields[column].elementsEqual(trial.utf8)
        {
            tally.drop(.otherTrial)
            return nil
        }
        guard let time = TextNumber.ticks(fields[columns[.time] ?? 0], digits: digits) else {
            tally.drop(.badTime)
            return nil
        }
        if source.hasPixels, let x = columns[.x], let y = columns[.y] {
            guard let x = TextNumber.whole(fields[x]).flatMap({ UInt16(exactly: $0) }),
                let y = TextNumber.whole(fields[y]).flatMap({ UInt16(exactly: $0) })
            else {
                tally.drop(.badUnit)
                return nil
            }
            let polarity = columns[.polarity].flatMap { TextNumber.decimal(fields[$0])?.digits }
            return RecordedEvent(time: time, x: x, y: y, isOn: (polarity ?? 1) > 0)
        }
        let label = fields[columns[.unit] ?? 0]
        let unit: UInt32
        if let unitMap {
            guard let mapped = unitMap[Array(label)] else {
                tally.drop(.unmapped)
                return nil
            }
            unit = mapped
        } else {
            guard let number = TextNumber.whole(label) else {
                throw lines.problem(
                    "the unit '\(String(decoding: label.prefix(40), as: UTF8.self))' is no whole "
                        + "number",
                    "Give --map FILE with 'label,neuron' lines."
                )
            }
            guard number < UInt64(UInt32.max) else {
                tally.drop(.badUnit)
                return nil
            }
            unit = UInt32(number)
        }
        guard let column = columns[.population] else {
            return RecordedEvent(time: time, unit: unit)
        }
        return RecordedEvent(time: time, unit: unit, population: try population(fields[column]))
    }

    private func population(_ name: ArraySlice<UInt8>) throws -> UInt16 {
        if let known = populations[Array(name)] { return known }
        guard populations.count < 65_535 else {
            throw lines.problem("more than 65535 populations", "Keep fewer.")
        }
        let index = UInt16(populations.count)
        populations[Array(name)] = index
        source.populations.append(String(decoding: name, as: UTF8.self))
        return index
    }
}
