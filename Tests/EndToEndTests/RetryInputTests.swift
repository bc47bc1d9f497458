import ChildProcess
import TestBed
import Testing

@Suite("sobre retry with ids from standard input", .serialized)
struct RetryInputTests {
    /// Runs a shell command in the bed's folder.
    private func shell(_ command: String, _ bed: TestBed) throws -> (code: Int32, output: String) {
        let file = "\(bed.folder)/shell.out"
        let process = try ChildProcess(
            path: "/bin/sh", arguments: ["-c", "cd \(bed.folder) && \(command)"],
            environment: TestBed.secrets.merging(["PATH": "/usr/bin:/bin"]) { $1 }, output: .file(file),
            errors: .file(file))
        guard case .exited(let code)? = process.wait(atMost: .seconds(120)) else {
            throw TestBed.Failure("\(command) did not end")
        }
        return (code, Files.read(file) ?? "")
    }

    @Test("20,000 ids are read and shown in parts, and a line that is no id ends the command after those before it")
    func parts() async throws {
        let bed = try TestBed.built("retry")
        try bed.startSandbox()
        try bed.writeConfiguration(capLimit: 3, capWindow: "1d", resendAfter: "1s")
        try bed.startServer(environment: TestBed.secrets)
        #expect(bed.stopServer() == .exited(code: 0))
        let retry = "\(bed.executable) retry - --config \(bed.folder)/sobre.yaml"
        let all = try shell("seq -f '%012.0f0' 1 20000 | \(retry)", bed)
        #expect(all.code == 1)
        #expect(all.output.split(separator: "\n").count { $0.contains("no such message") } > 1_000)
        let wrong = try shell("(seq -f '%012.0f0' 1 20000; echo; echo nonsense) | \(retry)", bed)
        #expect(wrong.code == 64)
        #expect(wrong.output.contains("nonsense is not an id") && wrong.output.contains("no such message"))
        let long = try shell("head -c 3000000 /dev/zero | tr '\\0' 7 | \(retry)", bed)
        #expect(long.code == 64 && long.output.contains("Line 1 of standard input is longer than an id."))
    }
}
