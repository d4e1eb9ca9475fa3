import HDF5
import Samples

/// Arrays of numbers in a file beside a description: NPZ, or HDF5 where its name ends in `.h5` or `.hdf5`.
///
/// HDF5 files are read by a child process, under its limits.
enum ArrayFile {
    /// Why an HDF5 file does not give what is asked for.
    private struct Fault: Error, CustomStringConvertible {
        var description: String
    }

    /// Reads an array.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - array: Name of the array; in HDF5 its path.
    /// - Returns: Shape and elements, all finite.
    /// - Throws: `SampleError`, `HDF5Error` or a fault with a description.
    static func numbers(_ path: String, _ array: String) throws -> NumberArray {
        guard isHDF5(path) else { return try NumberArray(path: path, array: array) }
        let (shape, values) = try dataset(path, array, limit: HDF5Request.countLimit)
        guard values.allSatisfy(\.isFinite) else {
            throw Fault(description: "'\(array)' holds infinite numbers or NaN.")
        }
        return NumberArray(shape: shape, values: values)
    }

    /// Reads an array of whole numbers.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - array: Name of the array; in HDF5 its path.
    ///   - limit: Most elements.
    /// - Returns: Its elements in C order.
    /// - Throws: As `numbers`.
    static func integers(_ path: String, _ array: String, limit: Int) throws -> [Int] {
        guard isHDF5(path) else {
            return try PackedArray.integers(path: path, array: array, limit: limit)
        }
        let values = try dataset(path, array, limit: limit).values
        return try values.enumerated().map { index, value in
            guard let whole = Int(exactly: value) else {
                throw Fault(
                    description: "Element \(index) of '\(array)' is \(value), no whole number."
                )
            }
            return whole
        }
    }

    private static func isHDF5(_ path: String) -> Bool {
        [".h5", ".hdf5"].contains { path.lowercased().hasSuffix($0) }
    }

    private static func dataset(
        _ path: String,
        _ array: String,
        limit: Int
    ) throws -> (shape: [Int], values: [Double]) {
        let file = HDF5ChildProcess(
            program: HDF5ChildProcess.programBesideThisOne(),
            file: path
        )
        let name = array.hasPrefix("/") ? array : "/" + array
        let layout = try file.layout(name)
        guard layout.kind == .integer || layout.kind == .float else {
            throw Fault(description: "'\(array)' does not hold numbers.")
        }
        var count = 1
        for extent in layout.shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard !overflow, product <= limit else {
                throw Fault(description: "'\(array)' has more than \(limit) elements.")
            }
            count = product
        }
        let values = try file.doubles([HDF5Request(path: name, count: count)])
        return (layout.shape, values.first ?? [])
    }
}
