import Foundation
import Testing

/// The manual is read on a code host. Its links are relative paths, and each must have a target.
@Suite struct LinkTests {
    static let pages: [String] = {
        let manual = "\(ManualPage.root)/\(ManualPage.manual)"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: manual)) ?? []
        return [
            "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Providers/README.md", "Sources/Liquid/README.md",
        ] + names.filter { $0.hasSuffix(".md") }.sorted().map { "\(ManualPage.manual)/\($0)" }
    }()

    @Test(arguments: pages)
    func `every link leads to a file and a heading that exist`(path: String) throws {
        let page = try ManualPage(path)
        let folder = path.contains("/") ? String(path[..<path.lastIndex(of: "/")!]) : "."
        for (line, target) in page.links where !target.contains("://") && !target.hasPrefix("mailto:") {
            let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let file = parts[0].isEmpty ? path : Self.normal("\(folder)/\(parts[0])")
            #expect(
                FileManager.default.fileExists(atPath: "\(ManualPage.root)/\(file)"),
                "\(path):\(line) links to \(target), which does not exist")
            guard parts.count == 2, file.hasSuffix(".md") else { continue }
            let anchors = try ManualPage(file).anchors
            #expect(anchors.contains(parts[1]), "\(path):\(line) links to \(target), but \(file) has no such heading")
        }
        #expect(!page.lines.contains { $0.contains("<doc:") }, "\(path) has a link that only DocC understands")
    }

    @Test func `the index links every page of the manual, and the README links the index`() throws {
        let index = try ManualPage("\(ManualPage.manual)/README.md")
        let linked = Set(index.links.map(\.target))
        for path in Self.pages where path.hasPrefix(ManualPage.manual) && !path.hasSuffix("/README.md") {
            let name = String(path.dropFirst(ManualPage.manual.count + 1))
            #expect(linked.contains(name), "\(name) is not in the index")
        }
        #expect(try ManualPage("README.md").links.contains { $0.target == "\(ManualPage.manual)/README.md" })
    }

    @Test func `the README has at most 160 lines`() throws {
        let lines = try ManualPage("README.md").lines.count
        #expect(lines <= 160)
    }

    /// The path without `.` and `..`.
    private static func normal(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", !parts.isEmpty { parts.removeLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }
}
