import JSON
import SobreDelivery
import SobreModel
import SobreSettings
import Synchronization
import Testing

@testable import SobreProviders

@Suite("Asking providers for the fate of messages")
struct PollTests {
    private static let secrets = ["TOKEN": "expo-t0ken", "KEY": "MDEyMzQ1Njc4OWFiY2RlZg=="]

    private static func polling(_ type: String) throws -> any PollingProvider {
        let instance =
            type == "expo"
            ? ProviderInstance(name: "p", type: type, secrets: ["access_token": .environment("TOKEN")])
            : ProviderInstance(
                name: "p", type: type, settings: ["resource": "shop"], secrets: ["access_key": .environment("KEY")])
        let provider = try factory(environment: secrets).make(instance).provider
        return try #require(provider.polling)
    }

    /// Answers one call, and keeps it.
    private final class OneAnswer: Transport {
        let asked = Mutex<HTTPCall?>(nil)
        let answer: HTTPAnswer

        init(_ status: Int, _ body: String) {
            answer = .response(status: status, headers: [], body: Array(body.utf8))
        }

        func call(_ call: HTTPCall, completion: @escaping @Sendable (HTTPAnswer) -> Void) {
            asked.withLock { $0 = call }
            completion(answer)
        }

        func mail(_ call: MailCall, completion: @escaping @Sendable (MailAnswer) -> Void) {
            completion(.failure(TransportFault(.notSent, "no mail")))
        }
    }

    private static func ask(_ type: String, _ ids: [String], _ transport: OneAnswer) async throws -> PollAnswer {
        let polling = try polling(type)
        return await withCheckedContinuation { continuation in
            polling.poll(ids, over: transport) { continuation.resume(returning: $0) }
        }
    }

    @Test func `Expo's receipts are asked for in one request, and those that are missing later`() async throws {
        let transport = OneAnswer(
            200,
            #"""
            {"data": {"a": {"status": "ok"}, "b": {"status": "error", "message": "not registered",
             "details": {"error": "DeviceNotRegistered"}}, "c": {"status": "error", "details": {"error": "MessageTooBig"}},
             "d": {"status": "new"}, "z": {"status": "ok"}}}
            """#)
        guard case .fates(let fates) = try await Self.ask("expo", ["a", "b", "c", "d", "e"], transport) else {
            Issue.record("no answer")
            return
        }
        #expect(
            fates == [
                "a": .reported(.sent, detail: "ok"),
                "b": .reported(.bouncedHard, detail: "error DeviceNotRegistered not registered"),
                "c": .reported(.failed, detail: "error MessageTooBig"), "d": .pending,
            ])
        let call = try #require(transport.asked.withLock { $0 })
        #expect(call.method == "POST" && call.url == "https://exp.host/--/api/v2/push/getReceipts")
        #expect(String(decoding: call.body, as: UTF8.self) == #"{"ids":["a","b","c","d","e"]}"#)
        #expect(call.headers.contains { $0 == ("Authorization", "Bearer expo-t0ken") })
    }

    @Test func `an operation of Azure's is asked for under its own path, signed like every request`() async throws {
        let cases: [(String, PollFate)] = [
            (#"{"id":"op/1","status":"Running"}"#, .pending), (#"{"status":"NotStarted"}"#, .pending),
            (#"{"status":"Succeeded"}"#, .reported(.sent, detail: "Succeeded")),
            (
                #"{"status":"Failed","error":{"code":"EmailDropped","message":"gone"}}"#,
                .reported(.failed, detail: "Failed EmailDropped gone")
            ),
            (
                #"{"status":"Failed","error":{"code":"EmailDroppedAllRecipientsSuppressed"}}"#,
                .reported(.rejected, detail: "Failed EmailDroppedAllRecipientsSuppressed")
            ),
        ]
        for (body, fate) in cases {
            let transport = OneAnswer(200, body)
            guard case .fates(let fates) = try await Self.ask("azure-email", ["op/1"], transport) else {
                Issue.record("no answer to \(body)")
                continue
            }
            #expect(fates == ["op/1": fate])
            let call = try #require(transport.asked.withLock { $0 })
            #expect(call.method == "GET" && call.body.isEmpty)
            #expect(
                call.url
                    == "https://shop.communication.azure.com/emails/operations/op%2F1?api-version=2025-09-01")
            #expect(call.headers.contains { $0.name == "Authorization" && $0.value.hasPrefix("HMAC-SHA256 ") })
        }
    }

    @Test func `an answer that is none changes nothing`() async throws {
        for (status, body) in [(500, "{}"), (401, "{}"), (200, "<html>"), (200, "{}"), (200, #"{"data": []}"#)] {
            guard case .failed = try await Self.ask("expo", ["a"], OneAnswer(status, body)) else {
                Issue.record("\(status) \(body)")
                continue
            }
        }
    }

    @Test func `the waits double up to a bound, and end`() {
        let terms = PollTerms(
            after: .seconds(900), every: .seconds(900), slowest: .seconds(3_000), giveUpAfter: .seconds(10_000),
            batch: 100)
        #expect(terms.wait(afterTries: 1, age: .seconds(900)) == .seconds(900))
        #expect(terms.wait(afterTries: 2, age: .seconds(1_800)) == .seconds(1_800))
        #expect(terms.wait(afterTries: 3, age: .seconds(3_600)) == .seconds(3_000))
        #expect(terms.wait(afterTries: 60, age: .seconds(9_500)) == .seconds(500))
        #expect(terms.wait(afterTries: 61, age: .seconds(10_000)) == nil)
    }

    @Test(arguments: [
        ("{path: /x, status: s, kinds: {}}", "write {id} in the path"),
        ("{path: \"/x/{id}\", ids: ids, status: s, kinds: {}}", "write {id} in the path"),
        ("{path: \"/x/{id}\", answers: data, status: s, kinds: {}}", "one message is the whole answer"),
        ("{path: \"/x/{id}\", status: s, kinds: {ok: sended}}", "sended"),
        ("{path: \"/x/{id}\", status: s, kinds: {}, after: 2d, give_up_after: 1d}", "after ≤ give_up_after"),
        ("{path: \"/x/{id}\", status: s, kinds: {}, evry: 1s}", "evry"),
    ])
    func `a mistake in poll fails when the manifest is loaded`(poll: String, words: String) throws {
        let text = """
            manifest: 1
            name: x
            channel: sms
            endpoint: https://api.example
            request: {path: /m, body: {to: "${msg.to}"}}
            response: {rules: [{when: {status: 200}, outcome: accepted, id: "json:id"}]}
            poll: \(poll)
            """
        let error = #expect(throws: (any Error).self) { try Manifest.parseAll(text: text, file: "x.yaml") }
        #expect("\(error.map { "\($0)" } ?? "")".contains(words), "\(error.map { "\($0)" } ?? "")")
    }
}
