extension RouteTable {
    /// Checks that every route leads to an axon that exists, and that routes are in order.
    ///
    /// - Parameters:
    ///   - place: As in messages.
    ///   - senders: Number of neurons or channels.
    ///   - axons: Axons in of each core, −1 of cores that are not in use; cores beyond its end are not
    ///     in use either.
    ///   - hasPlanes: Whether a sender may have several axons of a core.
    /// - Throws: `ChipImageError.invalid`.
    func verify(
        _ place: String,
        senders: Int,
        axons: [Int],
        hasPlanes: Bool
    ) throws(ChipImageError) {
        try checkOffsets(
            offsets,
            owners: senders,
            end: routes.count,
            "\(place), route offsets"
        )
        for sender in 0..<senders {
            var previous: Route?
            for index in Int(offsets[sender])..<Int(offsets[sender + 1]) {
                let route = routes[index]
                // Made for an error only: there are millions of routes.
                func name() -> String { "\(place), route \(index) (of sender \(sender))" }
                let core = Int(route.core)
                let count = core < axons.count ? axons[core] : -1
                guard Int(route.axon) < count else {
                    throw .invalid(
                        place: name(),
                        what: "it leads to axon \(route.axon) of core \(route.core)",
                        limit: count < 0
                            ? "That core is not in use" : "That core has \(count) axons in"
                    )
                }
                if let previous, hasPlanes ? previous >= route : previous.core >= route.core {
                    throw .invalid(
                        place: name(),
                        what: "core \(route.core) follows core \(previous.core)",
                        limit: hasPlanes
                            ? "A sender's routes ascend by core and axon, each at most once"
                            : "The cores of a sender's routes ascend, each at most once"
                    )
                }
                previous = route
            }
        }
    }
}
