/// Ways in a tree of routers: up to the lowest common router, then down.
///
/// Routers are numbered level by level, the leaves first. Link r leads up from router r; link
/// `routerCount` + r leads down to it.
struct TreeRouting: Sendable {
    /// First router of each level, and one more entry at the end.
    private let firstOfLevel: [Int]
    private let branching: Int

    init(leaves: Int, branching: Int) {
        self.branching = branching
        var first = [0, leaves]
        var size = leaves
        while size > 1 {
            size = (size + branching - 1) / branching
            first.append(first[first.count - 1] + size)
        }
        firstOfLevel = first
    }

    var routerCount: Int { firstOfLevel[firstOfLevel.count - 1] }

    private func level(of router: Int) -> Int {
        var level = 0
        while router >= firstOfLevel[level + 1] { level += 1 }
        return level
    }

    private func parent(of router: Int) -> Int {
        let level = level(of: router)
        return firstOfLevel[level + 1] + (router - firstOfLevel[level]) / branching
    }

    func nextLink(at router: Int, toward tile: Int) -> Int {
        let level = level(of: router)
        guard level > 0 else { return router }
        // The ancestor of the tile below this level, if its parent is this router.
        var index = tile
        for _ in 1..<max(1, level) { index /= branching }
        return index / branching == router - firstOfLevel[level]
            ? routerCount + firstOfLevel[level - 1] + index : router
    }

    func end(of link: Int) -> Int {
        link < routerCount ? parent(of: link) : link - routerCount
    }

    func name(of link: Int) -> String {
        let router = link % routerCount
        let level = level(of: router)
        let place =
            level == 0
            ? "tile \(router)" : "router \(router - firstOfLevel[level]) of level \(level)"
        return link < routerCount ? "\(place) up" : "down to \(place)"
    }
}
