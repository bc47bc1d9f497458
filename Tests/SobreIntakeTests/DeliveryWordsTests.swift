import JSON
import SobreIntake
import SobreModel
import Testing

/// The delivery options of a message: route, time, tenant, test, caps.
@Suite struct DeliveryWordsTests {
    /// Categories as in the default policy.
    private struct Catalogue: IntakeCatalogue {
        let inner = TestCatalogue()
        var categories: [String] { inner.categories }
        var templateNames: [String] { inner.templateNames }
        func template(_ name: String) -> TemplateDefaults? {
            guard var defaults = inner.template(name) else { return nil }
            defaults.escalation = Escalation(after: .seconds(60), until: .clicked)
            return defaults
        }
        func capFlags(of category: String) -> (obeys: Bool, counts: Bool) {
            category == "transactional" ? (false, false) : (true, true)
        }
    }

    private func draft(_ words: String, template: String = "thank-you") throws -> MessageDraft {
        let text = "{\"recipient\":\"a\",\"template\":\"\(template)\"\(words.isEmpty ? "" : ",")\(words)}"
        return try MessageReader().read(json(text)).draft(Catalogue(), principal: "key:shop")
    }

    @Test(
        "Routes are read as a word or with their settings",
        arguments: [
            (#""route":"best""#, ChannelRoute.best, Escalation(after: .seconds(60), until: .clicked)),
            (#""route":"escalate""#, .escalate, Escalation(after: .seconds(60), until: .clicked)),
            (#""route":{"escalate":{}}"#, .escalate, .standard),
            (#""route":{"escalate":{"after":"2h","until":"opened"}}"#, .escalate, .standard),
            (
                #""route":{"escalate":{"until":"converted","after":"1d"}}"#, .escalate,
                Escalation(after: .seconds(86_400), until: .converted)
            ),
            (#""route":null"#, .first, Escalation(after: .seconds(60), until: .clicked)),
        ])
    func routes(_ words: String, _ route: ChannelRoute, _ escalation: Escalation) throws {
        let draft = try draft(words)
        #expect(draft.route == route)
        #expect(draft.escalation == escalation)
    }

    @Test(
        "The time to send is now, or the best within a span",
        arguments: [
            ("", nil), (#""send":"now""#, nil), (#""send":null"#, nil), (#""send":"best_time""#, 86_400),
            (#""send":{"best_time":{}}"#, 86_400), (#""send":{"best_time":{"within":"3h"}}"#, 10_800),
            (#""send":{"best_time":{"within":"7d"}}"#, 604_800),
        ] as [(String, Int64?)])
    func bestTime(_ words: String, _ seconds: Int64?) throws {
        #expect(try draft(words).bestTimeWithin == seconds.map { .seconds($0) })
    }

    @Test("A message's own word on caps is kept with who said it, unless it is its category's")
    func caps() throws {
        #expect(try draft("").capFlags == nil)
        #expect(try draft(#""caps":{}"#).capFlags == nil)
        #expect(try draft(#""caps":{"obey":true,"count":true}"#).capFlags == nil)
        #expect(
            try draft(#""caps":{"obey":false}"#).capFlags == CapFlags(obeys: false, counts: true, by: "key:shop"))
        #expect(
            try draft(#""caps":{"count":true}"#, template: "order-confirmed").capFlags
                == CapFlags(obeys: false, counts: true, by: "key:shop"))
    }

    @Test("Tenants and test sends are taken over")
    func others() throws {
        let draft = try draft(#""tenant":"shop-a","test":true"#)
        #expect(draft.tenant == "shop-a" && draft.isTest)
        #expect(try self.draft(#""tenant":null,"test":null"#).tenant == nil)
    }

    @Test(
        "A mistake names its field and what would be right",
        arguments: [
            (#""route":"bset""#, "route", "best"), (#""route":{"first":{}}"#, "route.first", "escalate"),
            (#""route":{"escalate":{"after":"2 hours"}}"#, "route.escalate.after", "\"2h\""),
            (#""route":{"escalate":{"after":"1s"}}"#, "route.escalate.after", "1m to 30d"),
            (#""route":{"escalate":{"after":7200}}"#, "route.escalate.after", "\"2h\""),
            (#""route":{"escalate":{"until":"seen"}}"#, "route.escalate.until", "opened"),
            (#""route":{"escalate":{"before":"2h"}}"#, "route.escalate.before", "after, until"),
            (#""route":{}"#, "route.escalate", "escalate"), (#""send":"later""#, "send", "best_time"),
            (#""send":{"best_time":{"within":"30m"}}"#, "send.best_time.within", "1h to 7d"),
            (#""send":{"best_time":{"in":"3h"}}"#, "send.best_time.in", "within"),
            (#""caps":{"obeys":false}"#, "caps.obeys", "obey"), (#""caps":false"#, "caps", "object"),
            (#""test":"yes""#, "test", "true or false"), (#""tenant":7"#, "tenant", "string"),
        ])
    func mistakes(_ words: String, _ field: String, _ expected: String) throws {
        do {
            _ = try draft(words)
            Issue.record("accepted: \(words)")
        } catch let problem as IntakeProblem {
            #expect(problem.field == field, "\(problem)")
            #expect("\(problem.message) \(problem.expected ?? "")".contains(expected), "\(problem)")
        }
    }
}
