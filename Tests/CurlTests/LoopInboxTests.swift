import Testing

@testable import Curl

struct LoopInboxTests {
    @Test("A request returned to a full inbox leaves no room for others until it is taken")
    func overfull() {
        let inbox = LoopInbox<Int>(maxWaiting: 2)
        #expect(inbox.add([1, 2]).accepted == 2)
        _ = inbox.take(left: 1)
        #expect(inbox.add([3]).accepted == 1)
        // The request that was taken is returned, so that more wait than the limit allows.
        _ = inbox.take(left: -1)
        let (accepted, refusal) = inbox.add([4, 5])
        #expect(accepted == 0)
        #expect(refusal?.reason == .overloaded)
        _ = inbox.take(left: 2)
        #expect(inbox.add([4, 5]).accepted == 1)
    }
}
