import Glibc
import Testing

@testable import SobreSandbox

@Suite struct ReceivedMessagesTests {
    static func message(
        _ seq: Int, at: Int64, person: String? = "p", to: String = "a@b.test", category: String? = "marketing",
        reference: String? = nil, accepted: Bool = true, possibleDuplicate: Bool = false,
        channel: ReceivedMessage.Channel = .email
    ) -> ReceivedMessage {
        // The real time is the same for all, so a check that used it would see one burst.
        var message = ReceivedMessage(at: 1, channel: channel, provider: "x", to: to)
        message.seq = seq
        message.clock = at
        message.person = person
        message.category = category
        message.reference = reference
        message.accepted = accepted
        message.possibleDuplicate = possibleDuplicate
        return message
    }

    @Test func `A rolling window is half open and counts over all channels`() {
        let messages = [
            Self.message(1, at: 0, channel: .sms), Self.message(2, at: 50, channel: .push), Self.message(3, at: 100),
            Self.message(4, at: 99, person: "q"), Self.message(5, at: 101, accepted: false),
            Self.message(6, at: 102, category: "transactional"),
        ]
        let received = ReceivedMessages(messages)
        #expect(received.capViolations(limit: 2, windowMilliseconds: 100, category: "marketing").isEmpty)
        let violations = received.capViolations(limit: 2, windowMilliseconds: 101, category: "marketing")
        #expect(violations.map(\.person) == ["p"] && violations[0].from == 0)
        #expect(violations[0].messages.map(\.seq) == [1, 2, 3])
        #expect(
            received.capViolations(limit: 2, windowMilliseconds: 100).map { $0.messages.map(\.seq) } == [[2, 3, 6]])
        #expect(received.capViolations(limit: 0, windowMilliseconds: 1) { $0.person == "q" }.count == 1)
    }

    @Test func `Rolling windows agree with a count at every instant`() {
        var random = Generator(state: 7)
        for _ in 0..<200 {
            let messages = (1...30).map { Self.message($0, at: Int64.random(in: 0..<200, using: &random)) }
            let limit = Int.random(in: 0...5, using: &random)
            let window = Int64.random(in: 1...60, using: &random)
            let slow = (-60...200).contains { start in
                messages.count { $0.instant >= Int64(start) && $0.instant < Int64(start) + window } > limit
            }
            let found = ReceivedMessages(messages).capViolations(limit: limit, windowMilliseconds: window)
            #expect(found.isEmpty != slow)
            for violation in found {
                #expect(violation.messages.count > limit)
                #expect(violation.messages.allSatisfy { $0.instant - violation.from < window })
            }
        }
    }

    @Test func `Messages without a recipient are checked by address, and their number is known`() {
        let messages = [
            Self.message(1, at: 0, person: nil, to: "A@b.test"), Self.message(2, at: 1, person: nil, to: "a@B.test"),
            Self.message(3, at: 2, person: nil, to: "c@b.test", category: nil),
        ]
        let received = ReceivedMessages(messages)
        #expect(received.capViolations(limit: 1, windowMilliseconds: 10).map(\.person) == ["email:a@b.test"])
        #expect(received.unattributed.count == 3 && received.uncategorized.map(\.seq) == [3])
        #expect(received.unreferenced.count == 3)
    }

    @Test func `Duplicates are copies of one reference at one address, flagged or not`() {
        let messages = [
            Self.message(1, at: 0, reference: "m1"), Self.message(2, at: 1, reference: "m1", accepted: false),
            Self.message(3, at: 2, reference: "m2"), Self.message(4, at: 3, reference: "m2", possibleDuplicate: true),
            Self.message(5, at: 4, reference: "m3"), Self.message(6, at: 5, reference: "m3"),
            Self.message(7, at: 6, to: "other@b.test", reference: "m1"), Self.message(8, at: 7), Self.message(9, at: 8),
        ]
        let received = ReceivedMessages(messages)
        let duplicates = received.duplicates()
        #expect(duplicates.map(\.reference) == ["m2", "m3"] && duplicates.map(\.isFlagged) == [true, false])
        #expect(duplicates[1].copies.map(\.seq) == [5, 6])
        #expect(received.duplicates(ofReference: "m1").isEmpty && received.duplicates(ofReference: "m3").count == 1)
        #expect(received.messages(ofReference: "m1").map(\.seq) == [1, 2, 7])
        #expect(received.acceptedByChannel == [.email: 8])
        #expect(received.acceptedCounts { $0.reference } == ["m1": 2, "m2": 2, "m3": 2, "": 2])
    }

    @Test func `A record with an invalid line is rejected`() async throws {
        try await withDirectory { directory in
            let path = directory + "/received.ndjson"
            for line in ["nonsense", "{}", #"{"seq":1,"at":1,"channel":"fax"}"#, ""] {
                let file = fopen(path, "w")
                fputs(#"{"seq":1,"at":1,"channel":"sms"}"# + "\n" + line + "\n", file)
                fclose(file)
                let error = #expect(throws: SandboxError.self) { try ReceivedMessages.load(path) }
                #expect(error?.description.hasPrefix("Line 2 of ") == true)
            }
            #expect(throws: SandboxError.self) { try ReceivedMessages.load(directory + "/missing") }
        }
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 1
            return mix(state)
        }
    }
}
