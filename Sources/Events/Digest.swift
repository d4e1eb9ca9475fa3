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
    private var buffer: [UInt8] = []

    /// Starts the digest of a run.
    public init() { buffer.reserveCapacity(1 << 16) }

    /// Adds spikes.
    ///
    /// The caller adds them in canonical order.
    ///
    /// - Parameter spikes: Sorted by (step, core, neuron), none before those already added.
    public mutating func append(_ spikes: some Sequence<Spike>) {
        for spike in spikes {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                buffer.append(UInt8(truncatingIfNeeded: spike.step >> shift))
            }
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                buffer.append(UInt8(truncatingIfNeeded: spike.core >> shift))
            }
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                buffer.append(UInt8(truncatingIfNeeded: spike.neuron >> shift))
            }
            if buffer.count >= 1 << 16 {
                builder.append(buffer)
                buffer.removeAll(keepingCapacity: true)
            }
        }
    }

    /// Ends the digest.
    ///
    /// - Returns: The digest of the run.
    public consuming func finish() -> Digest {
        builder.append(buffer)
        return builder.finish()
    }
}
