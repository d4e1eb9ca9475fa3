import ChipImage
package import ChipSpec
import Interconnect
import NetworkIR

/// Gives each sender an axon on every core that holds a target of it.
package struct RouteSpikes: Pass {
    package static let name = "route"
    let chip: ChipSpec

    /// Makes the pass.
    ///
    /// - Parameter chip: The chip.
    package init(chip: ChipSpec) { self.chip = chip }

    package func run(_ placement: Placement) -> Routing {
        let quantised = placement.partitioning.quantised
        let populations = quantised.canonical.network.populations
        var routes = populations.map { [[Route]](repeating: [], count: $0.count) }
        var axons: [[Sender]] = []
        let (kinds, kindsOfProjection) = quantised.rowKinds()
        let hasPlanes = quantised.hasPlanes
        // An axon listens to a sender, or to a sender for one kind of row.
        var listening =
            hasPlanes
            ? kinds.map { [Int](repeating: -1, count: populations[$0.source].count) }
            : populations.map { [Int](repeating: -1, count: $0.count) }
        var home = [[Int]](repeating: [], count: populations.count)
        for (index, core) in placement.partitioning.cores.enumerated() {
            var senders: [Sender] = []
            for slice in core.slices {
                let population = quantised.canonical.onChip[slice.population]
                home[population] += slice.neurons.map { _ in placement.physicalCore[index] }
                for projection in quantised.canonical.incoming[population] {
                    let table = quantised.projections[projection]
                    let source = quantised.canonical.network.projections[projection].source
                    for neuron in slice.neurons {
                        for k in table.layout.indices(of: neuron) where table.isSynapse(k) {
                            let sender = table.layout.source(of: k, target: neuron)
                            guard hasPlanes else {
                                guard listening[source][sender] != index else { continue }
                                listening[source][sender] = index
                                senders.append(Sender(population: source, neuron: sender))
                                continue
                            }
                            for plane in PlaneSet(table.planes(of: k)) {
                                let kind = kindsOfProjection[projection][plane]
                                guard listening[kind][sender] != index else { continue }
                                listening[kind][sender] = index
                                senders.append(
                                    Sender(population: source, neuron: sender, kind: kind)
                                )
                            }
                        }
                    }
                }
            }
            senders.sort()
            for (axon, sender) in senders.enumerated() {
                routes[sender.population][sender.neuron].append(
                    Route(core: UInt32(placement.physicalCore[index]), axon: UInt32(axon))
                )
            }
            axons.append(senders)
        }
        let topology = Topology(chip)
        var packets = 0
        var localPackets = 0
        var hops = 0
        for population in routes.indices {
            for neuron in routes[population].indices {
                routes[population][neuron].sort()
                let core = home[population].isEmpty ? nil : home[population][neuron]
                let cores = routes[population][neuron].map(\.core)
                let local = cores.count { Int($0) == core }
                packets += cores.count - local
                localPackets += local
                let traffic = topology.traffic(
                    from: core.map { topology.tile(of: UInt32($0)) } ?? 0,
                    to: cores.map { topology.tile(of: $0) },
                    casting: chip.interconnect.casting
                )
                hops += Int(traffic.eastWest + traffic.northSouth + traffic.plain)
            }
        }
        return Routing(
            placement: placement,
            axons: axons,
            routes: routes,
            packets: packets,
            localPackets: localPackets,
            hops: hops
        )
    }

    package func statistics(of output: Routing) -> [Statistic] {
        [
            Statistic("packets if all spike", output.packets),
            Statistic("packets within their core", output.localPackets),
            Statistic("hops if all spike", output.hops),
        ]
    }

    package func violation(in output: Routing, of input: Placement) -> String? {
        for (core, senders) in output.axons.enumerated()
        where senders.count != input.partitioning.cores[core].usage.axonsIn {
            return "core \(core) was planned with another number of axons."
        }
        let hasPlanes = input.partitioning.quantised.hasPlanes
        for routes in output.routes.joined() {
            for (one, next) in zip(routes, routes.dropFirst())
            where hasPlanes ? one >= next : one.core >= next.core {
                return "the routes of a sender are not in order."
            }
        }
        return nil
    }
}
