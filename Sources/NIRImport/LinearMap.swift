/// A linear function from the neurons of one population to the elements of a node.
enum LinearMap: Equatable {
    /// Element k is neuron k.
    case identity
    /// Element k is a multiple of neuron k.
    case diagonal([Double])
    /// `[element][neuron]`, row-major.
    case dense([Double])

    /// Numbers it holds.
    var size: Int {
        switch self {
        case .identity: 0
        case .diagonal(let factors): factors.count
        case .dense(let weights): weights.count
        }
    }

    /// The sum with another function of the same population.
    ///
    /// - Parameters:
    ///   - other: The other function.
    ///   - rows: Elements of the node.
    ///   - columns: Neurons of the population; equal to `rows` if one of the two is not dense.
    /// - Returns: The sum, dense if one of the two is.
    func adding(_ other: LinearMap, rows: Int, columns: Int) -> LinearMap {
        switch (self, other) {
        case (.dense(var weights), .dense(let others)):
            for index in weights.indices { weights[index] += others[index] }
            return .dense(weights)
        case (.dense(var weights), let other):
            let factors = other.factors(rows)
            for row in 0..<rows { weights[row * columns + row] += factors[row] }
            return .dense(weights)
        case (_, .dense): return other.adding(self, rows: rows, columns: columns)
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
        }
    }

    /// Factors of a function that is not dense.
    private func factors(_ count: Int) -> [Double] {
        if case .diagonal(let factors) = self { factors } else { Array(repeating: 1, count: count) }
    }
}
