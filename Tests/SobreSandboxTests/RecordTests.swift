import Glibc
import JSON
import Testing

@testable import SobreSandbox

@Suite struct RecordTests {
    static func message(_ number: Int, to: String = "a@b.test") -> ReceivedMessage {
        var message = ReceivedMessage(at: Int64(number), channel: .email, provider: "smtp", to: to)
        message.person = "p\(number % 3)"
        message.accepted = true
        message.answered = true
        return message
    }

    @Test func `A row reads back as written, whatever its texts contain`() throws {
        var message = Self.message(5, to: "\"\\\u{0}\n\u{7F}€\u{1F4A5}\u{2028}")
        message.clock = -3
        message.title = "{\"seq\":9}\n"
        message.text = String(repeating: "é", count: 1000)
        message.reference = "r"
        message.messageID = "<m@x>"
        message.campaign = ""
        message.category = "marketing"
        message.providerID = "id"
        message.possibleDuplicate = true
        message.fault = "reset"
        message.delayMilliseconds = 7
        message.status = 250
        message.bytes = 99
        message.body = "5.eml"
        message.note = "n"
        message.clip()
        #expect(message.text.utf8.count <= ReceivedMessage.textLimit + 3 && message.text.hasSuffix("é…"))
        let bytes = jsonObject { _ in }
        #expect(bytes == Array("{}".utf8))
        var json = JSONWriter()
        message.write(to: &json)
        #expect(!json.bytes.contains(0x0A))
        guard case .message(let read) = try RecordLine(parsing: json.bytes[...]) else {
            Issue.record("not a message")
            return
        }
        #expect(read == message)
    }

    @Test func `A record continues after a restart and loses only an incomplete last line`() async throws {
        try await withDirectory { directory in
            do {
                let log = try ReceivedLog(directory: directory, indexedMessages: 10)
                for number in 1...25 {
                    var message = Self.message(number)
                    log.append(&message)
                    #expect(message.seq == number)
                }
                try log.flush()
                log.amendUnanswered(seq: 25)
                try log.flush()
                log.close()
            }
            let path = directory + "/received.ndjson"
            let whole = fileText(path)
            let file = fopen(path, "a")
            fputs("{\"seq\":26,\"at\":1,\"chan", file)
            fclose(file)
            let received = try ReceivedMessages.load(path)
            #expect(received.messages.count == 25)
            let log = try ReceivedLog(directory: directory, indexedMessages: 10)
            defer { log.close() }
            #expect(fileText(path) == whole)
            #expect(log.nextSeq == 26 && log.index.count == 10)
            let newest = try log.snapshot(MessageQuery(limit: 3)).read()
            #expect(newest.map(\.seq) == [25, 24, 23] && newest.map(\.answered) == [false, true, true])
        }
    }

    @Test func `Messages that are no longer indexed are read from the file`() async throws {
        try await withDirectory { directory in
            let log = try ReceivedLog(directory: directory, indexedMessages: 10)
            defer { log.close() }
            for number in 1...1000 {
                var message = Self.message(number, to: number % 100 == 0 ? "Rare@b.test" : "a@b.test")
                log.append(&message)
                if number % 7 == 0 { try log.flush() }
            }
            try log.flush()
            let many = try log.snapshot(MessageQuery(limit: 500)).read()
            #expect(many.map(\.seq) == Array((501...1000).reversed()))
            let rare = try log.snapshot(MessageQuery(person: "rare@B.test", limit: 4)).read()
            #expect(rare.map(\.seq) == [1000, 900, 800, 700])
            let none = try log.snapshot(MessageQuery(person: "p1", channel: .sms)).read()
            #expect(none.isEmpty)
            for (seq, found) in [(3, 3), (995, 995), (1001, nil), (0, nil)] as [(Int, Int?)] {
                let message = try log.snapshot(seq: seq).read()
                #expect(message?.seq == found)
            }
        }
    }

    @Test func `A reset clears record, bodies, tokens and clock and restarts the numbers`() async throws {
        try await withSandbox({ $0.storesBodies = true }) { bench in
            let client = try bench.http()
            let token = try issueToken(client)
            #expect(try client.request("POST", "/_sandbox/clock", body: #"{"now":86400000}"#).status == 200)
            #expect(try client.request("POST", "/webhook/a", body: "{}").status == 200)
            #expect(try bench.received().messages.map(\.clock) == [86_400_000])
            #expect(try client.request("POST", "/_sandbox/reset").status == 200)
            #expect(fileText(bench.recordPath) == "" && fileText(bench.directory + "/bodies/1.json") == "")
            let push = try client.request(
                "POST", "/v1/projects/p/messages:send", ["Authorization: Bearer \(token)"], body: "{}")
            #expect(push.status == 401)
            let messages = try bench.received().messages
            #expect(messages.map(\.seq) == [1] && messages.map(\.clock) == [nil])
            #expect(try bench.stats()["channels"]?["webhook"]?["received"]?.int == 0)
        }
    }

    @Test func `Two sandboxes cannot write one record, and a file is not a directory`() async throws {
        try await withSandbox { bench in
            var configuration = SandboxConfiguration()
            configuration.directory = bench.directory
            await #expect(throws: SandboxError.self) { try await Sandbox.start(configuration) }
            configuration.directory = bench.recordPath
            await #expect(throws: SandboxError.self) { try await Sandbox.start(configuration) }
            configuration.directory = nil
            configuration.httpPort = bench.sandbox.httpPort
            let error = await #expect(throws: SandboxError.self) { try await Sandbox.start(configuration) }
            #expect(error?.description.contains("Address already in use") == true)
        }
    }

    @Test func `Invalid settings are rejected with a message`() async throws {
        let changes: [(inout SandboxConfiguration) -> Void] = [
            { $0.httpPort = 70_000 }, { $0.storesBodies = true }, { $0.webhookSecret = "whsec_!" },
            { $0.maxConnections = 0 }, { $0.indexedMessages = -1 },
        ]
        for change in changes {
            var configuration = SandboxConfiguration()
            change(&configuration)
            let error = await #expect(throws: SandboxError.self) { try await Sandbox.start(configuration) }
            #expect(error?.description.hasSuffix(".") == true)
        }
    }

    @Test func `A full disk is reported to the sender, and nothing counts as accepted`() async throws {
        // /dev/full accepts no bytes: the same error as a full disk.
        let log = try ReceivedLog(directory: nil, indexedMessages: 10)
        defer { log.close() }
        let full = open("/dev/full", O_WRONLY)
        #expect(full >= 0)
        var kept = Self.message(1)
        log.append(&kept)
        try log.flush()
        let saved = dup(log.descriptor)
        dup2(full, log.descriptor)
        var lost = Self.message(2)
        log.append(&lost)
        #expect(throws: SandboxError.file(path: log.path, operation: "write to", errno: ENOSPC)) { try log.flush() }
        dup2(saved, log.descriptor)
        close(saved)
        close(full)
        var next = Self.message(3)
        log.append(&next)
        try log.flush()
        #expect(next.seq == 2)
        let rows = try log.snapshot(MessageQuery()).read()
        #expect(rows.map(\.at) == [3, 1])
    }

    @Test func `Every line is complete at any moment while clients send and disconnect`() async throws {
        try await withSandbox { bench in
            for round in 0..<20 {
                var clients: [TestClient] = []
                for number in 0..<10 {
                    let client = try bench.http()
                    try client.sendRequest("POST", "/webhook/\(round)-\(number)", body: Array("{}".utf8))
                    clients.append(client)
                }
                // The clients close without reading their answers. The file is read while they are being served.
                for client in clients { client.close() }
                _ = try bench.received()
            }
            let received = try bench.waitForRecord { $0.messages.count == 200 }
            #expect(Set(received.messages.map(\.to)).count == 200)
            let text = fileText(bench.recordPath)
            #expect(text.hasSuffix("}\n"))
            #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
        }
    }

    @Test func `Shutdown by request ends the wait`() async throws {
        let sandbox = try await Sandbox.start(SandboxConfiguration())
        let client = try TestClient(port: sandbox.httpPort)
        #expect(try client.request("POST", "/_sandbox/shutdown").status == 202)
        await sandbox.wait()
        await sandbox.stop()
        #expect(throws: TestClient.Failure.system("connect", ECONNREFUSED)) { try TestClient(port: sandbox.httpPort) }
    }
}
