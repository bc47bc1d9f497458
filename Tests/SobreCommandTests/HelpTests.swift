import ArgumentParser
import Testing

@testable import sobre

@Suite("The commands' help") struct HelpTests {
    /// Every command, with the words that invoke it.
    private static func commands(
        _ type: any ParsableCommand.Type = Sobre.self, _ path: [String] = ["sobre"]
    ) -> [[String]: any ParsableCommand.Type] {
        let configuration = type.configuration
        let children = configuration.subcommands + configuration.groupedSubcommands.flatMap(\.subcommands)
        return children.reduce(into: [path: type]) { all, child in
            let name = child.configuration.commandName ?? child._commandName
            all.merge(commands(child, path + [name])) { first, _ in first }
        }
    }

    private static func help(_ type: any ParsableCommand.Type) -> [Substring] {
        Sobre.helpMessage(for: type, columns: 80).split(separator: "\n")
    }

    @Test func `fits a terminal of 80 columns, and no example is broken by it`() {
        for (path, type) in Self.commands() {
            for line in Self.help(type) { #expect(line.count <= 80, "\(path): \(line)") }
            for line in type.configuration.discussion.split(separator: "\n") where line.contains("  sobre ") {
                #expect(line.count <= 80, "\(path): \(line)")
            }
        }
    }

    @Test func `names in its examples only commands and options that there are`() throws {
        let commands = Self.commands()
        var seen = 0
        for (path, type) in commands {
            let lines = type.configuration.discussion.split(separator: "\n")
            for (number, line) in lines.enumerated() {
                guard let start = line.firstRange(of: "sobre "), line.contains("  sobre ") else { continue }
                var text = String(line[start.lowerBound...])
                if text.hasSuffix("\\"), number + 1 < lines.count { text += lines[number + 1] }
                let words = text.split(separator: " ").map { String($0) }
                let called = (1...words.count).reversed().lazy.map { Array(words.prefix($0)) }.first {
                    commands[$0] != nil
                }
                let target = try #require(called.flatMap { commands[$0] }, "\(path): \(line)")
                #expect(called != ["sobre"], "\(path): \(line)")
                let known = Self.help(target).joined(separator: " ")
                for flag in words where flag.hasPrefix("--") {
                    #expect(known.contains("\(flag) "), "\(path): \(line)")
                }
                seen += 1
            }
        }
        #expect(seen > 30)
    }
}
