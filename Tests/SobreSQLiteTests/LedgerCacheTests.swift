import SobreModel
import Testing

@testable import SobreSQLite

@Suite("Ledgers in memory")
struct LedgerCacheTests {
    private let ann = KeyHash("ann")
    private let mailbox = KeyHash("mailbox")

    private func contact(_ id: Int64, of person: KeyHash, at milliseconds: Int64) -> LedgerEntry {
        LedgerEntry(
            id: id, delivery: DeliveryID(rawValue: id), state: .committed,
            reservedAt: Instant(milliseconds: milliseconds - 1),
            committedAt: Instant(milliseconds: milliseconds),
            traits: ContactTraits(
                message: MessageDraft(recipient: "ann", template: "t", channels: [.email]), channel: .email),
            recipient: person, address: mailbox)
    }

    private func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

    @Test func `A person who was never read is not known`() {
        var cache = LedgerCache(capacity: 100)
        cache.add(contact(1, of: ann, at: 10), holders: [])
        #expect(cache.entries(of: ann, [ann, mailbox], after: at(0)) == nil)
    }

    @Test func `A contact is added once to everybody whose person or address it reached`() {
        var cache = LedgerCache(capacity: 100)
        let bob = KeyHash("bob")
        cache.insert([], of: ann, [ann, mailbox], since: at(0))
        cache.insert([], of: bob, [bob, mailbox], since: at(0))
        let cy = KeyHash("cy")
        cache.insert([], of: cy, [cy], since: at(0))
        cache.add(contact(1, of: ann, at: 10), holders: [cy])
        #expect(cache.entries(of: ann, [ann, mailbox], after: at(0))?.map(\.id) == [1])
        #expect(cache.entries(of: ann, [ann, mailbox], after: at(0))?.map(\.countsForHolder) == [true])
        #expect(cache.entries(of: bob, [bob, mailbox], after: at(0))?.map(\.id) == [1])
        // Bob is found by the address alone, and Cy held it when the contact was made.
        #expect(cache.entries(of: bob, [bob, mailbox], after: at(0))?.map(\.countsForHolder) == [false])
        #expect(cache.entries(of: cy, [cy], after: at(0))?.map(\.countsForHolder) == [true])
    }

    @Test func `Contacts come by time, then id, whatever the order in which they were recorded`() {
        var cache = LedgerCache(capacity: 100)
        cache.insert([contact(5, of: ann, at: 10)], of: ann, [ann, mailbox], since: at(0))
        for id in [7, 6, 3] as [Int64] { cache.add(contact(id, of: ann, at: 20), holders: []) }
        #expect(cache.entries(of: ann, [ann, mailbox], after: at(0))?.map(\.id) == [5, 3, 6, 7])
    }

    @Test func `Contacts at the cutoff and before it are forgotten, and an earlier cutoff has to be read`() {
        var cache = LedgerCache(capacity: 100)
        let contacts = [10, 20, 30].map { contact($0, of: ann, at: $0) }
        cache.insert(contacts, of: ann, [ann, mailbox], since: at(0))
        #expect(cache.entries(of: ann, [ann, mailbox], after: at(20))?.map(\.id) == [30])
        #expect(cache.entries(of: ann, [ann, mailbox], after: at(19)) == nil)
    }

    @Test func `A person with another address has to be read again`() {
        var cache = LedgerCache(capacity: 100)
        cache.insert([], of: ann, [ann, mailbox], since: at(0))
        #expect(cache.entries(of: ann, [ann, KeyHash("new mailbox")], after: at(0)) == nil)
        #expect(cache.entries(of: ann, [ann, mailbox], after: at(0)) == nil)
    }

    @Test func `A contact that has changed has to be read again, by all whom it concerns`() {
        var cache = LedgerCache(capacity: 100)
        let bob = KeyHash("bob")
        cache.insert([contact(1, of: ann, at: 10)], of: ann, [ann, mailbox], since: at(0))
        cache.insert([contact(1, of: ann, at: 10)], of: bob, [bob, mailbox], since: at(0))
        cache.forget(contact(1, of: ann, at: 10), holders: [])
        #expect(cache.entries(of: ann, [ann, mailbox], after: at(0)) == nil)
        #expect(cache.entries(of: bob, [bob, mailbox], after: at(0)) == nil)
    }

    @Test func `Whoever was not asked for is forgotten first, and what is kept stays below the capacity`() {
        var cache = LedgerCache(capacity: 300)
        let people = (0..<200).map { KeyHash("person \($0)") }
        for person in people {
            cache.insert([contact(1, of: person, at: 10)], of: person, [person], since: at(0))
            #expect(cache.entries(of: people[0], [people[0]], after: at(0)) != nil)
        }
        let kept = people.filter { cache.entries(of: $0, [$0], after: at(0)) != nil }
        #expect(kept.contains(people[199]))
        #expect(!kept.contains(people[1]))
        #expect(kept.count <= 100)
    }
}
