import ChipImage
import ChipSpec
import Events

// Ways of packets, link by link.
extension ReferenceMachine {
    /// Counts the links that the packets of a spike pass.
    mutating func travel(from sender: NeuronAddress, to cores: [UInt32]) {
        let mesh = image.chip.mesh
        let start = sender.isInput ? 0 : Int(sender.core) / mesh.coresPerTile
        var passed: Set<String> = []
        for core in cores {
            let end = Int(core) / mesh.coresPerTile
            if start == end { report.actions[.withinTile] += 1 }
            for link in links(from: start, to: end) {
                let isNew = passed.insert(link.name).inserted
                let isMulticast = image.chip.interconnect.casting == .multicast
                if isMulticast && !isNew && planted != .copiesPassLinksAgain { continue }
                report.actions[link.action] += 1
            }
        }
    }

    /// The links between two tiles, each with a name of its own.
    private func links(from start: Int, to end: Int) -> [(name: String, action: Action)] {
        switch image.chip.interconnect.topology {
        case .mesh, .torus: gridLinks(from: start, to: end)
        case .tree: treeLinks(from: start, to: end)
        case .crossbar: start == end ? [] : [("switch \(end)", .hop)]
        }
    }

    private func place(of tile: Int) -> [Int] {
        let mesh = image.chip.mesh
        return image.chip.interconnect.tileOrder == .rows
            ? [tile % mesh.width, tile / mesh.width] : [tile / mesh.height, tile % mesh.height]
    }

    private func gridLinks(from start: Int, to end: Int) -> [(name: String, action: Action)] {
        var here = place(of: start)
        let there = place(of: end)
        let sizes = [image.chip.mesh.width, image.chip.mesh.height]
        var links: [(name: String, action: Action)] = []
        for axis in [0, 1] {
            while here[axis] != there[axis] {
                let up: Bool
                if image.chip.interconnect.topology == .torus {
                    let above = (there[axis] - here[axis] + sizes[axis]) % sizes[axis]
                    let below = sizes[axis] - above
                    up = above < below || (above == below && here[axis] % 2 == 0)
                } else {
                    up = there[axis] > here[axis]
                }
                links.append(("\(here) \(axis) \(up)", axis == 0 ? .hopEastWest : .hopNorthSouth))
                here[axis] = (here[axis] + (up ? 1 : sizes[axis] - 1)) % sizes[axis]
            }
        }
        return links
    }

    private func treeLinks(from start: Int, to end: Int) -> [(name: String, action: Action)] {
        var (a, b) = (start, end)
        var up: [(name: String, action: Action)] = []
        var down: [(name: String, action: Action)] = []
        var level = 0
        while a != b {
            up.append(("up \(level) \(a)", .hop))
            down.append(("down \(level) \(b)", .hop))
            a /= image.chip.interconnect.branching
            b /= image.chip.interconnect.branching
            level += 1
        }
        return up + down.reversed()
    }
}
