import ChildProcess
import Glibc
import TestBed
import Testing

/// The operator's page of the manual, followed as it is printed against a server and a sandbox.
@Suite("The operator's page, word for word", .serialized)
struct OperatorPageTests {
    private static let page = "Sources/sobre/Documentation.docc/Operating.md"
    /// As the page prints the user who works.
    private static let user = ["COLUMNS": "120", "SUDO_USER": "ops"]

    @Test("Each printed command works, and prints what the page says")
    func commands() async throws {
        let page = try PrintedPage(Self.page)
        let place = try ShippedWorkplace("operator-page")
        let bed = place.bed
        var (server, port) = try await place.startServer()
        defer { server.signal(SIGTERM) }
        let message = try PrintedPage("README.md").blocks(under: "A first message").filter { $0.language == "json" }
        try Files.write(message[0].text, to: "\(bed.folder)/people.ndjson")
        try Files.write(message[1].text, to: "\(bed.folder)/messages.ndjson")
        for command in ["sobre profiles import people.ndjson", "sobre enqueue messages.ndjson"] {
            #expect(try place.shell(command, Self.user).code == 0, "\(command)")
        }
        try await wait(for: "sobre logs --state held", in: place, until: "next")
        var seen = 0
        var isRestored = false
        for block in page.blocks where block.reasonNotToRun == nil {
            #expect(block.language == "console", "under \(block.heading): neither console nor marked as not run")
            if block.heading == "Restore", !isRestored {
                isRestored = true
                // What was accepted before a start from a backup is held.
                server.signal(SIGTERM)
                #expect(server.wait(atMost: .seconds(20)) == .exited(code: 0))
                #expect(try place.shell("sobre enqueue messages.ndjson", Self.user).code == 0)
                (server, port) = try await place.startServer("--restored")
                try await wait(for: "sobre logs --reason restored", in: place, until: "restored:")
            }
            if block.heading == "Changing without a restart" { try changeSettings(of: bed) }
            for (command, output) in block.commands {
                let local = command.replacing("/var/backups", with: bed.folder)
                    .replacing("127.0.0.1:8480", with: "127.0.0.1:\(port)")
                let (code, shown) = try place.shell(local, Self.user)
                #expect(code == 0, "\(command): \(shown)")
                PrintedPage.expect(output, in: shown.replacing(bed.folder, with: "/var/backups"), of: command)
                seen += 1
            }
        }
        #expect(isRestored && seen == 15)
        let left = try place.shell("sobre logs --state held --reason restored --format json", Self.user)
        let ids = Set(left.output.matches(of: /"message":"([0-9a-z]{13})"/).map { String($0.output.1) })
        for id in ids {
            #expect(try place.shell("sobre show \(id)", Self.user).output.contains("cancelled"), "\(id)")
        }
        #expect(!ids.isEmpty)
    }

    /// What the page says has changed before a reload.
    private func changeSettings(of bed: TestBed) throws {
        let settings = "\(bed.folder)/Config/sobre.yaml"
        let text = try #require(Files.read(settings))
        let changed = text.replacing(
            "  sandbox-sms:\n", with: "  sandbox-sms:\n    limits: {rate: 50/s, burst: 10}\n"
        ).replacing("backlog: 4096 ", with: "backlog: 8192 ")
        try Files.write(changed, to: settings)
    }

    private func wait(for command: String, in place: ShippedWorkplace, until text: String) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        var shown = ""
        while ContinuousClock.now < deadline {
            shown = try place.shell(command, Self.user).output
            if shown.contains(text) { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw TestBed.Failure("\(command) never shows \(text):\n\(shown)")
    }

    @Test("Each reason not to run a block is stated")
    func reasons() throws {
        let reasons = try PrintedPage(Self.page).blocks.compactMap(\.reasonNotToRun)
        #expect(reasons == ["needs systemd", "needs systemd", "needs systemd"])
    }

    @Test("Each command and option that the page mentions exists, and each path is answered")
    func mentions() async throws {
        let page = try PrintedPage(Self.page)
        let place = try ShippedWorkplace("operator-words")
        let (server, port) = try await place.startServer()
        defer { server.signal(SIGTERM) }
        var helps: [String: String] = [:]
        var mentioned = 0
        for match in page.prose.matches(of: /`((?:sobre|GET) [^`]+)`/) {
            let words = match.output.1.split(whereSeparator: \.isWhitespace).map { String($0) }
            if words[0] == "GET" {
                guard !words[1].contains("{") else { continue }
                let (code, shown) = try place.shell("curl -fsS -o /dev/null 'http://127.0.0.1:\(port)\(words[1])'")
                #expect(code == 0, "\(words): \(shown)")
            } else {
                let command = words.prefix { $0.allSatisfy { $0.isLowercase || $0 == "-" } && !$0.hasPrefix("-") }
                let name = command.joined(separator: " ")
                if helps[name] == nil {
                    let (code, shown) = try place.shell("\(name) --help")
                    #expect(code == 0, "\(name): \(shown)")
                    helps[name] = shown
                }
                for option in words where option.hasPrefix("--") {
                    #expect(helps[name]?.contains(option) == true, "\(name) has no option \(option)")
                }
            }
            mentioned += 1
        }
        #expect(mentioned > 25)
    }
}
