/// The delays of the Delay nodes in whole steps.
struct Delays {
    /// Of each node: the steps of each of its elements; empty where a node is no Delay.
    let steps: [[Int]]
    /// Says which delays had to be rounded.
    let warnings: [String]
    /// Whether every element of a node is late by a step or more: its output needs older input only.
    let isLate: [Bool]

    /// Rounds the delays of a graph to steps, halves to even ones.
    ///
    /// - Parameters:
    ///   - graph: A graph whose parameters are read.
    ///   - timeStep: Step in the unit of the file.
    /// - Throws: `NIRError` if a delay is negative or too long.
    init(_ graph: FlatGraph, timeStep: Double) throws(NIRError) {
        var steps = [[Int]](repeating: [], count: graph.nodes.count)
        var rounded: [String] = []
        for (index, node) in graph.nodes.enumerated() {
            guard case .delay(let delay) = node.kind, let values = delay.values else { continue }
            let quotients = values.map { $0 / timeStep }
            let longest = Double(graph.limits.delay)
            func isRefused(_ steps: Double) -> Bool {
                steps < 0 || steps.rounded(.toNearestOrEven) > longest
            }
            if let first = quotients.firstIndex(where: isRefused) {
                let count = quotients.count(where: isRefused)
                throw .malformed(
                    file: graph.file,
                    path: delay.path,
                    what: "it is \(values[first]) in \(count) element\(count == 1 ? "" : "s"), "
                        + "\(quotients[first]) steps of \(timeStep)",
                    remedy: Self.remedy(graph.limits),
                    fault: .delay
                )
            }
            // Files hold single precision: a whole number of steps may read as a hair beside it.
            if quotients.contains(where: {
                ($0 - $0.rounded(.toNearestOrEven)).magnitude > 1e-6 * $0
            }) {
                rounded.append(node.path)
            }
            let whole = quotients.map { Int($0.rounded(.toNearestOrEven)) }
            let count = elementCount(node.outputShape ?? [])
            steps[index] = delay.isSingle ? [Int](repeating: whole[0], count: count) : whole
        }
        self.steps = steps
        isLate = steps.map { !$0.isEmpty && $0.allSatisfy { $0 >= 1 } }
        warnings =
            rounded.isEmpty
            ? []
            : [
                "Delays in \(list(rounded)) are no whole numbers of steps of \(timeStep): rounded to "
                    + "the nearest."
            ]
    }

    /// What a message about a delay advises.
    static func remedy(_ limits: NIRFile.Limits) -> String {
        "Delays must be 0 to \(limits.delay) steps: give the right --from or --dt, or export the "
            + "network again."
    }
}
