import ChipImage
package import ChipSpec
import Interconnect
import NetworkIR

/// Gives each sender an axon on every core that holds a target of it.
package struct RouteSpikes: ListedPass {
    package static let pass = CompilerPass.route
    let chip: ChipSpec

    /// Makes the pass.
    ///
    /// - Parameter chip: The chip.
    package init(chip: ChipSpec) { self.chip = chip }

    package func run(_ placement: Placement) -> Routing {
        let routes = routes(placement.axons, placement, placement.sources)
        let (packets, localPackets, hops, hopsOfRun) = traffic(routes, placement)
        return Routing(
            placement: placement,
            routes: routes,
            packets: packets,
            localPackets: localPackets,
            hops: hops,
            hopsOfRun: placement.partitioning.rates == nil ? nil : hopsOfRun
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
        if output.packets != input.partitioning.packets {
            return "\(input.partitioning.packets) packets were planned, \(output.packets) are sent."
        }
        for table in output.routes {
            for sender in 0..<table.offsets.count - 1 {
                let routes = table[sender]
                for (one, next) in zip(routes, routes.dropFirst())
                where output.sources.hasPlanes ? one >= next : one.core >= next.core {
                    return "the routes of a sender are not in order."
                }
            }
        }
        return nil
    }

    /// The routes of each neuron: counted, then set core by core in ascending order.
    private func routes(
        _ axons: [[Int32]],
        _ placement: Placement,
        _ sources: AxonSources
    ) -> [RouteTable] {
        let populations = placement.partitioning.quantised.canonical.network.populations
        var next = [UInt32](repeating: 0, count: sources.count)
        for numbers in axons {
            for number in numbers { next[Int(number)] += 1 }
        }
        var tables: [RouteTable] = []
        for population in populations.indices {
            var offsets: [UInt32] = [0]
            offsets.reserveCapacity(populations[population].count + 1)
            var total: UInt32 = 0
            for neuron in 0..<populations[population].count {
                let numbers = sources.numbers(of: neuron, in: population)
                let start = total
                for number in numbers { total += next[number] }
                // All numbers of a neuron share its routes, which are set core by core.
                for number in numbers { next[number] = start }
                offsets.append(total)
            }
            tables.append(
                RouteTable(
                    offsets: offsets,
                    routes: [Route](repeating: Route(core: 0, axon: 0), count: Int(total))
                )
            )
        }
        let order = placement.physicalCore.indices.sorted {
            placement.physicalCore[$0] < placement.physicalCore[$1]
        }
        for index in order {
            var population = 0
            for (axon, number) in axons[index].enumerated() {
                let number = Int(number)
                while !sources.numbers(of: population).contains(number) { population += 1 }
                let neuron = sources.neuron(of: number, in: population)
                // The next free route of the neuron is kept at its first number.
                let first = sources.numbers(of: neuron, in: population).lowerBound
                tables[population].routes[Int(next[first])] = Route(
                    core: UInt32(placement.physicalCore[index]),
                    axon: UInt32(axon)
                )
                next[first] += 1
            }
        }
        return tables
    }

    private func traffic(
        _ tables: [RouteTable],
        _ placement: Placement
    ) -> (packets: Int, localPackets: Int, hops: Int, hopsOfRun: Int) {
        let canonical = placement.partitioning.quantised.canonical
        var home = canonical.network.populations.map { [Int32](repeating: -1, count: $0.count) }
        for (index, core) in placement.partitioning.cores.enumerated() {
            for slice in core.slices {
                let population = canonical.onChip[slice.population]
                for neuron in slice.neurons {
                    home[population][Int(neuron)] = Int32(placement.physicalCore[index])
                }
            }
        }
        let topology = Topology(chip)
        let rates = placement.partitioning.rates
        var (packets, localPackets, hops, hopsOfRun) = (0, 0, 0, 0)
        for (population, table) in tables.enumerated() {
            for sender in home[population].indices {
                let core = home[population][sender]
                let from = core < 0 ? 0 : topology.tile(of: UInt32(core))
                let routes = table[sender]
                let local = routes.count { Int32($0.core) == core }
                packets += routes.count - local
                localPackets += local
                let before = hops
                if chip.interconnect.casting == .unicast {
                    for route in routes {
                        let tile = topology.tile(of: route.core)
                        hops += topology.distance(fromTile: from, toTile: tile)
                    }
                } else {
                    let traffic = topology.traffic(
                        from: from,
                        to: routes.map { topology.tile(of: $0.core) },
                        casting: .multicast
                    )
                    hops += Int(traffic.eastWest + traffic.northSouth + traffic.plain)
                }
                if let rates {
                    hopsOfRun &+= (hops - before) &* Int(rates.spikes[population][sender])
                }
            }
        }
        return (packets, localPackets, hops, hopsOfRun)
    }
}
