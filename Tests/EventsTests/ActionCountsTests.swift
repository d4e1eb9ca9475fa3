import Events
import Testing

@Suite("Action and packet counts")
struct ActionCountsTests {
    @Test("every action has a name of its own and is found by it")
    func names() {
        for action in Action.allCases { #expect(Action(name: action.name) == action) }
        #expect(Action(name: "thinking") == nil)
        #expect(Set(Action.allCases.map(\.name)).count == Action.allCases.count)
    }

    @Test("the order of actions is the order of every energy table")
    func order() {
        let names = [
            "axonIn", "synapticEvent", "somaAccess", "somaUpdateActive", "somaUpdateInactive",
            "spike", "axonOut", "withinTile", "hopEastWest", "hopNorthSouth", "stateReset", "step",
        ]
        #expect(Action.allCases.prefix(names.count).map(\.name) == names)
        #expect(Action.allCases.map(\.rawValue) == Array(Action.allCases.indices))
    }

    @Test("counts are added action by action")
    func addition() {
        var a = ActionCounts()
        var b = ActionCounts()
        for (index, action) in Action.allCases.enumerated() {
            #expect(a[action] == 0)
            a[action] = UInt64(index)
            b[action] = UInt64(100 * index)
        }
        a += b
        for (index, action) in Action.allCases.enumerated() {
            #expect(a[action] == UInt64(101 * index))
            #expect(b[action] == UInt64(100 * index))
        }
    }

    @Test("packets are added, dropped ones cause by cause")
    func packets() {
        var a = PacketCounts()
        a.sent = 5
        a.delivered = 3
        a.dropped[DropCause.endOfSample.rawValue] = 2
        var b = a
        b += a
        #expect(b.sent == 10 && b.delivered == 6 && b.droppedInTotal == 4)
        #expect(b.sent == b.delivered + b.droppedInTotal)
        #expect(DropCause.endOfSample.name == "endOfSample")
    }
}
