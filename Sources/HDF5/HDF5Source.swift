/// Where the contents of an HDF5 file come from.
///
/// Reading has two phases: the structure first, with all shapes, so that a reader can refuse a file
/// before any large array is unpacked.
public protocol HDF5Source {
    /// All groups, the shapes of all arrays, and the elements of text and small arrays.
    ///
    /// - Throws: `HDF5Error`.
    /// - Returns: The root group.
    func structure() throws(HDF5Error) -> HDF5Group

    /// The elements of numeric arrays, widened to Double.
    ///
    /// - Parameter requests: Arrays and the numbers of elements that the caller expects.
    /// - Throws: `HDF5Error`, also if an array does not hold as many elements as expected.
    /// - Returns: One array a request, in their order, C order.
    func doubles(_ requests: [HDF5Request]) throws(HDF5Error) -> [[Double]]
}

/// A numeric array that is to be read.
public struct HDF5Request: Sendable, Hashable {
    /// Absolute path in the file, for example `/node/nodes/fc/weight`.
    public var path: String
    /// Expected number of elements.
    public var count: Int

    /// Largest array that is read: 2²⁶ elements.
    public static let countLimit = 1 << 26

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - path: Absolute path in the file.
    ///   - count: Expected number of elements.
    public init(path: String, count: Int) {
        self.path = path
        self.count = count
    }
}
