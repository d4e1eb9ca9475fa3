package import ChipSpec
import NetworkIR

/// Which cores of the chip neurons may lie on: the living ones, and for pinned populations those that they
/// are pinned to.
package struct CoreChoice: Sendable, Equatable {
    /// Dead cores, ascending.
    package let dead: [Int]
    /// Cores that are not dead.
    package let living: Int
    /// Label of each population, by index in `CanonicalNetwork.onChip`: 0 is free, others are pinned.
    package let label: [Int]
    /// Living cores of each label from 1 up, `[label - 1]`, ascending.
    package let pinned: [[Int]]
    /// Paths of the populations of each label from 1 up.
    package let populations: [[String]]
    private let isDead: [Bool]

    /// Checks what the user chose.
    ///
    /// - Parameters:
    ///   - options: What the user asks for.
    ///   - canonical: The network.
    ///   - chip: The chip.
    /// - Throws: `CompilerError` if a core or a population does not exist.
    package init(_ options: CompilerOptions, _ canonical: CanonicalNetwork, chip: ChipSpec) throws {
        let count = chip.mesh.coreCount
        func check(_ core: Int, _ use: String) throws {
            guard (0..<count).contains(core) else {
                throw CompilerError.noSuchCore(use: use, core: core, cores: count, chip: chip.name)
            }
        }
        var isDead = [Bool](repeating: false, count: options.deadCores.isEmpty ? 0 : count)
        for core in options.deadCores {
            try check(core, "dead cores")
            isDead[core] = true
        }
        self.isDead = isDead
        dead = isDead.indices.filter { isDead[$0] }
        living = count - dead.count
        let paths = canonical.onChip.map { canonical.network.populations[$0].path }
        var sets: [[Int]] = []
        var names: [[String]] = []
        var label = [Int](repeating: 0, count: paths.count)
        for (path, cores) in options.pinned.sorted(by: { $0.key < $1.key }) {
            for core in cores { try check(core, "cores of population '\(path)'") }
            guard let index = paths.firstIndex(of: path) else {
                throw CompilerError.noSuchPopulation(population: path, populations: paths)
            }
            let set = Set(cores).sorted().filter { isDead.isEmpty || !isDead[$0] }
            if let known = sets.firstIndex(of: set) {
                label[index] = known + 1
                names[known].append(path)
            } else {
                sets.append(set)
                names.append([path])
                label[index] = sets.count
            }
        }
        pinned = sets
        populations = names
        self.label = label
    }

    /// Whether every core may be used for everything.
    package var isFree: Bool { dead.isEmpty && pinned.isEmpty }

    /// Whether neurons of any label may lie on a core.
    ///
    /// - Parameters:
    ///   - core: A core of the chip.
    ///   - label: Label of the neurons.
    /// - Returns: Whether they may.
    package func allows(_ core: Int, label: Int) -> Bool {
        if !isDead.isEmpty, isDead[core] { return false }
        return label == 0 || pinned[label - 1].contains(core)
    }

    /// Label of a core to be.
    ///
    /// - Parameter core: The core.
    /// - Returns: That of its populations, which is the same for all of them.
    package func label(of core: PartitionedCore) -> Int {
        core.slices.first.map { label[$0.population] } ?? 0
    }

    /// Finds a place for each core to be.
    ///
    /// Pinned ones are matched first (Kuhn's augmenting paths), so that lists may overlap; the others take the
    /// first places that are left.
    ///
    /// - Parameters:
    ///   - labels: Label of each core to be.
    ///   - order: All cores of the chip, the best first.
    /// - Returns: A core of the chip for each, or the label of which one found no place.
    package func places(
        for labels: [Int],
        in order: [Int]
    ) -> (places: [Int], homeless: Int?) {
        let rank =
            pinned.isEmpty ? [:] : [Int: Int](uniqueKeysWithValues: zip(order, order.indices))
        let preferred = pinned.map { set in
            set.sorted { rank[$0, default: 0] < rank[$1, default: 0] }
        }
        var owner: [Int: Int] = [:]
        var visited: Set<Int> = []
        func settle(_ index: Int) -> Bool {
            for place in preferred[labels[index] - 1] where visited.insert(place).inserted {
                if let other = owner[place], !settle(other) { continue }
                owner[place] = index
                return true
            }
            return false
        }
        for index in labels.indices where labels[index] > 0 {
            visited = []
            guard settle(index) else { return ([], labels[index]) }
        }
        var places = [Int](repeating: -1, count: labels.count)
        for (place, index) in owner { places[index] = place }
        var next = 0
        for index in labels.indices where labels[index] == 0 {
            while next < order.count, owner[order[next]] != nil || !allows(order[next], label: 0) {
                next += 1
            }
            guard next < order.count else { return ([], 0) }
            places[index] = order[next]
            next += 1
        }
        return (places, nil)
    }
}
