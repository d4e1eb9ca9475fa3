import ChipImage
import Report

/// Sections of a chip image as text.
enum SectionText {
    /// All sections of a file with their sizes, and the sums by type.
    static func list(_ file: ImageSections) -> String {
        var table = TextTable([
            .init("section"), .init("numbers", alignment: .right), .init("as"),
            .init("offset", alignment: .right), .init("stored", alignment: .right),
            .init("raw", alignment: .right), .init("flags"),
        ])
        var sums: [(name: String, sections: Int, stored: Int, raw: Int)] = []
        for section in file.sections {
            table.append([
                section.label, Format.count(section.count / section.elementsPerRecord),
                kind(section), Format.count(section.offset), Format.count(section.storedSize),
                Format.count(section.rawSize), flags(section),
            ])
            let name = section.name ?? "type \(section.type)"
            let index = sums.firstIndex { $0.name == name } ?? sums.count
            if index == sums.count { sums.append((name, 0, 0, 0)) }
            sums[index].sections += 1
            sums[index].stored += section.storedSize
            sums[index].raw += section.rawSize
        }
        var types = TextTable([
            .init("type"), .init("sections", alignment: .right),
            .init("stored", alignment: .right), .init("raw", alignment: .right),
        ])
        for sum in sums {
            types.append([
                sum.name, Format.count(sum.sections), Format.count(sum.stored),
                Format.count(sum.raw),
            ])
        }
        return "format 1.\(file.minorVersion), \(Format.count(file.sections.count)) sections, "
            + "sizes in bytes\n\n" + table.text + "\n\n" + types.text
    }

    /// One section: its entry in the table, then its records.
    static func content(
        _ section: ImageSections.Section,
        of file: ImageSections,
        limit: Int?
    ) throws -> String {
        var text =
            "\(section.label): \(kind(section)), "
            + "\(Format.count(section.count / section.elementsPerRecord)) records; "
            + "\(Format.count(section.storedSize)) bytes stored at offset "
            + "\(Format.count(section.offset)), \(Format.count(section.rawSize)) raw; "
            + "\(flags(section)); CRC32C \(hexadecimal(section.checksum))"
        switch try file.content(of: section) {
        case .text(let json): text += "\n" + json
        case .numbers(let numbers):
            let width = section.elementsPerRecord
            let records = numbers.count / width
            let shown = min(limit ?? records, records)
            // As many single numbers a line, but one record a line.
            let perLine = width > 1 ? 1 : 16
            for first in stride(from: 0, to: shown, by: perLine) {
                let end = min(first + perLine, shown)
                let values = numbers[first * width..<end * width].map { String($0) }
                text += "\n\(first): " + values.joined(separator: " ")
            }
            if shown < records {
                text += "\n… \(Format.count(records - shown)) more (--count, --all)"
            }
        }
        return text
    }

    private static func kind(_ section: ImageSections.Section) -> String {
        guard let element = section.element else { return "?" }
        return section.elementsPerRecord == 1
            ? element : "\(section.elementsPerRecord) × \(element)"
    }

    private static func flags(_ section: ImageSections.Section) -> String {
        let names = [
            (section.isCritical, "critical"), (section.isCompressed, "compressed"),
            (section.hasPlanes, "planes"),
        ].filter(\.0).map(\.1)
        return names.isEmpty ? "-" : names.joined(separator: " ")
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
