import Foundation

/// One Markdown file of the repository, parsed as far as the tests need: headings, prose and fenced blocks.
struct ManualPage {
    /// A fenced block.
    struct Block {
        /// The first word after the fence, such as `liquid`.
        var language: String
        /// The text after the language: a file's path, a channel, or nothing.
        var info: String
        var text: String
        /// The line number of the fence, from 1.
        var line: Int
    }

    /// The path from the repository's root.
    let path: String
    let lines: [String]
    private(set) var blocks: [Block] = []
    /// The lines outside fenced blocks, with their numbers.
    private(set) var prose: [(line: Int, text: String)] = []

    /// The repository's root: from Tests/ManualTests/ManualPage.swift up to the package.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static let manual = "Sources/sobre/Documentation.docc"

    init(_ path: String) throws {
        self.path = path
        let text = try String(contentsOfFile: "\(Self.root)/\(path)", encoding: .utf8)
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var open: (fence: Substring, block: Block)?
        for (index, line) in lines.enumerated() {
            let trimmed = line.drop { $0 == " " }
            let fence = trimmed.prefix { $0 == "`" }
            if var (begun, block) = open {
                if fence == begun, trimmed.count == fence.count {
                    block.text = block.text.hasSuffix("\n") ? String(block.text.dropLast()) : block.text
                    blocks.append(block)
                    open = nil
                } else {
                    block.text += line + "\n"
                    open = (begun, block)
                }
            } else if fence.count >= 3 {
                let words = trimmed.dropFirst(fence.count).split(separator: " ", maxSplits: 1)
                open = (
                    fence,
                    Block(
                        language: words.first.map(String.init) ?? "", info: words.count > 1 ? String(words[1]) : "",
                        text: "", line: index + 1)
                )
            } else {
                prose.append((index + 1, line))
            }
        }
    }

    /// The headings' texts, in order.
    var headings: [String] {
        prose.compactMap { $0.text.wholeMatch(of: /#+ (.+)/).map { String($0.output.1) } }
    }

    /// The anchors that a code host generates for the headings.
    var anchors: Set<String> {
        var seen: [String: Int] = [:]
        var anchors: Set<String> = []
        for heading in headings {
            let kept = heading.lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
            let anchor = String(kept.map { $0 == " " ? "-" : $0 })
            let count = seen[anchor, default: 0]
            seen[anchor] = count + 1
            anchors.insert(count == 0 ? anchor : "\(anchor)-\(count)")
        }
        return anchors
    }

    /// The targets of links and pictures in the prose, with their lines.
    var links: [(line: Int, target: String)] {
        prose.flatMap { line, text in
            text.replacing(/`[^`]*`/, with: "").matches(of: /\]\(([^)\s]+)\)/).map { (line, String($0.output.1)) }
        }
    }

    /// The prose from a heading to the next one of the same or a higher level.
    func section(_ heading: String) -> [String] {
        let titles = (2...4).map { String(repeating: "#", count: $0) + " " + heading }
        guard let start = prose.firstIndex(where: { titles.contains($0.text) }) else { return [] }
        let level = prose[start].text.prefix { $0 == "#" }.count
        let rest = prose[(start + 1)...].map(\.text)
        return Array(
            rest.prefix { line in
                let depth = line.prefix { $0 == "#" }.count
                return depth == 0 || depth > level
            })
    }

    /// The code spans of some lines.
    static func codeSpans(_ lines: [String]) -> Set<String> {
        Set(lines.flatMap { $0.matches(of: /`([^`]+)`/).map { String($0.output.1) } })
    }

    /// The cells of the tables in some lines, without their headings and rules.
    static func rows(_ lines: [String]) -> [[String]] {
        var rows: [[String]] = []
        for (index, line) in lines.enumerated() where line.hasPrefix("|") {
            if line.hasPrefix("|--") || index + 1 < lines.count && lines[index + 1].hasPrefix("|--") { continue }
            rows.append(
                line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
                    $0.trimmingCharacters(in: .whitespaces)
                })
        }
        return rows
    }
}
