/// Where in a file something stands.
public struct SpecPlace: Sendable, Hashable, CustomStringConvertible {
    /// Path of the file, as the user gave it.
    public let path: String
    /// Line, from 1; 0 means the file as a whole.
    public let line: Int

    /// `path:line`, or the path alone.
    public var description: String { line > 0 ? "\(path):\(line)" : path }
}

/// Why a chip spec cannot be used.
public enum ChipSpecError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file cannot be read, or is no text.
    case unreadable(path: String, reason: String, advice: String)
    /// The text is not YAML, or uses a part of YAML that chip specs do without.
    case syntax(SpecPlace, problem: String, advice: String)
    /// A key that no chip spec has.
    case unknownKey(SpecPlace, key: String, known: [String], nearest: String?)
    /// A key that stands twice in its section.
    case duplicateKey(SpecPlace, key: String)
    /// A key that every chip spec has.
    case missingKey(SpecPlace, key: String, limit: String)
    /// A value out of its range or of another kind.
    case invalid(SpecPlace, key: String, value: String, limit: String, advice: String)
    /// An error in a spec that another one extends.
    indirect case inherited(ChipSpecError, by: SpecPlace)
    /// No folder has a spec of that name.
    case unknownChip(name: String, known: [String], nearest: String?, folders: [String])

    /// Where, what, the limit, what to do.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason, let advice):
            return "\(path): \(reason) \(advice)"
        case .syntax(let place, let problem, let advice):
            return "\(place): \(problem) \(advice)"
        case .unknownKey(let place, let key, let known, let nearest):
            let hint = nearest.map { "Did you mean \($0)?" } ?? "Delete the line."
            return "\(place): \(key) is not a key of a chip spec. "
                + "It must be one of: \(known.joined(separator: ", ")). \(hint)"
        case .duplicateKey(let place, let key):
            return "\(place): \(key) stands twice in its section. "
                + "It must stand there once. Delete one of the two."
        case .missingKey(let place, let key, let limit):
            return "\(place): \(key) is missing. \(limit) Add it; docs/CHIPS.md explains each key."
        case .invalid(let place, let key, let value, let limit, let advice):
            return "\(place): \(key) is \(value). \(limit)" + (advice.isEmpty ? "" : " \(advice)")
        case .inherited(let error, let place):
            return error.isOfValue
                ? "\(error) This is inherited by \(place): override it there, or use 'unset'."
                : "\(error) This is extended by \(place)."
        case .unknownChip(let name, let known, let nearest, let folders):
            let list = known.isEmpty ? "none" : known.joined(separator: ", ")
            let hint = nearest.map { "Did you mean \($0)? " } ?? ""
            return "Chip '\(name)' is not known. Known chips: \(list) "
                + "(in \(folders.isEmpty ? "no folder" : folders.joined(separator: ", "))). "
                + "\(hint)Give a name of the list, or a path that ends in .yaml."
        }
    }

    /// The file with the value at fault; nil where there is none.
    private var path: String? {
        switch self {
        case .unreadable(let path, _, _): path
        case .syntax(let place, _, _), .unknownKey(let place, _, _, _), .duplicateKey(let place, _),
            .missingKey(let place, _, _), .invalid(let place, _, _, _, _):
            place.path
        case .inherited(let error, _): error.path
        case .unknownChip: nil
        }
    }

    /// Whether another value in its place would do away with the error.
    private var isOfValue: Bool {
        switch self {
        case .invalid(_, let key, _, _, _): key != "extends" && !key.hasPrefix("unset")
        case .missingKey, .unknownKey: true
        default: false
        }
    }

    /// The error as one of a spec that another extends, if its value stands in another file than that one.
    func inherited(by place: SpecPlace) -> ChipSpecError {
        if case .inherited = self { return self }
        return path == place.path ? self : .inherited(self, by: place)
    }
}
