private import CCrypto

/// A SHA-256 value: the identity of a file, a chip spec or a run.
public struct Digest: Sendable, Hashable, CustomStringConvertible {
    /// The 32 bytes.
    public let bytes: [UInt8]

    /// Takes over 32 bytes, as read from a file.
    ///
    /// - Parameter bytes: Exactly 32 bytes; anything else gives nil.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    fileprivate init(finished: [UInt8]) { bytes = finished }

    /// The digest of some bytes.
    ///
    /// - Parameter data: The bytes.
    public init(of data: some Sequence<UInt8>) {
        var builder = DigestBuilder()
        builder.append(Array(data))
        self = builder.finish()
    }

    /// 64 lower-case hexadecimal digits.
    public var description: String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}

/// Builds a SHA-256 value piece by piece (libcrypto).
@safe
public struct DigestBuilder: ~Copyable {
    private let context: OpaquePointer?

    /// Starts an empty digest.
    public init() {
        unsafe context = EVP_MD_CTX_new()
        let started = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
        precondition(started == 1, "libcrypto offers SHA-256")
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    /// Adds bytes.
    ///
    /// - Parameter bytes: Any number of them.
    public mutating func append(_ bytes: [UInt8]) {
        _ = unsafe bytes.withUnsafeBytes {
            unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count)
        }
    }

    /// Ends the digest.
    ///
    /// - Returns: The SHA-256 value of all bytes added.
    public consuming func finish() -> Digest {
        var result = [UInt8](repeating: 0, count: 32)
        _ = unsafe result.withUnsafeMutableBufferPointer {
            unsafe EVP_DigestFinal_ex(context, $0.baseAddress, nil)
        }
        return Digest(finished: result)
    }
}

/// The digest of a run: SHA-256 over all spikes in canonical order.
///
/// Each spike adds step (u64), core (u32) and neuron (u32), little-endian.
public struct SpikeDigestBuilder: ~Copyable {
    private var builder = DigestBuilder()
    // Storage; only the first `filled` bytes are in use.
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var filled = 0

    /// Bytes that a spike adds.
    private static let spikeBytes = 16

    /// Starts the digest of a run.
    public init() {}

    /// Adds spikes.
    ///
    /// The caller adds them in canonical order.
    ///
    /// - Parameter spikes: Sorted by (step, core, neuron), none before those already added.
    public mutating func append(_ spikes: some Sequence<Spike>) {
        // Arrays are read in place: going through a sequence of any kind takes longer than SHA-256.
        let isDone: Void? = spikes.withContiguousStorageIfAvailable {
            unsafe add($0)
        }
        if isDone == nil { unsafe Array(spikes).withUnsafeBufferPointer { unsafe add($0) } }
    }

    private mutating func add(_ spikes: UnsafeBufferPointer<Spike>) {
        var start = 0
        while start < spikes.count {
            if filled == buffer.count { flush() }
            let end = min(spikes.count, start + (buffer.count - filled) / Self.spikeBytes)
            var offset = filled
            unsafe buffer.withUnsafeMutableBytes { bytes in
                for index in start..<end {
                    let spike = unsafe spikes[index]
                    let address = UInt64(spike.neuron) &<< 32 | UInt64(spike.core)
                    // There is room up to `end`.
                    let place = unsafe bytes.baseAddress.map { unsafe $0 + offset }
                    unsafe place?.storeBytes(of: spike.step.littleEndian, as: UInt64.self)
                    unsafe place?.storeBytes(
                        of: address.littleEndian,
                        toByteOffset: 8,
                        as: UInt64.self
                    )
                    offset &+= Self.spikeBytes
                }
            }
            filled = offset
            start = end
        }
    }

    private mutating func flush() {
        builder.append(filled == buffer.count ? buffer : Array(buffer[..<filled]))
        filled = 0
    }

    /// Ends the digest.
    ///
    /// - Returns: The digest of the run.
    public consuming func finish() -> Digest {
        flush()
        return builder.finish()
    }
}
