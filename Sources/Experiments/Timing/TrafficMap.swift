public import ChipSpec
import Events
import Interconnect
public import Report

/// How busy the tiles and links of a chip were in a run.
public struct TrafficMap: Sendable {
    /// Synaptic events of each tile in the run.
    public let synapticEvents: [UInt64]
    /// Packets that passed each link in the run; links numbered as in `Topology`.
    public let linkPackets: [UInt64]
    private let topology: Topology
    private let chip: ChipSpec
    private let steps: UInt64

    /// Counts what spikes put on tiles and links.
    ///
    /// - Parameters:
    ///   - timing: A run.
    ///   - chip: Its chip.
    public init(_ timing: TimingResult, chip: ChipSpec) {
        let topology = Topology(chip)
        let packets = timing.packets
        let tiles = packets.cores.map { topology.tile(of: $0) }
        var events = [UInt64](repeating: 0, count: topology.tileCount)
        var links = [UInt64](repeating: 0, count: topology.linkCount)
        var source = 0
        for sender in 0..<packets.senderCount {
            while source < tiles.count, sender >= packets.firstSenderOfCore[source + 1] {
                source += 1
            }
            let spikes = timing.spikesOfSender[sender]
            guard spikes > 0 else { continue }
            let routes = packets.routes(of: sender)
            for route in routes {
                events[tiles[Int(route.core)]] += spikes * UInt64(route.synapses)
            }
            topology.forEachLink(
                from: source < tiles.count ? tiles[source] : 0,
                to: routes.map { tiles[Int($0.core)] },
                casting: chip.interconnect.casting
            ) { links[$0] += spikes }
        }
        synapticEvents = events
        linkPackets = links
        self.topology = topology
        self.chip = chip
        steps = timing.usage.steps
    }

    /// The busiest link; nil if no packet passed any.
    public var busiestLink: (name: String, packets: UInt64)? {
        let busiest = linkPackets.indices.max { linkPackets[$0] < linkPackets[$1] }
        guard let busiest, linkPackets[busiest] > 0 else { return nil }
        return (topology.name(of: busiest), linkPackets[busiest])
    }

    /// The map as a picture: tiles by synaptic events, links by packets, both a step.
    public var figure: MapFigure {
        let each = 1 / Double(max(1, steps))
        let cells = synapticEvents.indices.map { tile in
            let place = topology.place(of: tile)
            return MapFigure.Cell(
                column: place.column,
                row: place.row,
                value: Double(synapticEvents[tile]) * each
            )
        }
        return MapFigure(
            title: "\(chip.name): busy tiles and links",
            columns: chip.mesh.width,
            rows: chip.mesh.height,
            cells: cells,
            links: topology.figureLinks(linkPackets, of: chip, each: each),
            cellLabel: "synaptic events a step",
            linkLabel: "packets a step",
            caption: busiestLink.map {
                "busiest link: \($0.name), \(Format.fixed(Double($0.packets) * each, decimals: 2)) "
                    + "packets a step"
            } ?? "no packet left its tile"
        )
    }
}

extension Topology {
    /// Links of a grid that packets pass, as a picture shows them; none of other forms.
    ///
    /// - Parameters:
    ///   - packets: Packets of each link.
    ///   - chip: The chip.
    ///   - each: Factor of what is shown.
    /// - Returns: Arrows between neighbouring tiles.
    func figureLinks(_ packets: [UInt64], of chip: ChipSpec, each: Double) -> [MapFigure.Link] {
        guard [.mesh, .torus].contains(chip.interconnect.topology) else { return [] }
        return packets.indices.filter { packets[$0] > 0 }.map { link in
            let start = place(of: link / 4)
            let step = [(1, 0), (-1, 0), (0, 1), (0, -1)][link & 3]
            return MapFigure.Link(
                column: start.column,
                row: start.row,
                towardColumn: step.0,
                towardRow: step.1,
                value: Double(packets[link]) * each
            )
        }
    }
}
