public import ChildProcess
import JSON

/// A complete Sobre on loopback: the built `sobre` binary as server and as sandbox, each in its own process, in one
/// folder. What was sent is checked by the sandbox's record only, never by Sobre's own tables.
public final class TestBed: @unchecked Sendable {
    // `@unchecked Sendable`: used by one task at a time, except `client`, which is safe to share.

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
        public init(_ description: String) { self.description = description }
    }

    public let folder: String
    public let client: HTTPClient
    /// The `sobre` executable under test.
    public let executable: String
    public private(set) var server: ChildProcess?
    public private(set) var sandbox: ChildProcess?
    public private(set) var sandboxPorts = SandboxPorts(http: 0, smtp: 0)
    public private(set) var serverPort = 0
    private var starts = 0

    public struct SandboxPorts: Sendable {
        public var http: Int
        public var smtp: Int
    }

    public init(executable: String, folder: String) throws {
        self.executable = executable
        self.folder = folder
        client = HTTPClient()
        try Files.makeFolder(folder)
    }

    /// The built binary in a new folder, with nothing started yet.
    public static func built(_ name: String) throws -> TestBed {
        guard let executable = Files.builtExecutable else {
            throw Failure("the sobre executable is not beside the tests")
        }
        return try TestBed(executable: executable, folder: try Files.temporaryFolder(name))
    }

    deinit {
        server?.signal(9)
        sandbox?.signal(9)
        _ = server?.wait(atMost: .seconds(2))
        _ = sandbox?.wait(atMost: .seconds(2))
    }

    // MARK: - Sandbox

    public var recordFile: String { "\(folder)/sandbox/received.ndjson" }

    /// Starts the sandbox and waits for its ports.
    public func startSandbox(faults: String? = nil, seed: Int = 1, more: [String] = []) throws {
        let portFile = "\(folder)/sandbox.ports"
        Files.remove(portFile)
        var arguments =
            [
                "sandbox", "--http-port", "0", "--smtp-port", "0", "--directory", "\(folder)/sandbox", "--port-file",
                portFile,
                "--seed", "\(seed)",
            ] + more
        if let faults { arguments += ["--faults", faults] }
        let process = try ChildProcess(
            path: executable, arguments: arguments, output: .file("\(folder)/sandbox.out"),
            errors: .file("\(folder)/sandbox.err"))
        sandbox = process
        let ports = try waitForPorts(portFile, of: process, log: "\(folder)/sandbox.err")
        guard let http = ports["http"]?.int, let smtp = ports["smtp"]?.int else {
            throw Failure("the sandbox's port file does not name both ports")
        }
        sandboxPorts = SandboxPorts(http: http, smtp: smtp)
    }

    // MARK: - Server

    /// Starts `sobre serve` with the configuration in the folder and further flags, and waits until it is ready.
    public func startServer(
        environment: [String: String] = [:], wrapper: [String] = [], more: [String] = []
    ) throws {
        starts += 1
        let portFile = "\(folder)/server.\(starts).ports"
        let command =
            wrapper + [executable, "serve", "--config", "\(folder)/sobre.yaml", "--port-file", portFile] + more
        let process = try ChildProcess(
            path: command[0], arguments: Array(command.dropFirst()), environment: environment,
            output: .file("\(folder)/server.out"), errors: .file("\(folder)/server.err"))
        server = process
        let ports = try waitForPorts(portFile, of: process, log: "\(folder)/server.err")
        guard let port = ports["http"]?.int else { throw Failure("the server's port file does not name its port") }
        serverPort = port
        Files.remove(portFile)
    }

    /// Sends SIGKILL. Nothing is drained.
    public func killServer() {
        server?.signal(9)
        _ = server?.wait(atMost: .seconds(10))
    }

    /// Sends SIGTERM, as an operator would.
    @discardableResult
    public func stopServer() -> ChildProcess.Ending? { server?.stop() }

    public var serverURL: String { "http://127.0.0.1:\(serverPort)" }
    public var sandboxURL: String { "http://127.0.0.1:\(sandboxPorts.http)" }

    /// Runs one `sobre` command to its end and returns its output. With `output`, its standard output goes to that file
    /// instead.
    public func run(
        _ arguments: [String], environment: [String: String] = [:], to output: String? = nil
    ) throws -> (code: Int32, output: String) {
        let file = "\(folder)/command.out"
        Files.remove(file)
        let process = try ChildProcess(
            path: executable, arguments: arguments, environment: ["COLUMNS": "80"].merging(environment) { $1 },
            output: .file(output ?? file),
            errors: .file(file))
        guard let ending = process.wait(atMost: .seconds(120)) else {
            process.signal(9)
            throw Failure("sobre \(arguments.joined(separator: " ")) did not end within two minutes")
        }
        let output = Files.read(file) ?? ""
        if case .exited(let code) = ending { return (code, output) }
        throw Failure("sobre \(arguments.joined(separator: " ")) ended by a signal:\n\(output)")
    }

    private func waitForPorts(_ file: String, of process: ChildProcess, log: String) throws -> JSONRef {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if let text = Files.read(file), let document = try? JSONDocument.parse(text) { return document.root }
            if let ending = process.wait(atMost: .milliseconds(3)) {
                throw Failure(
                    "the process ended (\(ending)) before it was ready:\n\((Files.read(log) ?? "").suffix(2000))")
            }
        }
        throw Failure("the process was not ready within 30 s:\n\((Files.read(log) ?? "").suffix(2000))")
    }
}
