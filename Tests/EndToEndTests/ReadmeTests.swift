import ChildProcess
import Glibc
import SobreModel
import TestBed
import Testing

/// The commands of the README and of the manual's first examples, run as they are printed in a copy of the shipped folders.
@Suite("The printed examples", .serialized)
struct ReadmeTests {
    @Test("A first message, as the README prints it")
    func firstMessage() async throws {
        let place = try ShippedWorkplace("readme")
        let bed = place.bed
        let (server, port) = try await place.startServer()
        defer { server.signal(SIGTERM) }

        let blocks = try PrintedPage("README.md").blocks(under: "A first message")
        let json = blocks.filter { $0.language == "json" }
        try Files.write(json[0].text, to: "\(bed.folder)/people.ndjson")
        try Files.write(json[1].text, to: "\(bed.folder)/messages.ndjson")
        var seen = 0
        for block in blocks where block.language == "console" {
            for (command, output) in block.commands where command != "sobre sandbox" && command != "sobre serve" {
                if command.hasPrefix("sobre timeline") { try await quiet(bed) }
                let (code, shown) = try place.shell(
                    command.replacing("127.0.0.1:8480", with: "127.0.0.1:\(port)").replacing(
                        "curl -i", with: "curl -si"))
                #expect(code == 0, "\(command): \(shown)")
                PrintedPage.expect(output, in: shown, of: command)
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
        let place = try ShippedWorkplace("braze")
        let bed = place.bed
        let blocks = try PrintedPage("Sources/sobre/Documentation.docc/Templates.md").blocks(
            under: "Importing from Braze")
        try Files.write(
            try #require(blocks.first { $0.language == "html" }).text, to: "\(bed.folder)/welcome.html")
        var seen = 0
        for (command, output) in try #require(blocks.first { $0.language == "console" }).commands {
            let (code, shown) = try place.shell(command)
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
        let place = try ShippedWorkplace("manual")
        let block = try #require(
            try PrintedPage("Sources/sobre/Documentation.docc/Simulate.md").blocks(under: "An example").first {
                $0.language == "console"
            })
        for (command, output) in block.commands {
            let (code, shown) = try place.shell(command)
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
