import SobreModel
import SobreRendering
import Testing

@Suite("The delivery fields of push messages")
struct PushFieldTests {
    private static func render(_ fields: String, data: String = "{}") throws -> RenderResult {
        let folder = try TemplateFolder([
            "note/template.yaml": "", "note/push.liquid": "title: {{ title }}\n\(fields)\n---\n{{ body }}\n",
        ])
        return Letter(data: data).render(.push, with: try TemplateCatalogue(root: folder.root))
    }

    @Test func `priority and ttl are rendered, and left out when empty`() throws {
        let data = #"{"title": "T", "body": "B", "p": "high", "t": "1h30m", "x": ""}"#
        let content = try #require(try Self.render("priority: {{ p }}\nttl: {{ t }}", data: data).push)
        #expect(content.priority == .high && content.timeToLive == 5400)
        let empty = try #require(try Self.render("priority: {{ x }}\nttl: {{ x }}", data: data).push)
        #expect(empty.priority == nil && empty.timeToLive == nil && empty.activity == nil)
    }

    @Test(arguments: [
        ("priority: urgent", "write high, normal or low"), ("ttl: 3600", "not a duration"),
        ("ttl: 29d", "at most 28 days"),
        ("activity: begin\nactivity_state: {}", "write update or end"), ("activity: update", "not a JSON object"),
        ("activity: end\nactivity_state: [1]", "not a JSON object"), ("activity_state: {}", "write update or end"),
    ])
    func `a value that no push service understands fails the render`(fields: String, problem: String) throws {
        let failure = try Self.render(fields, data: #"{"title": "T", "body": "B"}"#).failure
        #expect(failure?.contains(problem) == true, "\(failure ?? "rendered")")
    }

    @Test func `a Live Activity needs no words, and two of its states are different messages`() throws {
        let fields = "activity: update\nactivity_state: {\"stops\": {{ stops }} }"
        let data = { (stops: Int) in #"{"title": "", "body": "", "stops": \#(stops)}"# }
        let three = try Self.render(fields, data: data(3))
        #expect(three.push?.activity == .init(event: .update, state: #"{"stops": 3 }"#))
        let two = try Self.render(fields, data: data(2))
        #expect(three.fingerprint != nil && three.fingerprint != two.fingerprint)
        #expect(
            try Self.render("collapse: a", data: #"{"title": "", "body": ""}"#).failure?.contains("is empty") == true)
    }
}
