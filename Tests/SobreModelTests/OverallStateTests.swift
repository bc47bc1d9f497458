import SobreModel
import Testing

@Suite("The overall state of a message")
struct OverallStateTests {
    @Test(
        "What arrived counts before what waits, and what waits before what ended otherwise",
        arguments: [
            ([DeliveryState.queued], DeliveryState.queued), ([.sent, .held], .sent),
            ([.cancelled, .delivered], .delivered),
            ([.sent, .clicked], .clicked), ([.scheduled, .failed], .scheduled), ([.attempting, .queued], .attempting),
            ([.unknown, .failed], .unknown), ([.dropped, .bounced], .bounced), ([.expired, .dropped], .expired),
        ])
    func overall(states: [DeliveryState], expected: DeliveryState) {
        #expect(DeliveryState.overall(states) == expected)
        #expect(DeliveryState.overall(states.reversed()) == expected)
    }

    @Test("Every pair of states has one answer, which is one of the two")
    func pairs() {
        #expect(DeliveryState.overall([]) == nil)
        for a in DeliveryState.allCases {
            for b in DeliveryState.allCases {
                let overall = DeliveryState.overall([a, b])
                #expect(overall == a || overall == b)
                #expect(overall == DeliveryState.overall([b, a]))
            }
        }
    }
}
