import ChildProcess
import Foundation
import TestBed
import Testing

/// The programs of the manual's page about calling the API, run as they are printed.
@Suite("The printed clients", .serialized)
struct ClientExampleTests {
    /// The program of a language on the page.
    private static func program(_ language: String) throws -> String {
        let page = try #require(Files.read(try Files.shipped("Sources/sobre/Documentation.docc/Clients.md")))
        let parts = page.components(separatedBy: "```\(language)\n")
        try #require(parts.count == 2, "the page has one program in \(language)")
        return parts[1].components(separatedBy: "\n```")[0] + "\n"
    }

    /// The first of some programs that is on the path; nil: none is.
    private static func tool(_ names: String...) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        for name in names where path.split(separator: ":").contains(where: { access("\($0)/\(name)", X_OK) == 0 }) {
            return name
        }
        return nil
    }

    /// Runs a program with a key of a server that has keys, and expects the sandbox to have got the message.
    private func run(_ language: String, with tool: String, file: String) async throws {
        let place = try ShippedWorkplace("client-\(file)")
        try Files.write(try Self.program(language), to: "\(place.bed.folder)/\(file)")
        let made = try place.shell("sobre keys create --label example --scope enqueue --scope read")
        let key = try #require(made.output.firstMatch(of: /sobre_[0-9a-f]{64}/)).output
        let (server, port) = try await place.startServer()
        defer { server.signal(SIGTERM) }
        let (code, output) = try place.shell(
            "\(tool) \(file)", ["SOBRE_URL": "http://127.0.0.1:\(port)", "SOBRE_API_KEY": String(key)])
        #expect(code == 0, "\(output)")
        #expect(output.wholeMatch(of: /[0-9a-z]{13} sent\n/) != nil, "\(output)")
        let received = Files.read(place.bed.recordFile) ?? ""
        #expect(received.split(separator: "\n").count == 1, "\(received)")
    }

    @Test("The program of curl sends one message") func curl() async throws {
        try await run("sh", with: "sh", file: "client.sh")
    }

    @Test(
        "The program in Python sends one message, repeats it, and reads an error",
        .enabled(if: tool("python3") != nil, "Skipped: Python is not installed (apt-get install python3)."))
    func python() async throws {
        try await run("python", with: "python3", file: "client.py")
    }

    @Test(
        "The program of Node.js sends one message",
        .enabled(if: tool("node") != nil, "Skipped: Node.js is not installed (apt-get install nodejs)."))
    func node() async throws {
        try await run("js", with: "node", file: "client.mjs")
    }
}
