import Foundation

/// JSON of the sections that are read by people as well.
///
/// The same value always gives the same bytes: sorted keys, no spaces, shortest exact numbers.
enum ImageJSON {
    /// Sorted JSON of a value.
    ///
    /// - Parameter value: The value.
    /// - Returns: UTF-8 bytes.
    /// - Throws: What the encoder throws, for a number that is not finite.
    static func encoded(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(value))
    }

    /// A value from JSON.
    ///
    /// - Parameters:
    ///   - type: Its type.
    ///   - bytes: UTF-8 bytes.
    /// - Returns: The value.
    /// - Throws: What the decoder throws.
    static func decoded<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
        try JSONDecoder().decode(type, from: Data(bytes))
    }

    /// One line about an error of the encoder or decoder: where in the value, and what.
    ///
    /// - Parameter error: Any error.
    /// - Returns: A sentence without its full stop.
    static func explanation(of error: any Error) -> String {
        let context: (path: [any CodingKey], text: String)
        switch error {
        case DecodingError.keyNotFound(let key, let at):
            context = (at.codingPath, "the key '\(key.stringValue)' is missing")
        case DecodingError.typeMismatch(_, let at), DecodingError.valueNotFound(_, let at),
            DecodingError.dataCorrupted(let at):
            context = (at.codingPath, at.debugDescription)
        case EncodingError.invalidValue(_, let at):
            context = (at.codingPath, at.debugDescription)
        default:
            context = ([], String(describing: error))
        }
        let path = context.path.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }
        let text = context.text.hasSuffix(".") ? String(context.text.dropLast()) : context.text
        return path.isEmpty ? text : "\(path.joined().drop { $0 == "." }): \(text)"
    }
}

/// Name and shape of an input port: a row of the section `inputPorts`.
struct InputPortRecord: Codable {
    var name: String
    var shape: [Int]
}
