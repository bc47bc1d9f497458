import SobreDelivery
import SobreDispatch
import SobreModel
import SobreSQLite
import SobreStore
import SobreStoreConformance
import Testing

@Suite("Messages with files") struct MessageFileTests {
    private static let file = EmailContent.Attachment(
        filename: "a.pdf", contentType: "application/pdf", content: Array(repeating: 7, count: 50_000))

    private func enqueue(_ bench: DispatchBench) async throws -> MessageID {
        var draft = MessageDraft(recipient: "ann", template: "hello", channels: [.email])
        draft.attachments = [Self.file]
        guard case .accepted(let id)? = try await bench.store.enqueue([Submission(draft: draft)]).first else {
            throw StoreError(.io, "the message was not accepted")
        }
        return id
    }

    @Test func `the provider gets the bytes that the store kept, at every attempt`() async throws {
        let mail = ScriptedProvider("mail", .email, .transient, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await enqueue(bench)
            try await bench.work()
            try await bench.workWhenDue()
            #expect(try await bench.last(id).state == .sent)
            #expect(mail.received.count == 2)
            for outbound in mail.received {
                guard case .email(let email) = outbound.content else { throw StoreError(.io, "it is no email") }
                #expect(email.attachments == [Self.file])
            }
            #expect(bench.dispatcher.inFlight == 0)
        }
    }

    /// The store, which has lost the files or cannot read them.
    private struct FilelessStore: StoreProxy {
        let inner: any Store
        var fault: StoreError?

        func attachments(of message: MessageID) async throws(StoreError) -> [[UInt8]] {
            if let fault { throw fault }
            return []
        }
    }

    @Test(arguments: [nil, StoreError(.io, "The disk cannot be read.")])
    func `a message whose files cannot be read is not sent, and nobody is blamed`(fault: StoreError?) async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await enqueue(bench)
            let dispatcher = bench.dispatcher(over: FilelessStore(inner: bench.store, fault: fault))
            try await dispatcher.runUntilIdle()
            let last = try await bench.last(id)
            #expect(mail.received.isEmpty)
            #expect(!last.state.isFinal && last.attempt == 0, "\(last)")
            #expect(
                last.detail.contains(fault == nil ? "files are not there" : "The disk cannot be read"), "\(last.detail)"
            )
            #expect(dispatcher.inFlight == 0)
            // The real store has them.
            try await bench.workWhenDue()
            #expect(try await bench.last(id).state == .sent)
        }
    }
}
