import JSON
import SobreIntake
import SobreModel
import SobreSQLite
import SobreStore
import SobreStoreConformance
import Testing

/// Names in what recipients want: categories, topics, channels and caps.
@Suite("A misspelt wish is an error") struct KnownNameTests {
    private func withIntake(
        _ catalogue: TestCatalogue = TestCatalogue(), _ body: (Intake, SQLiteStore) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore.open(directory: directory)
            try await store.put([Profile(id: "ann", addresses: [Address(channel: .email, value: "ann@example.com")])])
            try await body(Intake(store: store, catalogue: catalogue), store)
            await store.close()
        }
    }

    private func problem(_ result: ProfileResult?) -> IntakeProblem? {
        if case .rejected(let problem)? = result?.outcome { problem } else { nil }
    }

    @Test(arguments: [
        ("marketting", "\"marketing\""), ("Orderz", "\"orders\""),
        (
            "weather",
            "one of transactional, marketing, orders, New-Arrivals; \"topics\" in the policy lists topics that no template has"
        ),
    ])
    func `A consent about an unknown category or topic is refused with a suggestion`(
        name: String, expected: String
    ) async throws {
        try await withIntake { intake, store in
            let body = try json(#"{"category":"\#(name)","granted":false}"#)
            let found = try #require(problem(await intake.takeConsents(body, recipient: "ann", now: .epoch).first))
            #expect(found.code == .unknownCategory)
            #expect(found.field == "category")
            #expect(found.message == "There is no category or topic \"\(name)\".")
            #expect(found.expected == expected)
            #expect(try await store.profile("ann")?.consents == [])
            let line = NDJSONLines(Array(#"{"recipient":"ann","category":"\#(name)","granted":true}"#.utf8))
            #expect(problem(await intake.takeConsents(line, now: .epoch).first)?.line == 1)
        }
    }

    @Test func `The case of a name does not matter, and what is stored is the policy's spelling`() async throws {
        try await withIntake { intake, store in
            let now = SystemTime().now()
            for name in ["MARKETING", "new-arrivals", "tracking"] {
                let body = try json(#"{"category":"\#(name)","channel":"Email","granted":false}"#)
                let results = await intake.takeConsents(body, recipient: "ann", now: now)
                #expect(results.allSatisfy { $0.outcome.isTaken })
            }
            let held = try #require(try await store.profile("ann")).consents
            #expect(held.map(\.category) == ["marketing", "New-Arrivals", "Tracking"])
            #expect(held.map(\.channel) == [.email, .email, .email])
            let order = try json(#"{"recipient":"ann","category":"Marketing"}"#)
            let orders = try await intake.takeSuppressions(order, now: now)
            #expect(orders.map { $0.category } == ["marketing"])
            let message = try json(#"{"recipient":"ann","template":"thank-you","category":"Marketing"}"#)
            #expect(try intake.check(message).category == "marketing")
        }
    }

    @Test func `A suppression of an unknown category is refused, alone, in an array and in a file`() async throws {
        try await withIntake { intake, store in
            let one = #"{"recipient":"ann","category":"marketting"}"#
            for body in [one, #"[{"recipient":"ann"},\#(one)]"#] {
                await #expect(throws: IntakeProblem.self) {
                    try await intake.takeSuppressions(try json(body), now: .epoch)
                }
            }
            let lines = NDJSONLines(Array("\(one)\n{\"recipient\":\"bob\"}".utf8))
            let results = await intake.takeSuppressions(lines, now: .epoch)
            #expect(problem(results.first)?.expected == "\"marketing\"")
            let standing = try await store.suppressions(subject: nil, limit: 9)
            #expect(standing.map { $0.label } == ["bob"])
        }
    }

    @Test(arguments: [
        (
            #"{"consents":[{"category":"marketing","granted":true},{"category":"news","granted":false}]}"#,
            "consents[1].category"
        ),
        (#"{"caps":{"pauses":[{"until":"2030-01-01T00:00:00Z","category":"orders"}]}}"#, "caps.pauses[0].category"),
        (#"{"caps":{"limits":[{"rule":"marketing-per-weak","limit":1}]}}"#, "caps.limits[0].rule"),
    ])
    func `A profile with an unknown name is refused with its field`(body: String, field: String) async throws {
        try await withIntake { intake, _ in
            #expect(problem(await intake.putProfile(try json(body), id: "ann"))?.field == field)
            guard case .rejected(let found) = await intake.patchProfile(try json(body), id: "ann") else {
                Issue.record("the patch was accepted")
                return
            }
            #expect(found.field == field)
        }
    }

    @Test func `A patch does not check again what the stored profile says`() async throws {
        try await withIntake { _, store in
            var policy = TestCatalogue()
            policy.categories = ["transactional"]
            var ann = try #require(try await store.profile("ann"))
            ann.consents = [Consent(category: "marketing", granted: true, at: .epoch)]
            try await store.put([ann])
            let intake = Intake(store: store, catalogue: policy)
            guard case .changed(let changed) = await intake.patchProfile(try json(#"{"locale":"fr"}"#), id: "ann")
            else {
                Issue.record("the patch was refused")
                return
            }
            #expect(changed.consents.map(\.category) == ["marketing"])
        }
    }

    @Test(arguments: [
        "customer", "message", "campaign", "channel", "locale", "now", "unsubscribe_url", "email_subject",
    ])
    func `A member of the data with a reserved name is refused with its field`(name: String) async throws {
        try await withIntake { intake, _ in
            let body = try json(#"{"recipient":"ann","template":"thank-you","data":{"order":1,"\#(name)":{"a":1}}}"#)
            guard case .rejected(let found) = await intake.enqueue(body).outcome else {
                Issue.record("\(name) was accepted")
                return
            }
            #expect(found.code == .reservedName)
            #expect(found.field == "data.\(name)")
            let below = try json(#"{"recipient":"ann","template":"thank-you","data":{"order":{"\#(name)":1}}}"#)
            guard case .accepted = await intake.enqueue(below).outcome else {
                Issue.record("\(name) below another name was refused")
                return
            }
        }
    }
}
