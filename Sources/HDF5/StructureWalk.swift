internal import CHDF5

/// Walks the groups of an open file, within limits on members, depth and bytes.
struct StructureWalk {
    let file: String
    private var membersLeft = HDF5File.memberLimit
    private var bytesLeft = HDF5File.inlineBytesLimit
    /// Addresses of the groups on the way from the root: a link to one of them is a cycle.
    private var ancestors: [UInt64] = []

    init(file: String) { self.file = file }

    /// Reads a group or the root of a file.
    mutating func group(_ handle: Handle, path: String) throws(HDF5Error) -> HDF5Group {
        guard let address = objectAddress(handle) else {
            throw .damaged(file: file, reason: lastError())
        }
        ancestors.append(address)
        defer { ancestors.removeLast() }
        guard ancestors.count <= HDF5File.depthLimit else {
            throw .tooLarge(
                file: file,
                path: path,
                what: "groups are nested \(ancestors.count) deep",
                limit: "\(HDF5File.depthLimit)"
            )
        }
        var info = H5G_info_t()
        guard unsafe H5Gget_info(handle.id, &info) >= 0 else {
            throw .damaged(file: file, reason: lastError())
        }
        var group = HDF5Group()
        for index in 0..<info.nlinks {
            membersLeft -= 1
            guard membersLeft >= 0 else {
                throw .tooLarge(
                    file: file,
                    path: path.isEmpty ? "/" : path,
                    what: "the file has more members than are read",
                    limit: "\(HDF5File.memberLimit)"
                )
            }
            let name = try name(ofLink: index, in: handle, path: path)
            let member = try object(name, in: handle, path: path + "/" + name)
            guard group.members.updateValue(member, forKey: name) == nil else {
                throw .unreadableObject(
                    file: file,
                    path: path + "/" + name,
                    reason: "two members have names that are the same text. Rename one."
                )
            }
        }
        return group
    }

    private func objectAddress(_ handle: Handle) -> UInt64? {
        var address: UInt64 = 0
        return unsafe sl_object_address(handle.id, &address) == 0 ? address : nil
    }

    private func name(
        ofLink index: hsize_t,
        in group: Handle,
        path: String
    ) throws(HDF5Error) -> String {
        var buffer = [CChar](repeating: 0, count: 1025)
        let length = unsafe H5Lget_name_by_idx(
            group.id,
            ".",
            H5_INDEX_NAME,
            H5_ITER_INC,
            index,
            &buffer,
            buffer.count,
            sl_H5P_DEFAULT()
        )
        guard length >= 0 else { throw .damaged(file: file, reason: lastError()) }
        guard length > 0, length < buffer.count,
            let name = String(validating: buffer.prefix(length), as: UTF8.self)
        else {
            throw .unreadableObject(
                file: file,
                path: path.isEmpty ? "/" : path,
                reason: "a member's name is empty, longer than 1024 bytes or not UTF-8. Rename it."
            )
        }
        return name
    }

    private mutating func object(
        _ name: String,
        in group: Handle,
        path: String
    ) throws(HDF5Error) -> HDF5Object {
        let kind = unsafe name.withCString { unsafe sl_link_kind(group.id, $0) }
        switch kind {
        case 0, 1: break
        case 2:
            return .unreadable(
                "this is a link to another file. Other files are not read: copy the data into this one."
            )
        default: return .unreadable("this is a link of unknown kind. Export the file again.")
        }
        let id = unsafe name.withCString { unsafe H5Oopen(group.id, $0, sl_H5P_DEFAULT()) }
        guard let object = Handle(id, closedBy: { H5Oclose($0) }) else {
            return .unreadable(
                kind == 1
                    ? "this is a soft link that leads nowhere. Export the file again."
                    : "it does not open (\(lastError())). The file is damaged: export it again."
            )
        }
        switch H5Iget_type(object.id) {
        case H5I_GROUP:
            guard let address = objectAddress(object), !ancestors.contains(address) else {
                return .unreadable(
                    "this is a link back to a group that holds it (a cycle). Export the file again."
                )
            }
            return .group(try self.group(object, path: path))
        case H5I_DATASET: return dataset(object)
        default: return .unreadable("this is neither a group nor a data set. Export it again.")
        }
    }

    private mutating func dataset(_ handle: Handle) -> HDF5Object {
        switch DatasetDescription(of: handle) {
        case .unreadable(let reason): return .unreadable(reason)
        case .readable(let shape, let type):
            var dataset = HDF5Dataset(shape: shape, element: type.element)
            let count = dataset.count
            switch type.element {
            case .integer, .float:
                guard count <= HDF5Dataset.inlineLimit, charge(8 * count) else { break }
                if type.element == .integer {
                    dataset.contents = readIntegers(handle, count: count).map { .integers($0) }
                } else {
                    dataset.contents = readDoubles(handle, count: count).map { .floats($0) }
                }
                if dataset.contents == nil { return .unreadable(damagedData()) }
            case .text:
                guard count <= HDF5File.textLimit, charge(16 * count) else { break }
                guard let texts = readTexts(handle, type: type.handle, count: count) else {
                    return .unreadable(
                        "its text does not unpack or is not UTF-8. Export the file again."
                    )
                }
                guard charge(texts.reduce(0) { $0 + $1.utf8.count }) else { break }
                dataset.contents = .texts(texts)
            }
            return .dataset(dataset)
        }
    }

    /// Takes bytes off the budget for contents; false if they are not left.
    private mutating func charge(_ bytes: Int) -> Bool {
        guard bytes <= bytesLeft else { return false }
        bytesLeft -= bytes
        return true
    }

    private func readIntegers(_ dataset: Handle, count: Int) -> [Int64]? {
        guard count > 0 else { return [] }
        var values = [Int64](repeating: 0, count: count)
        let status = unsafe values.withUnsafeMutableBytes { buffer in
            unsafe H5Dread(
                dataset.id,
                sl_H5T_NATIVE_INT64(),
                sl_H5S_ALL(),
                sl_H5S_ALL(),
                sl_H5P_DEFAULT(),
                buffer.baseAddress
            )
        }
        return status < 0 ? nil : values
    }

    /// Reads text of variable or fixed length; nil if the data do not unpack or are not UTF-8.
    private func readTexts(_ dataset: Handle, type: Handle, count: Int) -> [String]? {
        guard count > 0 else { return [] }
        return H5Tis_variable_str(type.id) > 0
            ? readVariableTexts(dataset, type: type, count: count)
            : readFixedTexts(dataset, type: type, count: count)
    }

    private func readVariableTexts(_ dataset: Handle, type: Handle, count: Int) -> [String]? {
        guard let memory = Handle(H5Tcopy(sl_H5T_C_S1()), closedBy: { H5Tclose($0) }),
            H5Tset_size(memory.id, sl_H5T_VARIABLE()) >= 0,
            // The library refuses to convert between character sets.
            H5Tset_cset(memory.id, H5Tget_cset(type.id)) >= 0,
            let space = Handle(H5Dget_space(dataset.id), closedBy: { H5Sclose($0) })
        else { return nil }
        var pointers = unsafe [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
        return unsafe pointers.withUnsafeMutableBytes { buffer -> [String]? in
            let status = unsafe H5Dread(
                dataset.id,
                memory.id,
                sl_H5S_ALL(),
                sl_H5S_ALL(),
                sl_H5P_DEFAULT(),
                buffer.baseAddress
            )
            defer {
                _ = unsafe H5Dvlen_reclaim(
                    memory.id,
                    space.id,
                    sl_H5P_DEFAULT(),
                    buffer.baseAddress
                )
            }
            guard status >= 0 else { return nil }
            var texts: [String] = []
            for index in 0..<count {
                let pointer = unsafe buffer.load(
                    fromByteOffset: index * MemoryLayout<UnsafeMutablePointer<CChar>?>.stride,
                    as: UnsafeMutablePointer<CChar>?.self
                )
                guard let text = unsafe pointer.map({ unsafe String(validatingCString: $0) }) ?? ""
                else { return nil }
                texts.append(text)
            }
            return texts
        }
    }

    private func readFixedTexts(_ dataset: Handle, type: Handle, count: Int) -> [String]? {
        let size = H5Tget_size(type.id)
        let (bytes, overflow) = size.multipliedReportingOverflow(by: count)
        guard size > 0, !overflow, bytes <= 1 << 20 else { return nil }
        var buffer = [UInt8](repeating: 0, count: bytes)
        let status = unsafe buffer.withUnsafeMutableBytes {
            unsafe H5Dread(
                dataset.id,
                type.id,
                sl_H5S_ALL(),
                sl_H5S_ALL(),
                sl_H5P_DEFAULT(),
                $0.baseAddress
            )
        }
        guard status >= 0 else { return nil }
        let isPaddedWithBlanks = H5Tget_strpad(type.id) == H5T_STR_SPACEPAD
        var texts: [String] = []
        for start in stride(from: 0, to: bytes, by: size) {
            var text = buffer[start..<start + size].prefix { $0 != 0 }
            while isPaddedWithBlanks, text.last == 0x20 { text.removeLast() }
            guard let text = String(validating: text, as: UTF8.self) else { return nil }
            texts.append(text)
        }
        return texts
    }
}
