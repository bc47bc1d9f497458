import ChildProcess
import Glibc
import TestBed
import Testing

/// `sobre init`: what it writes is what is shipped, and starts a server.
@Suite("The configuration to start from", .serialized)
struct InitTests {
    /// The files below a folder of the repository or of another place, with their paths from there.
    private static func files(below folder: String) throws -> [String] {
        let list = "\(try Files.temporaryFolder("files"))/list"
        let find = try ChildProcess(
            path: "/usr/bin/find", arguments: [folder, "-type", "f", "-printf", "%P\\n"], output: .file(list))
        #expect(find.wait(atMost: .seconds(20)) == .exited(code: 0))
        return (Files.read(list) ?? "").split(separator: "\n").map { String($0) }.sorted()
    }

    @Test("It is every shipped provider and template, and the settings and the policy, byte for byte")
    func isComplete() throws {
        let bed = try TestBed.built("init")
        let folder = "\(bed.folder)/new/place"
        let (code, output) = try bed.run(["init", folder])
        #expect(code == 0, "\(output)")
        let written = try Self.files(below: folder)
        var expected = ["Config/policy.yaml", "Config/sobre.yaml"]
        for name in ["Providers", "Templates"] {
            expected += try Self.files(below: try Files.shipped(name)).map { "\(name)/\($0)" }
        }
        #expect(written == expected.sorted(), "run .ci/starter-files")
        for file in written {
            let shipped = Files.read(try Files.shipped(file))
            #expect(Files.read("\(folder)/\(file)") == shipped, "\(file): run .ci/starter-files")
        }
    }

    @Test("Nothing is replaced, and nothing written beside what is there")
    func replacesNothing() throws {
        let bed = try TestBed.built("init-twice")
        let folder = "\(bed.folder)/place"
        try Files.makeFolder("\(folder)/Config")
        try Files.write("mine", to: "\(folder)/Config/policy.yaml")
        let (code, output) = try bed.run(["init", folder])
        #expect(code == 1)
        #expect(output.contains("policy.yaml is there already, as the only file. Nothing was written."), "\(output)")
        #expect(try Self.files(below: folder) == ["Config/policy.yaml"])
        #expect(Files.read("\(folder)/Config/policy.yaml") == "mine")
    }

    @Test("A server starts from it")
    func starts() async throws {
        let bed = try TestBed.built("init-serve")
        let folder = "\(bed.folder)/place"
        #expect(try bed.run(["init", folder]).code == 0)
        let server = try ChildProcess(
            path: bed.executable,
            arguments: ["serve", "--config", "\(folder)/Config/sobre.yaml", "--port-file", "\(bed.folder)/ports"],
            environment: ["SOBRE_SERVER_PORT": "0"], output: .file("\(bed.folder)/out"),
            errors: .file("\(bed.folder)/err"))
        defer { server.signal(SIGTERM) }
        let deadline = ContinuousClock.now + .seconds(30)
        while !Files.exists("\(bed.folder)/ports"), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        let ports = try #require(Files.read("\(bed.folder)/ports"))
        let port = try #require(Int(ports.filter(\.isNumber)))
        let ready = await bed.client.send("GET", "http://127.0.0.1:\(port)/health/ready")
        #expect(ready?.status == 200)
        #expect(Files.exists("\(folder)/data/sobre.db"))
        #expect(server.stop() == .exited(code: 0))
    }
}
