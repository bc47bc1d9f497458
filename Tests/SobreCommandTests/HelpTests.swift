import JSON
import TestBed
import Testing

/// Reads the help that the built program prints.
@Suite("The commands' help") struct HelpTests {
    private struct Help {
        /// What `--help` prints.
        var lines: [Substring]
        /// The part that the command's author wrote, unwrapped.
        var discussion: [Substring]
    }

    /// The help of every command, by the words that invoke it.
    private static let commands = Result<[[String]: Help], any Error> {
        let bed = try TestBed.built("help")
        let dump = try JSONDocument.parse(try bed.run(["--experimental-dump-help"]).output)
        var commands: [[String]: Help] = [:]
        var rest = [(path: ["sobre"], command: try #require(dump.root["command"]))]
        while let (path, command) = rest.popLast() {
            let (code, text) = try bed.run(path.dropFirst() + ["--help"])
            try #require(code == 0, "\(path): \(text)")
            commands[path] = Help(
                lines: text.split(separator: "\n"),
                discussion: (command["discussion"]?.string ?? "").split(separator: "\n"))
            for child in command["subcommands"].map({ Array($0.elements) }) ?? [] {
                let name = try #require(child["commandName"]?.string)
                // ArgumentParser's own.
                if name != "help" { rest.append((path + [name], child)) }
            }
        }
        return commands
    }

    @Test func `fits a terminal of 80 columns, and no example is broken by it`() throws {
        for (path, help) in try Self.commands.get() {
            #expect(help.lines.count > 3, "\(path)")
            for line in help.lines { #expect(line.count <= 80, "\(path): \(line)") }
            for line in help.discussion where line.contains("  sobre ") {
                #expect(line.count <= 80, "\(path): \(line)")
            }
        }
    }

    @Test func `every command that shows a table has --wide`() throws {
        let commands = try Self.commands.get()
        for words in ["keys list", "providers list", "providers show", "inbound", "logs", "retry"] {
            let help = commands[["sobre"] + words.split(separator: " ").map(String.init)]
            #expect(help?.lines.contains { $0.contains("--wide") } == true, "\(words)")
        }
    }

    @Test func `names in its examples only commands and options that there are`() throws {
        let commands = try Self.commands.get()
        var seen = 0
        for (path, help) in commands {
            for (number, line) in help.discussion.enumerated() {
                guard let start = line.firstRange(of: "sobre "), line.contains("  sobre ") else { continue }
                var text = String(line[start.lowerBound...])
                if text.hasSuffix("\\"), number + 1 < help.discussion.count { text += help.discussion[number + 1] }
                let words = text.split(separator: " ").map { String($0) }
                let called = (1...words.count).reversed().lazy.map { Array(words.prefix($0)) }.first {
                    commands[$0] != nil
                }
                let target = try #require(called.flatMap { commands[$0] }, "\(path): \(line)")
                #expect(called != ["sobre"], "\(path): \(line)")
                let known = target.lines.joined(separator: " ")
                for flag in words where flag.hasPrefix("--") {
                    #expect(known.contains("\(flag) "), "\(path): \(line)")
                }
                seen += 1
            }
        }
        #expect(seen > 30)
    }
}
