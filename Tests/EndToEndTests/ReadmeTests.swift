import ChildProcess
import Glibc
import SobreModel
import TestBed
import Testing

/// The commands of the README and of the manual's first examples, run as they are printed in a copy of the shipped folders.
@Suite("The printed examples", .serialized)
struct ReadmeTests {
    /// A fenced block: its language, and its lines.
    private struct Block {
        var language: String
        var lines: [String]
        var text: String { lines.joined(separator: "\n") + "\n" }
    }

    private func blocks(of page: String, under heading: String) throws -> [Block] {
        let text = try #require(Files.read(try Files.shipped(page)))
        var blocks: [Block] = []
        var isInside = false
        var isUnder = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map({ String($0) }) {
            if line.hasPrefix("```") {
                isInside.toggle()
                if isInside { blocks.append(Block(language: isUnder ? String(line.dropFirst(3)) : "", lines: [])) }
            } else if isInside {
                blocks[blocks.count - 1].lines.append(line)
            } else if line.hasPrefix("#") {
                isUnder = line.drop { $0 == "#" } == " \(heading)"
            }
        }
        return blocks.filter { !$0.language.isEmpty }
    }

    /// The commands of a console block with the lines that follow each.
    private func commands(_ block: Block) -> [(command: String, output: [String])] {
        var found: [(command: String, output: [String])] = []
        for line in block.lines {
            if line.hasPrefix("$ ") {
                found.append((String(line.dropFirst(2)), []))
            } else if let last = found.last, last.command.hasSuffix("\\"), last.output.isEmpty {
                found[found.count - 1].command += "\n" + line
            } else if !found.isEmpty {
                found[found.count - 1].output.append(line)
            }
        }
        return found
    }

    /// A copy of the shipped configuration on free ports, with `sobre` in the path.
    private func workplace(_ name: String) throws -> (bed: TestBed, environment: [String: String]) {
        let bed = try TestBed.built(name)
        for folder in ["Config", "Providers", "Templates"] {
            let copy = try ChildProcess(
                path: "/bin/cp", arguments: ["-R", try Files.shipped(folder), "\(bed.folder)/\(folder)"])
            #expect(copy.wait(atMost: .seconds(20)) == .exited(code: 0))
        }
        let bin = bed.executable.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return (bed, ["PATH": "\(bin):\(path)", "COLUMNS": "80"])
    }

    private func shell(
        _ command: String, _ bed: TestBed, _ environment: [String: String], in folder: String? = nil
    ) throws -> (code: Int32, output: String) {
        let file = "\(bed.folder)/shell.out"
        Files.remove(file)
        let process = try ChildProcess(
            path: "/bin/sh", arguments: ["-c", "cd \(folder ?? bed.folder) && \(command)"], environment: environment,
            output: .file(file), errors: .file(file))
        guard case .exited(let code)? = process.wait(atMost: .seconds(300)) else {
            process.signal(SIGKILL)
            throw TestBed.Failure("\(command) did not end")
        }
        return (code, Files.read(file) ?? "")
    }

    /// The words of a line without what differs from run to run: ids, times, dates, and how long words are cut.
    private func words(_ line: some StringProtocol) -> [String] {
        String(line).replacing(/[0-9a-z]{13}/, with: "#").replacing(/[0-9][-0-9:.TZ]*/, with: "#")
            .split(separator: " ").map { String($0) }
    }

    @Test("A first message, as the README prints it")
    func firstMessage() async throws {
        let (bed, environment) = try workplace("readme")
        try bed.startSandbox()
        let settings = "\(bed.folder)/Config/sobre.yaml"
        let text = try #require(Files.read(settings))
        try Files.write(
            text.replacing(":8490", with: ":\(bed.sandboxPorts.http)").replacing(
                "8425", with: "\(bed.sandboxPorts.smtp)"),
            to: settings)
        let server = try ChildProcess(
            path: "/bin/sh",
            arguments: ["-c", "cd \(bed.folder) && exec sobre serve --port-file \(bed.folder)/ports"],
            environment: environment.merging(["SOBRE_SERVER_PORT": "0"]) { $1 },
            output: .file("\(bed.folder)/server.out"),
            errors: .file("\(bed.folder)/server.err"))
        defer { server.signal(SIGTERM) }
        let deadline = ContinuousClock.now + .seconds(30)
        while !Files.exists("\(bed.folder)/ports"), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        let port = try #require(Files.read("\(bed.folder)/ports")).filter(\.isNumber)

        let blocks = try blocks(of: "README.md", under: "A first message")
        let json = blocks.filter { $0.language == "json" }
        try Files.write(json[0].text, to: "\(bed.folder)/people.ndjson")
        try Files.write(json[1].text, to: "\(bed.folder)/messages.ndjson")
        var seen = 0
        for block in blocks where block.language == "console" {
            for (command, output) in commands(block) where command != "sobre sandbox" && command != "sobre serve" {
                if command.hasPrefix("sobre timeline") { try await quiet(bed) }
                let (code, shown) = try shell(
                    command.replacing("127.0.0.1:8480", with: "127.0.0.1:\(port)").replacing(
                        "curl -i", with: "curl -si"), bed,
                    environment)
                #expect(code == 0, "\(command): \(shown)")
                let lines = shown.split(whereSeparator: \.isNewline).map { words($0) }
                for line in output where line != "[…]" {
                    let isPrinted = lines.contains { $0.starts(with: words(line.replacing("[…]", with: ""))) }
                    #expect(isPrinted, "\(command) does not print\n\(line)\nbut\n\(shown)")
                }
                seen += 1
            }
        }
        #expect(seen == 4)
    }

    /// Waits until nothing but what is held waits.
    private func quiet(_ bed: TestBed) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            let totals = try await bed.totals()
            if totals.allSatisfy({ $0.key.isFinal || $0.key == .held || $0.value == 0 }) { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    @Test("The import of a template of Braze, as the manual prints it")
    func brazeImport() throws {
        let (bed, environment) = try workplace("braze")
        let blocks = try blocks(
            of: "Sources/sobre/Documentation.docc/Templates.md", under: "Importing from Braze")
        try Files.write(
            try #require(blocks.first { $0.language == "html" }).text, to: "\(bed.folder)/welcome.html")
        var seen = 0
        for (command, output) in commands(try #require(blocks.first { $0.language == "console" })) {
            let (code, shown) = try shell(command, bed, environment)
            // Something is left to do by hand.
            #expect(code == 1, "\(command): \(shown)")
            let lines = shown.split(whereSeparator: \.isNewline).map { String($0) }
            for line in output where line != "[…]" {
                #expect(lines.contains(line), "\(command) does not print\n\(line)\nbut\n\(shown)")
                seen += 1
            }
        }
        #expect(seen == 4)
        let made = Files.read("\(bed.folder)/Templates/welcome/email.html.liquid") ?? ""
        #expect(made.hasPrefix("Hello {{customer.first_name | default: 'there'}},\n"))
    }

    @Test("The simulation of the shipped purchases, as the manual prints it")
    func simulation() async throws {
        let (bed, environment) = try workplace("manual")
        let block = try #require(
            blocks(of: "Sources/sobre/Documentation.docc/Simulate.md", under: "An example").first {
                $0.language == "console"
            })
        for (command, output) in commands(block) {
            let (code, shown) = try shell(command, bed, environment)
            #expect(code == 0, "\(command): \(shown)")
            let lines = Set(
                shown.split(whereSeparator: \.isNewline).map { $0.split(separator: " ").joined(separator: " ") })
            for line in output where line != "[…]" && !line.isEmpty {
                let words = line.split(separator: " ").joined(separator: " ")
                #expect(lines.contains(words), "\(command) does not print\n\(line)")
            }
        }
    }
}
