import Glibc
import JSON
import Testing

@testable import SobreSandbox

@Suite struct ReceiptTests {
    private let secret = "whsec_c2FuZGJveC1yZWNlaXB0cy1zZWNyZXQ="

    /// One received receipt: its path, its message and its order.
    private struct Arrival: Hashable {
        var path: String
        var reference: String
        var kind: String
        var eventID: String
    }

    /// Starts two sandboxes: one receives messages and sends receipts, the other receives the receipts and checks
    /// their signatures.
    private func arrivals(
        _ plan: String, messages: Int, seed: UInt64 = 7, expecting count: Int?, callback: String = ""
    ) async throws -> [Arrival] {
        var found: [Arrival] = []
        try await withSandbox({
            $0.webhookSecret = secret
            $0.storesBodies = true
        }) { listener in
            try await withSandbox({ configuration in
                var receipts = ReceiptPlan(
                    url: "http://127.0.0.1:\(listener.sandbox.httpPort)/webhook/{provider}-{channel}", secret: secret)
                try receipts.read(plan)
                configuration.receipts = receipts
                configuration.seed = seed
            }) { bench in
                let client = try bench.http()
                for number in 0..<messages {
                    let hook =
                        callback.isEmpty
                        ? "https://x.test/cb" : "http://127.0.0.1:\(listener.sandbox.httpPort)\(callback)"
                    let body =
                        "To=%2B12025550123&From=1234&Body=x&StatusCallback="
                        + percentEncoded("\(hook)?sobre_id=m-\(number)")
                    #expect(try client.request("POST", twilioPath, twilioHeaders(), body: body).status == 201)
                }
                let isAll: (JSONRef?) -> Bool = { $0?["pending"]?.int == 0 && ($0?["sent"]?.int ?? 0) >= (count ?? 1) }
                let end = time(nil) + TestClient.timeoutSeconds
                while try !isAll(bench.stats()["receipts"]), time(nil) < end {}
                #expect(try bench.stats()["receipts"]?["lost"]?.int == 0)
            }
            for row in try listener.received().messages {
                #expect(row.accepted, "\(row.note ?? "")")
                let path = listener.directory + "/bodies/" + (row.body ?? "")
                for event in try parsed(fileBytes(path)).elements {
                    found.append(
                        Arrival(
                            path: row.to, reference: event["reference"]?.string ?? "",
                            kind: event["kind"]?.string ?? "", eventID: event["event_id"]?.string ?? ""))
                    #expect(event["at"]?.string?.hasSuffix("Z") == true)
                    #expect(event["provider_id"]?.string?.hasPrefix("SM") == true)
                }
            }
        }
        return found
    }

    private func fileBytes(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
    }

    @Test func `Every delivery has a signed receipt at the provider's own path`() async throws {
        let sent = try await arrivals("delivered=100%,delay=0ms..20ms", messages: 12, expecting: 12)
        #expect(sent.count == 12)
        #expect(Set(sent.map(\.reference)) == Set((0..<12).map { "m-\($0)" }))
        #expect(sent.allSatisfy { $0.kind == "delivered" && $0.path == "twilio-sms" })
    }

    @Test func `Each receipt is sent as often as planned, with one event id and out of order`() async throws {
        let sent = try await arrivals("opened=100%,clicked=100%,copies=5,delay=0ms..60ms", messages: 8, expecting: 120)
        #expect(sent.count == 8 * 3 * 5)
        #expect(Set(sent.map(\.eventID)).count == 24)
        let first = sent.filter { $0.reference == "m-0" }.map(\.kind)
        let last = sent.lastIndex { $0.reference == "m-0" }!
        let later = sent.firstIndex { $0.reference == "m-7" }!
        #expect(first != first.sorted() || last > later)
    }

    @Test func `The same seed gives the same receipts, another seed different ones`() async throws {
        let plan = "bounced=20%,soft=10%,opened=50%,clicked=50%,unsubscribed=20%,complained=20%,delay=0ms"
        let one = Set(try await arrivals(plan, messages: 40, expecting: nil))
        let same = Set(try await arrivals(plan, messages: 40, expecting: nil))
        let other = Set(try await arrivals(plan, messages: 40, seed: 8, expecting: nil))
        #expect(one == same)
        #expect(one != other)
        let kinds = Set(one.map(\.kind))
        #expect(kinds.isSuperset(of: ["delivered", "bounced.hard", "opened", "clicked"]), "\(kinds)")
        for reference in Set(one.filter { $0.kind == "bounced.hard" }.map(\.reference)) {
            #expect(one.count { $0.reference == reference } == 1)
        }
    }

    @Test func `A message's own callback on this machine takes precedence over the plan's URL`() async throws {
        let sent = try await arrivals(
            "delivered=100%,delay=0ms", messages: 3, expecting: 3, callback: "/webhook/own-callback")
        #expect(sent.map(\.path) == ["own-callback", "own-callback", "own-callback"])
    }

    @Test(arguments: [
        "delivered", "delivered=2", "delay=5", "delay=9s..1s", "copies=0", "copies=many", "dreamt=5%",
        "bounced=60%,soft=60%",
    ])
    func `The error of an invalid plan names the entry`(text: String) {
        var plan = ReceiptPlan(url: "http://127.0.0.1:1/x")
        #expect(throws: SandboxError.self) { try plan.read(text) }
    }

    @Test(arguments: ["https://a.test:1/x", "http://a.test/x", "http://:1/", "ftp://a.test:1/", "http://a.test:0/"])
    func `An unusable URL is rejected at the start`(url: String) async throws {
        var configuration = SandboxConfiguration()
        configuration.receipts = ReceiptPlan(url: url)
        await #expect(throws: SandboxError.self) { _ = try await Sandbox.start(configuration) }
    }
}
