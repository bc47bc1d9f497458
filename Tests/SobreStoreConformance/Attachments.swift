import SobreModel
import SobreStore

extension StoreConformance {
    static let attachments: [ConformanceCheck] = [
        ConformanceCheck("A message's files are claimed without their bytes, which stay until the message goes") {
            test in
            var driver = try await StoreDriver(test)
            let files = [
                EmailContent.Attachment(
                    filename: "Größe \"1\".pdf", contentType: "application/pdf",
                    content: Array(repeating: 7, count: 100_000)),
                EmailContent.Attachment(
                    filename: "l.png", contentType: "image/png", content: [0, 255], contentID: "logo"),
            ]
            var draft = StoreDriver.draft()
            draft.attachments = files
            let id = try await driver.enqueue(draft)[0]
            let other = try await driver.enqueue(StoreDriver.draft("bob"))[0]
            driver = try await driver.reopened()
            let claimed = try await driver.claim()
            let found = try requireSome(claimed.first { $0.message.id == id }).message.attachments
            try requireEqual(found.map(\.filename), files.map(\.filename))
            try requireEqual(found.map(\.contentType), files.map(\.contentType))
            try requireEqual(found.map(\.contentID), files.map(\.contentID))
            try requireEqual(found.map(\.byteCount), files.map(\.byteCount))
            try requireEqual(found.map(\.digest), files.map(\.digest))
            try requireEqual(found.map(\.content), [[], []])
            try requireEqual(try await driver.store.attachments(of: id), files.map(\.content))
            try requireEqual(try await driver.store.attachments(of: other), [])
            try requireEqual(try await driver.store.message(id)?.attachments.map(\.filename), files.map(\.filename))
            await driver.store.close()
        },
        ConformanceCheck("A message's trace is claimed and read in the log, and goes when its recipient is erased") {
            test in
            var driver = try await StoreDriver(test)
            let trace = try requireSome(TraceParent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
            var draft = StoreDriver.draft()
            draft.trace = trace
            draft.tenant = "shop"
            let id = try await driver.enqueue(draft)[0]
            try await driver.enqueue(StoreDriver.draft("bob"))
            driver = try await driver.reopened()
            let claimed = try await driver.claim()
            try requireEqual(try requireSome(claimed.first { $0.message.id == id }).message.trace, trace)
            try requireEqual(try requireSome(claimed.first { $0.message.id != id }).message.trace, nil)
            let log = try await driver.store.log(LogQuery(direction: .forward(after: nil), limit: 10)).rows
            try requireEqual(log.map { $0.recipient == "ann" ? trace : nil }, log.map(\.trace))
            try requireEqual(log.contains { $0.trace != nil }, true)
            try await driver.store.put([StoreDriver.person()])
            _ = try await driver.store.erase("ann")
            let message = try requireSome(try await driver.store.message(id))
            try requireEqual(message.trace, nil)
            try requireEqual(message.tenant, "shop")
            await driver.store.close()
        },
        ConformanceCheck("Erasing the recipient and the end of its retention remove a message's files") { test in
            let driver = try await StoreDriver(test)
            var draft = StoreDriver.draft()
            draft.attachments = [
                EmailContent.Attachment(
                    filename: "invoice-ann.pdf", contentType: "application/pdf", content: [1, 2, 3])
            ]
            draft.tenant = "shop"
            try await driver.store.put([StoreDriver.person()])
            let erased = try await driver.enqueue(draft)[0]
            draft.recipient = "bob"
            let old = try await driver.enqueue(draft)[0]
            _ = try await driver.store.erase("ann")
            try requireEqual(try await driver.store.attachments(of: erased), [])
            let message = try requireSome(try await driver.store.message(erased))
            try requireEqual(message.attachments, [])
            try requireEqual(message.tenant, "shop")
            try requireEqual(try await driver.store.attachments(of: old).count, 1)
            _ = try await driver.store.cancel(old)
            // The newest message stays.
            try await driver.enqueue(StoreDriver.draft("eve"))
            let end = driver.time.now() + .seconds(86_400)
            _ = try await driver.store.prune(messagesBefore: end, ledgerBefore: end, idempotencyBefore: end, limit: 100)
            try requireEqual(try await driver.store.message(old), nil)
            try requireEqual(try await driver.store.attachments(of: old), [])
            await driver.store.close()
        },
    ]
}
