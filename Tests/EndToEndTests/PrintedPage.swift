import TestBed
import Testing

/// A page of the manual with its fenced blocks, for tests that run what is printed.
struct PrintedPage {
    /// A fenced block: its language, its lines, and where it stands.
    struct Block {
        var language: String
        var lines: [String] = []
        /// The nearest heading above it.
        var heading: String
        /// Why a test does not run it, from a comment on the line above: `<!-- not run: needs systemd -->`.
        var reasonNotToRun: String?

        var text: String { lines.joined(separator: "\n") + "\n" }

        /// The commands of a console block with the lines that follow each.
        var commands: [(command: String, output: [String])] {
            var found: [(command: String, output: [String])] = []
            for line in lines {
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
    }

    private(set) var blocks: [Block] = []
    /// The text outside of blocks.
    private(set) var prose = ""

    init(_ path: String) throws {
        let text = try #require(Files.read(try Files.shipped(path)))
        var heading = ""
        var isInside = false
        var indentation = 0
        var previous = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map({ String($0) }) {
            let content = String(line.drop { $0 == " " })
            if content.hasPrefix("```") {
                isInside.toggle()
                if isInside {
                    indentation = line.count - content.count
                    let reason = previous.wholeMatch(of: /[ ]*<!-- not run: (.+) -->/).map { String($0.output.1) }
                    blocks.append(
                        Block(language: String(content.dropFirst(3)), heading: heading, reasonNotToRun: reason))
                }
            } else if isInside {
                let spaces = line.prefix(indentation).prefix { $0 == " " }.count
                blocks[blocks.count - 1].lines.append(String(line.dropFirst(spaces)))
            } else {
                if line.hasPrefix("#") { heading = String(line.drop { $0 == "#" }.dropFirst()) }
                prose += line + "\n"
            }
            previous = line
        }
    }

    func blocks(under heading: String) -> [Block] { blocks.filter { $0.heading == heading && !$0.language.isEmpty } }

    /// The words of a line without what differs from run to run: ids, times, dates, and how long words are cut.
    static func words(_ line: some StringProtocol) -> [String] {
        String(line).replacing(/[0-9a-z]{13}/, with: "#").replacing(/[0-9][-0-9:.TZ]*/, with: "#")
            .split(separator: " ").map { String($0) }
    }

    /// Expects that each printed line is one of those shown; `[…]` stands for the rest of a line, or for other lines.
    static func expect(_ printed: [String], in shown: String, of command: String) {
        let lines = shown.split(whereSeparator: \.isNewline).map { words($0) }
        for line in printed where line != "[…]" {
            let isPrinted = lines.contains { $0.starts(with: words(line.replacing("[…]", with: ""))) }
            #expect(isPrinted, "\(command) does not print\n\(line)\nbut\n\(shown)")
        }
    }
}
