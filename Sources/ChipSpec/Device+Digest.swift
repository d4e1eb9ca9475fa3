public import Events

extension Device {
    /// SHA-256 of all that tells this device from others: seed, coefficients, known factors, dead cores.
    ///
    /// Numbers are little-endian: seed (u64); each drawn parameter with its key (u32) and coefficient (f64);
    /// then for each core, ascending, its number (u32) and for each known parameter key (u32), count (u32)
    /// and factors (f64); then the dead cores (u32). Lists begin with their length (u32).
    public var digest: Digest {
        var bytes: [UInt8] = []
        func put(_ value: UInt64, _ count: Int = 8) {
            for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
        }
        put(seed)
        put(UInt64(variation.count), 4)
        for (parameter, coefficient) in variation.sorted(by: { $0.key.key < $1.key.key }) {
            put(UInt64(parameter.key), 4)
            put(coefficient.bitPattern)
        }
        put(UInt64(known.count), 4)
        for (core, known) in known.sorted(by: { $0.key < $1.key }) {
            put(UInt64(core), 4)
            put(UInt64(known.factors.count), 4)
            for (parameter, factors) in known.factors.sorted(by: { $0.key.key < $1.key.key }) {
                put(UInt64(parameter.key), 4)
                put(UInt64(factors.count), 4)
                for factor in factors { put(factor.bitPattern) }
            }
        }
        put(UInt64(deadCores.count), 4)
        for core in deadCores { put(UInt64(core), 4) }
        return Digest(of: bytes)
    }
}
