import ChildProcess
import JSON
import SobreSandbox
import TestBed
import Testing

/// The binary while hundreds of strangers keep connections open.
@Suite("A caller with a key beside a flood of callers without", .serialized)
struct FloodTests {
    private func bed(_ name: String, wrapper: [String] = []) async throws -> (TestBed, [(name: String, value: String)])
    {
        let bed = try TestBed.built(name)
        try bed.startSandbox()
        try bed.writeConfiguration(policy: "caps: []")
        try bed.startServer(environment: TestBed.secrets, wrapper: wrapper)
        try await bed.putProfiles(count: 1)
        let made = await bed.client.send(
            "POST", "\(bed.serverURL)/v1/keys", body: Array(#"{"label":"t","scopes":["admin"]}"#.utf8))
        let key = try #require(try made?.json()["key"]?.string)
        return (bed, [("Authorization", "Bearer \(key)")])
    }

    /// Enqueues with the key, on a connection of its own each time, and returns the statuses and the slowest answer.
    private func enqueue(
        _ count: Int, _ bed: TestBed, _ key: [(name: String, value: String)]
    ) async throws -> (statuses: [Int: Int], slowest: Duration) {
        var statuses: [Int: Int] = [:]
        var slowest = Duration.zero
        for number in 0..<count {
            let body =
                #"{"recipient":"\#(TestBed.person(0))","template":"receipt","channels":["sms"],"data":{"order_id":"\#(number)"},"#
                + #""dedup_key":"\#(number)"}"#
            let begun = ContinuousClock.now
            var answer: HTTPClient.Answer?
            // Where all connections are taken by ones as young, a new one may be turned away. A client connects again.
            for _ in 0..<3 where answer == nil {
                answer = await bed.client.send(
                    "POST", "\(bed.serverURL)/v1/messages", body: Array(body.utf8),
                    headers: key + [("Connection", "close")], timeout: .seconds(10))
            }
            slowest = max(slowest, ContinuousClock.now - begun)
            statuses[answer?.status ?? 0, default: 0] += 1
            try await Task.sleep(for: .milliseconds(20))
        }
        return (statuses, slowest)
    }

    private func status(_ bed: TestBed, _ key: [(name: String, value: String)]) async throws -> JSONRef {
        let answer = await bed.client.send("GET", "\(bed.serverURL)/v1/status", headers: key)
        return try #require(try answer?.json()["http"])
    }

    @Test(
        "300 connections that dribble the largest bodies cost no enqueue",
        arguments: ["/v1/receipts/x", "/v1/receipts/twilio"])
    func bodies(path: String) async throws {
        let (bed, key) = try await bed("flood-bodies")
        let flood = Flood(port: bed.serverPort, connections: 300, .bodies(path: path, bytes: 1 << 20))
        try await Task.sleep(for: .seconds(2))
        let (statuses, slowest) = try await enqueue(40, bed, key)
        let http = try await status(bed, key)
        flood.stop()
        #expect(statuses == [202: 40])
        #expect(slowest < .seconds(2))
        #expect((http["unknown_buffered_bytes"]?.int ?? -1) <= 32 << 20)
        #expect(http["refused"]?["known_bodies"] == nil)
        #expect((http["refused"]?["peer_connections"]?.int ?? 0) + (http["refused"]?["unread_body"]?.int ?? 0) > 10)
        #expect(bed.stopServer() == .exited(code: 0))
    }

    @Test(
        "1,100 connections under a limit of 1,024 descriptors: callers with a key are served, and messages sent",
        arguments: [Flood.Kind.idle, .slowHeaders])
    func descriptors(kind: Flood.Kind) async throws {
        let (bed, key) = try await bed(
            "flood-idle", wrapper: ["/bin/sh", "-c", "ulimit -n 1024; exec \"$@\"", "sh"])
        let flood = Flood(port: bed.serverPort, connections: 1_100, kind)
        try await Task.sleep(for: .seconds(2))
        let (statuses, slowest) = try await enqueue(100, bed, key)
        // A changed policy is read, and so a file can be opened.
        try bed.writePolicy("caps: []\n# changed")
        try await bed.waitUntilQuiet(atMost: .seconds(30))
        try await Task.sleep(for: .seconds(3))
        let http = try await status(bed, key)
        #expect(flood.opened >= 1_100)
        flood.stop()
        #expect(statuses == [202: 100])
        #expect(slowest < .seconds(2))
        #expect((http["connections"]?.int ?? 0) <= 432)
        #expect(try ReceivedMessages.load(bed.recordFile).accepted.count == 100)
        let log = try #require(Files.read("\(bed.folder)/server.err")) + (Files.read("\(bed.folder)/server.out") ?? "")
        #expect(log.contains("1024 open files are allowed"))
        #expect(!log.contains("Too many open files"))
        #expect(bed.stopServer() == .exited(code: 0))
    }

    @Test("Headers that arrive byte by byte cost no enqueue, and are cut off")
    func headers() async throws {
        let (bed, key) = try await bed("flood-headers")
        let flood = Flood(port: bed.serverPort, connections: 100, .slowHeaders)
        try await Task.sleep(for: .seconds(1))
        let (statuses, slowest) = try await enqueue(500, bed, key)
        let http = try await status(bed, key)
        flood.stop()
        #expect(statuses == [202: 500])
        #expect(slowest < .seconds(2))
        #expect(http["refused"]?["slow_header"]?.int ?? 0 >= 100)
        #expect(bed.stopServer() == .exited(code: 0))
    }
}
