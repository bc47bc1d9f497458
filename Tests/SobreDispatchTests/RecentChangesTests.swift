import SobreModel
import SobreStore
import Testing

@Suite("Recent changes")
struct RecentChangesTests {
    private let ann = KeyHash.recipient("ann")
    private let bob = KeyHash.recipient("bob")

    @Test("A change counts for marks before it, and only for its own keys")
    func order() {
        let changes = RecentChanges(capacity: 8)
        let before = changes.mark
        changes.note([ann])
        let between = changes.mark
        changes.note([bob])
        #expect(changes.hasChanged([ann], since: before))
        #expect(!changes.hasChanged([ann], since: between))
        #expect(changes.hasChanged([.none, bob], since: between))
        #expect(!changes.hasChanged([KeyHash("other")], since: before))
        #expect(!changes.hasChanged([ann, bob], since: changes.mark))
    }

    @Test("What no longer fits counts as changed, and newer marks are not affected")
    func bound() {
        let changes = RecentChanges(capacity: 4)
        let first = changes.mark
        changes.note([ann])
        let afterAnn = changes.mark
        for index in 0..<4 { changes.note([KeyHash("x\(index)")]) }
        #expect(changes.hasChanged([ann], since: first))
        #expect(!changes.hasChanged([bob], since: afterAnn), "one generation is kept besides the current one")
        for index in 4..<12 { changes.note([KeyHash("x\(index)")]) }
        #expect(changes.hasChanged([bob], since: afterAnn), "nobody knows any more")
        let late = changes.mark
        changes.note([KeyHash("y")])
        #expect(!changes.hasChanged([bob], since: late))
    }
}
