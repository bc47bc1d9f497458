import Foundation
import JSON
import SobreHTTP
import Testing
import YAMLDocument

/// Compares the metrics that the code makes with the manual, with their help, with the alerts and with the dashboard.
@Suite struct MonitoringTests {
    private static let folder = "\(ManualPage.root)/Config/monitoring"

    /// The names of metrics in the source code.
    private static func made() throws -> Set<String> {
        var names: Set<String> = ["sobre_metrics_dropped_series"]
        let sources = "\(ManualPage.root)/Sources"
        for file in FileManager.default.enumerator(atPath: sources)?.compactMap({ $0 as? String }) ?? [] {
            guard file.hasSuffix(".swift"), !file.hasPrefix("sobre-bench/") else { continue }
            let text = try String(contentsOfFile: "\(sources)/\(file)", encoding: .utf8)
            for match in text.matches(of: /(Timer\()?(?:label:|counters\(|set\()\s*"(sobre_[a-z_]+)"/) {
                let name = String(match.output.2)
                names.insert(match.output.1 == nil || name.hasSuffix("_seconds") ? name : name + "_seconds")
            }
        }
        return names
    }

    /// The rows of the manual's table: the name, its labels and its kind.
    private static func described() throws -> [String: (labels: Set<String>, kind: String)] {
        let page = try ManualPage("\(ManualPage.manual)/Operating.md")
        var found: [String: (labels: Set<String>, kind: String)] = [:]
        for row in ManualPage.rows(page.section("Metrics")) {
            guard let match = row[0].wholeMatch(of: /`(sobre_[a-z_]+)(?:\{([a-z,]+)\})?`/) else { continue }
            let labels = match.output.2.map { Set($0.split(separator: ",").map(String.init)) } ?? []
            found[String(match.output.1)] = (labels, row[1])
        }
        return found
    }

    @Test func `every metric is in the manual and has its help, and no other`() throws {
        let made = try Self.made()
        let described = Set(try Self.described().keys)
        #expect(made.count > 35)
        #expect(made.subtracting(described) == [], "not in the manual")
        #expect(described.subtracting(made) == [], "not made")
        #expect(Set(MetricHelp.names) == made)
    }

    /// Expects that an expression names only metrics and labels that there are.
    private func check(_ expression: String, _ place: String) throws {
        let described = try Self.described()
        let names = expression.matches(of: /sobre_[a-z_]+/).map { String($0.output) }
        #expect(!names.isEmpty, "\(place)")
        for name in names {
            var base = name
            for suffix in ["_bucket", "_sum", "_count"] where name.hasSuffix(suffix) && described[name] == nil {
                base = String(name.dropLast(suffix.count))
                #expect(described[base]?.kind == "histogram", "\(place): \(name)")
            }
            #expect(described[base] != nil, "\(place): there is no \(name)")
        }
        let known = names.reduce(into: Set(["instance", "le"])) { labels, name in
            let base = name.hasSuffix("_bucket") ? String(name.dropLast(7)) : name
            labels.formUnion(described[base]?.labels ?? [])
        }
        for match in expression.matches(of: /by \(([a-z, ]+)\)/) {
            for label in match.output.1.split(separator: ",") {
                let label = label.trimmingCharacters(in: .whitespaces)
                #expect(known.contains(label), "\(place): there is no label \(label)")
            }
        }
        for match in expression.matches(of: /[{,]([a-z_]+)(?:=~|!~|!=|=)"/) {
            #expect(known.contains(String(match.output.1)), "\(place): there is no label \(match.output.1)")
        }
    }

    @Test func `the alerts name metrics and labels that there are`() throws {
        let text = try String(contentsOfFile: "\(Self.folder)/alerts.yaml", encoding: .utf8)
        let root = try YAMLDocument.parse(text: text, file: "alerts.yaml").root.mapping()
        var count = 0
        for group in try root.require("groups").list() {
            for rule in try group.mapping().require("rules").list() {
                let rule = try rule.mapping()
                try check(rule.string("expr"), rule.string("alert"))
                let severity = try rule.require("labels").mapping().string("severity")
                #expect(["page", "ticket"].contains(severity))
                let annotations = try rule.require("annotations").mapping()
                #expect(annotations.contains("summary") && annotations.contains("description"))
                count += 1
            }
        }
        #expect(count >= 15)
    }

    @Test func `the dashboard asks for metrics and labels that there are, and each panel shows something`() throws {
        let text = try String(contentsOfFile: "\(Self.folder)/grafana.json", encoding: .utf8)
        let root = try JSONDocument.parse(text).root
        var places: Set<String> = []
        for panel in try #require(root["panels"]).elements {
            let title = try #require(panel["title"]?.string)
            let targets = try #require(panel["targets"]).elements.map { $0["expr"]?.string ?? "" }
            #expect(!targets.isEmpty, "\(title)")
            for target in targets { try check(target.replacing("$__rate_interval", with: "5m"), title) }
            let place = try #require(panel["gridPos"])
            let isFree = places.insert("\(place["x"]?.int ?? -1) \(place["y"]?.int ?? -1)").inserted
            #expect(isFree, "\(title) covers another panel")
        }
        #expect(places.count >= 20)
        let variable = try #require(root["templating"]?["list"]?.elements.first { $0["name"]?.string == "instance" })
        try check(try #require(variable["query"]?.string), "the variable instance")
    }

    private static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(.enabled(if: promtool != nil, "Skipped: promtool is not installed (apt-get install prometheus)."))
    func `promtool takes the alerts, and each fires when it should`() throws {
        for arguments in [["check", "rules", "alerts.yaml"], ["test", "rules", "alerts.test.yaml"]] {
            let process = Process()
            process.executableURL = URL(filePath: try #require(Self.promtool))
            process.arguments = arguments
            process.currentDirectoryURL = URL(filePath: Self.folder)
            let output = Pipe()
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "\(text)")
        }
    }
}
