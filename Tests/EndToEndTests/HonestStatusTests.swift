import ChildProcess
import Glibc
import JSON
import SobreModel
import TestBed
import Testing

/// What operators ask (`sobre status`, `sobre doctor`, `GET /health/ready`) tells what is wrong, with the command that
/// helps.
@Suite("Status and doctor tell what is wrong", .serialized)
struct HonestStatusTests {
    private func bed(_ name: String) throws -> TestBed {
        let bed = try TestBed.built(name)
        try bed.startSandbox()
        try bed.writeConfiguration(capLimit: 3, capWindow: "1d", resendAfter: "1s")
        return bed
    }

    private func sobre(
        _ bed: TestBed, _ arguments: [String], _ environment: [String: String] = [:]
    ) throws -> (code: Int32, output: String) {
        let result = try bed.run(
            arguments + ["--config", "\(bed.folder)/sobre.yaml"],
            environment: TestBed.secrets.merging(environment) { $1 })
        // Wrapped to the terminal.
        return (result.code, result.output.split(whereSeparator: \.isWhitespace).joined(separator: " "))
    }

    private func json(_ bed: TestBed, _ path: String) async throws -> (status: Int, body: JSONRef) {
        let answer = try #require(await bed.client.send("GET", "\(bed.serverURL)\(path)"))
        return (answer.status, try answer.json())
    }

    private func wait(_ what: String, _ bed: TestBed, until holds: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if try await holds() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw TestBed.Failure("\(what) did not happen: \((Files.read("\(bed.folder)/server.err") ?? "").suffix(1500))")
    }

    /// Both the doctor and the start refuse, and say the same.
    private func expectRefusal(
        _ bed: TestBed, _ word: String, start: Int32, _ environment: [String: String] = [:],
        location: SourceLocation = #_sourceLocation
    ) throws {
        let doctor = try sobre(bed, ["doctor"], environment)
        #expect(doctor.code == 1 && doctor.output.contains("ERROR"), "\(doctor)", sourceLocation: location)
        #expect(doctor.output.contains(word), "\(doctor.output)", sourceLocation: location)
        let serve = try sobre(bed, ["serve"], environment)
        #expect(serve.code == start, "\(serve)", sourceLocation: location)
        #expect(serve.output.contains(word), "\(serve.output)", sourceLocation: location)
    }

    @Test("The doctor finds what keeps the server from starting: a port in use, a directory that cannot be")
    func start() throws {
        let bed = try bed("doctor-start")
        #expect(try sobre(bed, ["doctor"]).code == 0)
        let taken = ["SOBRE_SERVER_PORT": "\(bed.sandboxPorts.http)"]
        try expectRefusal(
            bed, "Another program is already listening on 127.0.0.1:\(bed.sandboxPorts.http).", start: 69, taken)
        try Files.write("a file", to: "\(bed.folder)/file")
        try expectRefusal(
            bed, "cannot be", start: 74, ["SOBRE_DATA_DIRECTORY": "\(bed.folder)/file/data"])
        let host = try sobre(bed, ["doctor"], ["SOBRE_SERVER_HOST": "192.0.2.1", "SOBRE_SERVER_PORT": "18480"])
        #expect(host.code == 1 && host.output.contains("This machine has no address 192.0.2.1."), "\(host.output)")
    }

    @Test("Too few open files for a server are an error of the doctor, too")
    func openFiles() throws {
        let bed = try bed("doctor-files")
        for command in ["doctor", "serve"] {
            let process = try ChildProcess(
                path: "/bin/sh",
                arguments: [
                    "-c", "ulimit -n 100; exec '\(bed.executable)' \(command) --config '\(bed.folder)/sobre.yaml'",
                ],
                environment: TestBed.secrets, output: .file("\(bed.folder)/out"), errors: .file("\(bed.folder)/out"))
            let ending = process.wait(atMost: .seconds(30))
            #expect(ending == .exited(code: command == "doctor" ? 1 : 78))
            let output = Files.read("\(bed.folder)/out") ?? ""
            #expect(output.contains("100 open files are allowed"), "\(output)")
        }
    }

    @Test("A damaged database is found by the doctor without a start")
    func damage() async throws {
        let bed = try bed("doctor-damage")
        try bed.startServer(environment: TestBed.secrets)
        try await bed.putProfiles(count: 500)
        #expect(bed.stopServer() == .exited(code: 0))
        #expect(try sobre(bed, ["doctor"]).code == 0)
        let path = "\(bed.folder)/data/sobre.db"
        let descriptor = open(path, O_WRONLY)
        #expect(descriptor >= 0)
        let size = Int(lseek(descriptor, 0, SEEK_END))
        let noise = [UInt8](repeating: 0xa5, count: 4096)
        // Every third page but the first.
        for place in stride(from: 4096, to: size - 4096, by: 3 * 4096) {
            #expect(pwrite(descriptor, noise, noise.count, off_t(place)) == noise.count)
        }
        close(descriptor)
        let doctor = try sobre(bed, ["doctor"])
        #expect(doctor.code == 1 && doctor.output.contains("ERROR data"), "\(doctor.output)")
        #expect(try sobre(bed, ["serve"]).code == 65)
    }

    @Test("sobre status shows warnings with the command that helps, the backlog, providers and the clock")
    func status() async throws {
        let bed = try bed("status")
        #expect(try sobre(bed, ["status"]).code == 69)
        let port = bed.sandboxPorts.http
        try bed.changeSettings([
            (
                "settings: {endpoint: \"http://127.0.0.1:\(port)\", from",
                "settings: {endpoint: \"http://127.0.0.1:1\", from"
            )
        ])
        try bed.startServer(
            environment: TestBed.secrets.merging([
                "SOBRE_HEALTH_FAILURES": "2", "SOBRE_MONITOR_BACKLOG_INTERVAL": "200ms",
            ]) { $1 })
        let quiet = try sobre(bed, ["status"])
        #expect(quiet.code == 0 && quiet.output.contains("Nothing needs attention. Nothing waits."), "\(quiet.output)")
        #expect(quiet.output.contains("clock: trusted, the system's is 0.0 s from it"), "\(quiet.output)")
        #expect(quiet.output.contains("disk: writable,") && quiet.output.contains("policy version 1, 0 in flight"))
        try await bed.putProfiles(count: 6)
        let url = bed.serverURL
        try await TestBed.enqueue(
            (0..<6).map {
                TestMessage(
                    key: "s-\($0)", recipient: TestBed.person($0), template: "receipt", category: "transactional",
                    channels: ["sms"], dedupKey: "s-\($0)")
            }, at: { url }, client: bed.client, journal: Journal())
        try await wait("the broken provider", bed) {
            let told = try sobre(bed, ["status"])
            return told.code == 1 && told.output.contains("twilio is broken:")
                && told.output.contains("STATE COUNT sms")
        }
        let told = try sobre(bed, ["status"]).output
        #expect(!told.contains(".."), "\(told)")
        #expect(told.contains("sobre logs --provider twilio shows what it answered."), "\(told)")
        #expect(told.contains("twilio sms broken"), "\(told)")
        let raw = try sobre(bed, ["status", "--format", "json"]).output
        let document = try JSONDocument.parse(raw)
        #expect(document.root["backlog"]?.elements.contains { $0["channel"]?.string == "sms" } == true, "\(raw)")
        #expect(document.root["clock"]?["trusted"]?.bool == true)
        #expect(try await json(bed, "/health/ready").body["about"]?.elements.compactMap(\.string) == ["providers"])
        #expect(try sobre(bed, ["doctor"]).output.contains("twilio is broken:"))
        bed.stopServer()
    }

    @Test("A disk without room makes the server not ready, and status and doctor say which command shows it")
    func fullDisk() async throws {
        let bed = try bed("full")
        let environment = ["SOBRE_STORE_MIN_ROOM": "1024GiB"]
        try bed.startServer(environment: TestBed.secrets.merging(environment) { $1 })
        let ready = try await json(bed, "/health/ready")
        #expect(ready.status == 503 && ready.body["code"]?.string == "not_ready")
        let status = try sobre(bed, ["status"], environment)
        #expect(status.code == 1 && status.output.contains("df -h"), "\(status.output)")
        #expect(status.output.contains("disk: not writable"), "\(status.output)")
        let doctor = try sobre(bed, ["doctor"], environment)
        #expect(doctor.code == 1 && doctor.output.contains("df -h"), "\(doctor.output)")
        bed.stopServer()
    }

    @Test("The first key warns that clients without one lose access, and keys take effect at once")
    func keys() async throws {
        let bed = try bed("keys")
        try bed.startServer(environment: TestBed.secrets)
        let first = try sobre(bed, ["keys", "create", "--label", "one", "--scope", "admin"])
        #expect(first.output.contains("This is the first key. From now on every client needs one"), "\(first.output)")
        // At once, without a restart.
        let answer = await bed.client.send("GET", "\(bed.serverURL)/v1/status")
        #expect(answer?.status == 401)
        #expect(try sobre(bed, ["status"]).code == 0)
        let second = try sobre(bed, ["keys", "create", "--label", "two"])
        #expect(!second.output.contains("first key"), "\(second.output)")
        // A key works from its making to its revocation.
        let key = try #require(second.output.split(separator: " ").first { $0.hasPrefix("sobre_") })
        func use() async -> Int? {
            await bed.client.send(
                "GET", "\(bed.serverURL)/v1/queue", headers: [("Authorization", "Bearer \(key)")])?.status
        }
        #expect(await use() == 200)
        let list = try sobre(bed, ["keys", "list"]).output.split(separator: " ")
        let id = try #require(list.indices.first { list[$0] == "two" }.map { list[$0 - 1] })
        #expect(try sobre(bed, ["keys", "revoke", String(id)]).code == 0)
        #expect(await use() == 401)
        bed.stopServer()
    }
}
