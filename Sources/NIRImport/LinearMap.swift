import NetworkIR

/// A linear function from the neurons of one population to the elements of a node.
enum LinearMap: Equatable {
    /// Element k is neuron k.
    case identity
    /// Element k is a multiple of neuron k.
    case diagonal([Double])
    /// `[element][neuron]`, row-major.
    case dense([Double])
    /// The neurons of each element with their factors; elements are the targets.
    case sparse(SparseWeights)

    /// Whether it lists no pair at all.
    var isEmpty: Bool {
        if case .sparse(let sparse) = self { sparse.count == 0 } else { false }
    }

    /// Numbers of 8 bytes that it holds.
    var size: Int {
        switch self {
        case .identity: 0
        case .diagonal(let factors): factors.count
        case .dense(let weights): weights.count
        case .sparse(let sparse): Self.size(entries: sparse.count, rows: sparse.targetCount)
        }
    }

    /// Numbers of 8 bytes that a sparse function holds: one and a half an entry, one a row.
    static func size(entries: Int, rows: Int) -> Int {
        let (numbers, overflow) = entries.addingReportingOverflow(entries / 2 + 1)
        let (sum, tooMany) = numbers.addingReportingOverflow(rows + 1)
        return overflow || tooMany ? Int.max : sum
    }

    /// Most entries of a sparse function of a size.
    static func entries(size: Int, rows: Int) -> Int { max(0, size - rows - 2) / 3 * 2 }

    /// Pairs of an element and a neuron that it lists, zeros included; `Int.max` if they do not fit.
    func entries(rows: Int, columns: Int) -> Int {
        switch self {
        case .identity, .diagonal: rows
        case .dense: elementCount([rows, columns])
        case .sparse(let sparse): sparse.count
        }
    }

    /// Parts of the function, one for each kind of element; their sum is the function.
    ///
    /// - Parameters:
    ///   - kinds: Kind of each element.
    ///   - distinct: All kinds.
    ///   - columns: Neurons of the population.
    /// - Returns: For each of `distinct` the elements of that kind, sparse.
    func split(by kinds: [Int], _ distinct: [Int], columns: Int) -> [LinearMap] {
        distinct.map { kind in
            var offsets = [0]
            var sources: [Int32] = []
            var weights: [Double] = []
            offsets.reserveCapacity(kinds.count + 1)
            for (row, own) in kinds.enumerated() {
                if own == kind {
                    switch self {
                    case .identity:
                        sources.append(Int32(row))
                        weights.append(1)
                    case .diagonal(let factors):
                        sources.append(Int32(row))
                        weights.append(factors[row])
                    case .dense(let all):
                        sources += (0..<columns).map { Int32($0) }
                        weights += all[row * columns..<(row + 1) * columns]
                    case .sparse(let sparse):
                        sources += sparse.sources[sparse.indices(of: row)]
                        weights += sparse.weights[sparse.indices(of: row)]
                    }
                }
                offsets.append(sources.count)
            }
            return .sparse(SparseWeights(offsets: offsets, sources: sources, weights: weights))
        }
    }

    /// The sum with another function of the same population.
    ///
    /// - Parameters:
    ///   - other: The other function.
    ///   - rows: Elements of the node.
    ///   - columns: Neurons of the population; equal to `rows` if one of the two is one to one.
    /// - Returns: The sum: dense if one of the two is, else sparse if one of the two is.
    func adding(_ other: LinearMap, rows: Int, columns: Int) -> LinearMap {
        switch (self, other) {
        case (.dense(var weights), .dense(let others)):
            for index in weights.indices { weights[index] += others[index] }
            return .dense(weights)
        case (.dense(var weights), .sparse(let others)):
            for row in 0..<rows {
                for k in others.indices(of: row) {
                    weights[row * columns + Int(others.sources[k])] += others.weights[k]
                }
            }
            return .dense(weights)
        case (.dense(var weights), let other):
            let factors = other.factors(rows)
            for row in 0..<rows { weights[row * columns + row] += factors[row] }
            return .dense(weights)
        case (_, .dense): return other.adding(self, rows: rows, columns: columns)
        case (.sparse(let own), .sparse(let others)): return .sparse(own.adding(others))
        case (.sparse(let own), let other):
            return .sparse(own.adding(SparseWeights(diagonal: other.factors(rows))))
        case (_, .sparse): return other.adding(self, rows: rows, columns: columns)
        case (let one, let other):
            return .diagonal(zip(one.factors(rows), other.factors(rows)).map { $0 + $1 })
        }
    }

    /// The function followed by a factor for each element.
    func scaled(by factors: [Double], columns: Int) -> LinearMap {
        if factors.allSatisfy({ $0 == 1 }) { return self }
        switch self {
        case .identity: return .diagonal(factors)
        case .diagonal(let own):
            let product = zip(own, factors).map { $0 * $1 }
            return product.allSatisfy { $0 == 1 } ? .identity : .diagonal(product)
        case .dense(var weights):
            for (row, factor) in factors.enumerated() {
                for index in row * columns..<(row + 1) * columns { weights[index] *= factor }
            }
            return .dense(weights)
        case .sparse(let sparse):
            var weights = Array(sparse.weights)
            for (row, factor) in factors.enumerated() {
                for index in sparse.indices(of: row) { weights[index] *= factor }
            }
            return .sparse(sparse.replacing(weights))
        }
    }

    /// The function followed by a matrix.
    ///
    /// - Parameters:
    ///   - matrix: `[row][inner]`, row-major.
    ///   - rows: Elements of the result.
    ///   - inner: Elements of this function.
    ///   - columns: Neurons of the population.
    /// - Returns: A dense function.
    func multiplied(by matrix: [Double], rows: Int, inner: Int, columns: Int) -> LinearMap {
        switch self {
        case .identity: return .dense(matrix)
        case .diagonal(let factors):
            var weights = matrix
            for row in 0..<rows {
                for column in 0..<inner { weights[row * inner + column] *= factors[column] }
            }
            return .dense(weights)
        case .dense(let own):
            var weights = [Double](repeating: 0, count: rows * columns)
            for row in 0..<rows {
                for middle in 0..<inner {
                    let factor = matrix[row * inner + middle]
                    if factor == 0 { continue }
                    for column in 0..<columns {
                        weights[row * columns + column] += factor * own[middle * columns + column]
                    }
                }
            }
            return .dense(weights)
        case .sparse(let own):
            var weights = [Double](repeating: 0, count: rows * columns)
            for row in 0..<rows {
                for middle in 0..<inner {
                    let factor = matrix[row * inner + middle]
                    if factor == 0 { continue }
                    for k in own.indices(of: middle) {
                        weights[row * columns + Int(own.sources[k])] += factor * own.weights[k]
                    }
                }
            }
            return .dense(weights)
        }
    }

    /// The function followed by a sparse matrix.
    ///
    /// Additions are in the order of the elements in between, as for a whole matrix.
    ///
    /// - Parameters:
    ///   - matrix: Its sources are the elements of this function.
    ///   - columns: Neurons of the population.
    ///   - mostEntries: Most entries of a sparse result.
    /// - Returns: A dense function if this one is, else a sparse one; nil if that has too many entries.
    func multiplied(by matrix: SparseWeights, columns: Int, mostEntries: Int) -> LinearMap? {
        switch self {
        case .identity: return .sparse(matrix)
        case .diagonal(let factors):
            var weights = Array(matrix.weights)
            for (k, source) in matrix.sources.enumerated() { weights[k] *= factors[Int(source)] }
            return .sparse(matrix.replacing(weights))
        case .dense(let own):
            let rows = matrix.targetCount
            var weights = [Double](repeating: 0, count: rows * columns)
            for row in 0..<rows {
                for k in matrix.indices(of: row) where matrix.weights[k] != 0 {
                    let factor = matrix.weights[k]
                    let middle = Int(matrix.sources[k]) * columns
                    for column in 0..<columns {
                        weights[row * columns + column] += factor * own[middle + column]
                    }
                }
            }
            return .dense(weights)
        case .sparse(let own):
            return own.followed(by: matrix, columns: columns, mostEntries: mostEntries)
                .map { .sparse($0) }
        }
    }

    /// Multiplications that the product with a sparse matrix takes.
    func work(with matrix: SparseWeights, columns: Int) -> Int {
        switch self {
        case .identity, .diagonal: return matrix.count
        case .dense:
            let (product, overflow) = matrix.count.multipliedReportingOverflow(by: columns)
            return overflow ? Int.max : product
        case .sparse(let own):
            // Both factors have far fewer than 2³¹ entries.
            return matrix.sources.reduce(0) { $0 + own.indices(of: Int($1)).count }
        }
    }

    /// Factors of a function that is one to one.
    private func factors(_ count: Int) -> [Double] {
        if case .diagonal(let factors) = self { factors } else { Array(repeating: 1, count: count) }
    }
}

extension SparseWeights {
    /// Entry k of target k is the k-th factor.
    fileprivate init(diagonal factors: [Double]) {
        self.init(
            offsets: Array(0...factors.count),
            sources: factors.indices.map { Int32($0) },
            weights: factors
        )
    }

    /// The sum of two functions of the same elements.
    fileprivate func adding(_ other: SparseWeights) -> SparseWeights {
        var offsets = [0]
        var sources: [Int32] = []
        var weights: [Double] = []
        offsets.reserveCapacity(self.offsets.count)
        sources.reserveCapacity(max(count, other.count))
        weights.reserveCapacity(max(count, other.count))
        for row in 0..<targetCount {
            var (mine, theirs) = (indices(of: row), other.indices(of: row))
            while let k = mine.first ?? theirs.first {
                let a = mine.isEmpty ? Int32.max : self.sources[mine.lowerBound]
                let b = theirs.isEmpty ? Int32.max : other.sources[theirs.lowerBound]
                if a == b {
                    sources.append(a)
                    weights.append(self.weights[k] + other.weights[theirs.lowerBound])
                    mine.removeFirst()
                    theirs.removeFirst()
                } else if a < b {
                    sources.append(a)
                    weights.append(self.weights[k])
                    mine.removeFirst()
                } else {
                    sources.append(b)
                    weights.append(other.weights[theirs.lowerBound])
                    theirs.removeFirst()
                }
            }
            offsets.append(sources.count)
        }
        return SparseWeights(offsets: offsets, sources: sources, weights: weights)
    }

    /// The product with a matrix, row by row: Gustavson, ACM TOMS 4, 250 (1978).
    ///
    /// - Returns: Nil if it has more entries than allowed.
    fileprivate func followed(
        by matrix: SparseWeights,
        columns: Int,
        mostEntries: Int
    ) -> SparseWeights? {
        var offsets = [0]
        var sources: [Int32] = []
        var weights: [Double] = []
        offsets.reserveCapacity(matrix.offsets.count)
        // The row that last met a neuron, its sum in that row, and the neurons of the row.
        var lastRow = [Int32](repeating: -1, count: columns)
        var sum = [Double](repeating: 0, count: columns)
        var met: [Int32] = []
        for row in 0..<matrix.targetCount {
            met.removeAll(keepingCapacity: true)
            for k in matrix.indices(of: row) where matrix.weights[k] != 0 {
                let factor = matrix.weights[k]
                for own in indices(of: Int(matrix.sources[k])) {
                    let column = Int(self.sources[own])
                    if lastRow[column] != Int32(row) {
                        lastRow[column] = Int32(row)
                        sum[column] = 0
                        met.append(Int32(column))
                    }
                    sum[column] += factor * self.weights[own]
                }
            }
            guard sources.count + met.count <= mostEntries else { return nil }
            met.sort()
            sources += met
            for column in met { weights.append(sum[Int(column)]) }
            offsets.append(sources.count)
        }
        return SparseWeights(offsets: offsets, sources: sources, weights: weights)
    }
}
