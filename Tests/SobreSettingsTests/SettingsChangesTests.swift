import Files
import Testing

@testable import SobreSettings

@Suite("What a reload can change") struct SettingsChangesTests {
    private func parse(_ text: String) throws -> Settings {
        try Settings.parse(text, file: "test.yaml", folder: "/etc/sobre", environment: Environment())
    }

    @Test func `every key of every section is compared`() {
        let known = Settings.keysByReload
        let names = Set(known.live + known.restart)
        #expect(names.count == known.live.count + known.restart.count)
        var missing: [String] = []
        for (section, keys) in Settings.sections {
            for key in keys
            where !Settings.formerKeys(of: section).contains(key) && !names.contains("\(section).\(key)") {
                missing.append("\(section).\(key)")
            }
        }
        #expect(missing.isEmpty, "\(missing)")
    }

    /// Each bounded key with its least value, alone.
    @Test func `a changed key is named, and only what is live is adopted`() throws {
        let defaults = try parse("")
        for bound in Settings.bounds where !["lease", "max_wait"].contains(bound.key) {
            let name = "\(bound.section).\(bound.key)"
            guard let changed = try? parse("\(bound.section): {\(bound.key): \(bound.most)}") else { continue }
            let changes = defaults.changes(to: changed)
            guard changes != SettingsChanges() else { continue }
            let isLive = Settings.keysByReload.live.contains(name)
            // The defaults of the providers' own limits follow the section.
            #expect((isLive ? changes.live : changes.restart) == [name])
            #expect(defaults.adoptingLive(of: changed).changes(to: changed) == (isLive ? SettingsChanges() : changes))
        }
    }

    @Test func `providers, routes and senders are named one by one`() throws {
        let relay = "relay: {type: smtp, settings: {host: relay.example}}"
        let hook = "hook: {type: webhook, channel: sms, settings: {url: https://hook.example}}"
        let before = try parse("providers:\n  \(relay)\n  \(hook)\nroutes: {sms: [hook]}\n")
        func live(_ text: String) throws -> [String] { try before.changes(to: parse(text)).live }
        #expect(
            try live(
                "providers:\n  \(relay.replacing("relay.example", with: "new.example"))\n  \(hook)\nroutes: {sms: [hook]}\n"
            )
                == ["providers.relay"])
        #expect(try live("providers:\n  \(relay)\n") == ["providers.hook", "routes.sms"])
        #expect(
            try live("providers:\n  \(hook)\n  \(relay)\nroutes: {sms: {hook: 5}}\n")
                == ["the order of the providers", "routes.sms"])
        #expect(
            try live("sender: {email: a@example.com}\nproviders:\n  \(relay)\n  \(hook)\nroutes: {sms: [hook]}\n")
                == ["sender.email"])
        let next = try parse("server: {port: 1}\nproviders:\n  \(hook)\n")
        let adopted = before.adoptingLive(of: next)
        #expect(adopted.providers.map(\.name) == ["hook"] && adopted.routes.isEmpty && adopted.server.port == 8480)
        #expect(adopted.changes(to: next) == SettingsChanges(restart: ["server.port"]))
    }

    @Test func `the data directory is found in a file that is invalid elsewhere, and not in one without it`() throws {
        let path = "\(FilePath.working)/place-\(UInt32.random(in: 0 ... .max)).yaml"
        defer { _ = TextFile.remove(path) }
        func directory(_ text: String) throws -> String {
            try TextFile.replace(path, with: text)
            return try Settings.loadPlace(path: path, environment: Environment()).data.directory
        }
        #expect(
            try directory("server: [\ndata:\n  # here\n\n  directory: /srv/sobre\nhealth: {x: }}\n") == "/srv/sobre")
        #expect(try directory("data: {directory: kept}\nnonsense\n") == "\(FilePath.working)/kept")
        #expect(try directory("health: [\n") == "\(FilePath.working)/data")
        #expect(throws: SettingsError.self) { try directory("data: {directry: /srv}\n") }
    }

    @Test func `the shipped settings say which keys need a restart`() throws {
        let text = try TextFile.readText(SettingsTests.root + "/Config/sobre.yaml")
        let marker = "# Restart: "
        let lines = text.split(separator: "\n").filter { $0.hasPrefix(marker) }.map { $0.dropFirst(marker.count) }
        let marked = Set(lines.joined(separator: " ").split { $0 == "," || $0 == " " }.map(String.init))
        // Whole sections are named, and single keys of the others.
        let known = Settings.keysByReload
        let sections = Set(Settings.sections.map(\.name))
        let wholly = sections.filter { name in !known.live.contains { $0.hasPrefix("\(name).") } }
        let rest = known.restart.filter { key in !wholly.contains { key.hasPrefix("\($0).") } }
        #expect(marked == wholly.union(rest), "\(marked.symmetricDifference(wholly.union(rest)).sorted())")
    }
}
