/// A group of an HDF5 file: named members.
public struct HDF5Group: Sendable, Equatable {
    /// Members by name; the order of a file's links means nothing.
    public var members: [String: HDF5Object]

    /// Makes a group.
    ///
    /// - Parameter members: Members by name.
    public init(members: [String: HDF5Object] = [:]) { self.members = members }

    /// The member of a name, or nil.
    ///
    /// - Parameter name: Name without slashes.
    /// - Returns: Group, data set, or the reason why it cannot be read.
    public subscript(name: String) -> HDF5Object? { members[name] }
}

/// What a name in an HDF5 group stands for.
public indirect enum HDF5Object: Sendable, Equatable {
    /// A group.
    case group(HDF5Group)
    /// An array.
    case dataset(HDF5Dataset)
    /// Something that is not read, and why: a sentence of what it is and what to do.
    ///
    /// It is no error of the file as a whole: nothing may ever ask for it.
    case unreadable(String)
}

/// An array of an HDF5 file: its shape, and its elements if they are few or text.
public struct HDF5Dataset: Sendable, Equatable {
    /// Shape as the file claims it; empty for a scalar.
    public var shape: [Int]
    /// Kind of the elements.
    public var element: HDF5Element
    /// Elements of text, and of numeric arrays up to `inlineLimit`; nil for larger ones.
    public var contents: HDF5Contents?

    /// Largest numeric array that travels with the structure.
    public static let inlineLimit = 256

    /// Describes an array.
    ///
    /// - Parameters:
    ///   - shape: Shape, C order.
    ///   - element: Kind of the elements.
    ///   - contents: Elements, if at hand.
    public init(shape: [Int], element: HDF5Element, contents: HDF5Contents? = nil) {
        self.shape = shape
        self.element = element
        self.contents = contents
    }

    /// A row of elements at hand.
    init(_ contents: HDF5Contents) {
        let element: HDF5Element =
            switch contents {
            case .integers: .integer
            case .floats: .float
            case .texts: .text
            }
        self.init(shape: [contents.count], element: element, contents: contents)
    }

    /// Number of elements; `Int.max` if it does not fit.
    public var count: Int {
        var product = 1
        for length in shape {
            let (next, overflow) = product.multipliedReportingOverflow(by: length)
            if overflow { return shape.contains(0) ? 0 : Int.max }
            product = next
        }
        return product
    }
}

/// Kind of the elements of an array.
public enum HDF5Element: Sendable, Equatable {
    /// Integers of any width, sign and byte order.
    case integer
    /// Floating point numbers of any width and byte order.
    case float
    /// Text.
    case text
}

/// Elements of an array, C order.
public enum HDF5Contents: Sendable, Equatable {
    /// Integers, clamped to 64 bits.
    case integers([Int64])
    /// Floating point numbers.
    case floats([Double])
    /// Text.
    case texts([String])

    /// Number of elements.
    public var count: Int {
        switch self {
        case .integers(let values): values.count
        case .floats(let values): values.count
        case .texts(let values): values.count
        }
    }
}
