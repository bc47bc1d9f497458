import ChildProcess
import Glibc
import TestBed
import Testing

/// A copy of the shipped configuration on free ports, with `sobre` in the path.
struct ShippedWorkplace {
    let bed: TestBed
    let environment: [String: String]

    init(_ name: String) throws {
        bed = try TestBed.built(name)
        for folder in ["Config", "Providers", "Templates"] {
            let copy = try ChildProcess(
                path: "/bin/cp", arguments: ["-R", try Files.shipped(folder), "\(bed.folder)/\(folder)"])
            #expect(copy.wait(atMost: .seconds(20)) == .exited(code: 0))
        }
        let bin = bed.executable.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        environment = ["PATH": "\(bin):\(path)", "COLUMNS": "80"]
    }

    /// Starts the sandbox unless it runs, and a server that sends to it.
    ///
    /// - Parameter flags: further flags of `sobre serve`.
    /// - Returns: the server, which the caller stops, and its port.
    /// - Throws: when one of them does not start.
    func startServer(_ flags: String = "") async throws -> (process: ChildProcess, port: String) {
        if bed.sandbox == nil {
            try bed.startSandbox()
            let settings = "\(bed.folder)/Config/sobre.yaml"
            let text = try #require(Files.read(settings))
            try Files.write(
                text.replacing(":8490", with: ":\(bed.sandboxPorts.http)").replacing(
                    "8425", with: "\(bed.sandboxPorts.smtp)"),
                to: settings)
        }
        Files.remove("\(bed.folder)/ports")
        let server = try ChildProcess(
            path: "/bin/sh",
            arguments: ["-c", "cd \(bed.folder) && exec sobre serve --port-file \(bed.folder)/ports \(flags)"],
            environment: environment.merging(["SOBRE_SERVER_PORT": "0"]) { $1 },
            output: .file("\(bed.folder)/server.out"),
            errors: .file("\(bed.folder)/server.err"))
        let deadline = ContinuousClock.now + .seconds(30)
        while !Files.exists("\(bed.folder)/ports"), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        return (server, try #require(Files.read("\(bed.folder)/ports")).filter(\.isNumber))
    }

    /// Runs a command of the shell in the folder, with further variables.
    func shell(_ command: String, _ more: [String: String] = [:]) throws -> (code: Int32, output: String) {
        let file = "\(bed.folder)/shell.out"
        Files.remove(file)
        let process = try ChildProcess(
            path: "/bin/sh", arguments: ["-c", "cd \(bed.folder) && \(command)"],
            environment: environment.merging(more) { $1 }, output: .file(file), errors: .file(file))
        guard case .exited(let code)? = process.wait(atMost: .seconds(300)) else {
            process.signal(SIGKILL)
            throw TestBed.Failure("\(command) did not end")
        }
        return (code, Files.read(file) ?? "")
    }
}
