extension RouteTable {
    /// Checks that every route leads to an axon that exists, and that routes are in order.
    ///
    /// - Parameters:
    ///   - place: As in messages.
    ///   - senders: Number of neurons or channels.
    ///   - axons: Axons in of each used core.
    ///   - hasPlanes: Whether a sender may have several axons of a core.
    /// - Throws: `ChipImageError.invalid`.
    func verify(
        _ place: String,
        senders: Int,
        axons: [UInt32: Int],
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
                let name = "\(place), route \(index) (of sender \(sender))"
                guard let count = axons[route.core], Int(route.axon) < count else {
                    throw .invalid(
                        place: name,
                        what: "it leads to axon \(route.axon) of core \(route.core)",
                        limit: axons[route.core].map { "That core has \($0) axons in" }
                            ?? "That core is not in use"
                    )
                }
                if let previous, hasPlanes ? previous >= route : previous.core >= route.core {
                    throw .invalid(
                        place: name,
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
