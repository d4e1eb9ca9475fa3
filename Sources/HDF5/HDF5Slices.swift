/// Where parts of the arrays of an HDF5 file come from, for files larger than memory.
public protocol HDF5SliceSource: HDF5Source {
    /// Shape and kind of an array, also of kinds that `structure` does not read.
    ///
    /// - Parameter path: Absolute path in the file.
    /// - Returns: What it is.
    /// - Throws: `HDF5Error`.
    func layout(_ path: String) throws(HDF5Error) -> HDF5Layout

    /// The attributes of a group or an array: numbers and texts of at most 256 elements.
    ///
    /// - Parameter path: Absolute path in the file; `/` for the root.
    /// - Returns: Attributes by name; those of other kinds are left out.
    /// - Throws: `HDF5Error`.
    func attributes(_ path: String) throws(HDF5Error) -> [String: HDF5Contents]

    /// A block of a numeric array, widened to Double.
    ///
    /// - Parameters:
    ///   - path: Absolute path in the file.
    ///   - start: Index of its first element, one number a dimension.
    ///   - shape: Extents of the block, at most 2²² elements together.
    /// - Returns: The elements of the block, C order.
    /// - Throws: `HDF5Error`.
    func block(_ path: String, start: [Int], shape: [Int]) throws(HDF5Error) -> [Double]

    /// Rows of a list of lists of numbers, widened to Double.
    ///
    /// - Parameters:
    ///   - path: Absolute path in the file.
    ///   - range: Rows, at most 1024; together at most 2²² elements.
    /// - Returns: The elements of each row.
    /// - Throws: `HDF5Error`.
    func rows(_ path: String, _ range: Range<Int>) throws(HDF5Error) -> [[Double]]
}

/// Shape and kind of an array.
public struct HDF5Layout: Sendable, Equatable {
    /// Extents, C order; empty for a scalar.
    public var shape: [Int]
    /// Kind of the elements.
    public var kind: Kind

    /// Kinds of elements.
    public enum Kind: String, Sendable {
        /// Whole numbers.
        case integer
        /// Floating point numbers.
        case float
        /// Names for whole numbers, Booleans among them.
        case enumeration
        /// Lists of numbers, each of its own length.
        case lists
        /// Anything else.
        case other
    }

    /// Most elements of a block.
    public static let blockLimit = 1 << 22
    /// Most rows at once.
    public static let rowLimit = 1024

    var group: HDF5Group {
        HDF5Group(members: [
            "shape": .integers(shape), "kind": .texts([kind.rawValue], shape: [1]),
        ])
    }

    init(shape: [Int], kind: Kind) {
        self.shape = shape
        self.kind = kind
    }

    /// Reads what the child process says; nil if it makes no sense.
    ///
    /// - Parameter group: Arrays `shape` and `kind`.
    package init?(_ group: HDF5Group) {
        guard case .dataset(let shape)? = group["shape"], case .dataset(let kind)? = group["kind"],
            case .integers(let lengths)? = shape.contents, lengths.allSatisfy({ $0 >= 0 }),
            case .texts(let names)? = kind.contents, let name = names.first,
            let known = Kind(rawValue: name)
        else { return nil }
        self.shape = lengths.map { Int(clamping: $0) }
        self.kind = known
    }
}

extension HDF5Error {
    /// A block that is larger than any that is read.
    static func blockTooLarge(_ file: String, _ path: String, _ what: String) -> HDF5Error {
        .unreadableObject(
            file: file,
            path: path,
            reason: "\(what). At most \(HDF5Layout.blockLimit) elements are read at once: export "
                + "shorter pieces."
        )
    }
}
