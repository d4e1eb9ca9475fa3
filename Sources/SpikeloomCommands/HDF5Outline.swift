import HDF5

extension HDF5Group {
    /// The tree of groups and datasets as indented lines, names in order.
    var outline: String { lines(indent: "").joined(separator: "\n") }

    private func lines(indent: String) -> [String] {
        members.sorted { $0.key < $1.key }.flatMap { name, object -> [String] in
            switch object {
            case .group(let group):
                return ["\(indent)\(name)/"] + group.lines(indent: indent + "  ")
            case .dataset(let dataset):
                return ["\(indent)\(name)  \(dataset.outline)"]
            case .unreadable(let reason):
                return ["\(indent)\(name)  unreadable: \(reason)"]
            }
        }
    }
}

extension HDF5Dataset {
    /// Kind and shape, and the contents of a scalar.
    fileprivate var outline: String {
        let kind = shape.isEmpty ? "\(element)" : "\(element) \(shape)"
        guard let contents, contents.count == 1 else { return kind }
        switch contents {
        case .integers(let values): return "\(kind) = \(values[0])"
        case .floats(let values): return "\(kind) = \(values[0])"
        case .texts(let values): return "\(kind) = \"\(values[0])\""
        }
    }
}
