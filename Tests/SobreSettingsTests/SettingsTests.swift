import Files
import SobreModel
import Testing

@testable import SobreSettings
import YAMLDocument

@Suite("Settings") struct SettingsTests {
    private func parse(_ text: String, _ variables: [String: String] = [:]) throws -> Settings {
        try Settings.parse(text, file: "test.yaml", folder: "/etc/sobre", environment: Environment(variables))
    }

    /// The root of the repository.
    static let root = FilePath.resolve("../../..", from: #filePath)

    @Test func `where nothing is said the defaults hold`() throws {
        let settings = try parse("")
        #expect(settings.server == Settings.Server())
        #expect(settings.dispatch == DispatchLimits())
        #expect(settings.data.directory == FilePath.working + "/data")
        #expect(settings.providers.isEmpty && settings.routes.isEmpty)
        #expect(settings.links.secret == nil && settings.sender[.email] == nil)
    }

    @Test func `the shipped file says the defaults that it claims`() throws {
        let path = Self.root + "/Config/sobre.yaml"
        let settings = try Settings.load(path: path, environment: Environment())
        #expect(settings.file == path)
        #expect(settings.server == Settings.Server())
        #expect(settings.dispatch == DispatchLimits())
        #expect(settings.retry == RetryPolicy())
        #expect(settings.rendering == Settings.Rendering())
        #expect(settings.retention == Retention())
        #expect(settings.log == Settings.Log())
        #expect(settings.links == Settings.Links())
        #expect(settings.data.directory == Self.root + "/data")
        #expect(settings.paths.templates == Self.root + "/Templates")
        #expect(settings.paths.providers == Self.root + "/Providers")
        #expect(settings.paths.policy == Self.root + "/Config/policy.yaml")
        #expect(settings.providers.map(\.name) == ["sandbox-mail", "sandbox-sms", "sandbox-push", "sandbox-whatsapp"])
        #expect(settings.routes[.email] == ["sandbox-mail"])
    }

    @Test func `the shipped file shows every key, and every bound with its default`() throws {
        let path = Self.root + "/Config/sobre.yaml"
        let text = try TextFile.readText(path)
        let root = try YAMLDocument.parse(text: text, file: "sobre.yaml").root.mapping()
        let lines = text.split(separator: "\n").map { $0.drop { $0 == " " || $0 == "#" } }
        for (section, keys) in Settings.sections {
            let mapping = try #require(try root.mapping(ifPresent: section), "\(section) is not there")
            for key in keys where !Settings.formerKeys(of: section).contains(key) {
                #expect(
                    mapping[key] != nil || lines.contains { $0.hasPrefix("\(key):") }, "\(section).\(key) is not there")
            }
        }
        for bound in Settings.bounds {
            #expect(try root.mapping(ifPresent: bound.section)?[bound.key] != nil, "\(bound.section).\(bound.key)")
        }
        let shipped = Leaf.all(of: try Settings.load(path: path, environment: Environment()))
        #expect(shipped == Leaf.all(of: Settings()))
    }

    /// Compares the values themselves, so that a limit cannot be added without a key.
    @Test func `every bound of the tree has a key, and each key reaches its bound`() throws {
        var most: [String: [String]] = [:]
        var least: [String: [String]] = [:]
        for bound in Settings.bounds {
            most[bound.section, default: []].append("\(bound.key): \(bound.most)")
            // The lease must outlast an attempt.
            let value = bound.key == "lease" ? "13s" : bound.key == "max_wait" ? "1s" : bound.least
            least[bound.section, default: []].append("\(bound.key): \(value)")
        }
        func tree(_ values: [String: [String]]) throws -> [Leaf] {
            Leaf.all(of: try parse(values.map { "\($0): {\($1.joined(separator: ", "))}" }.joined(separator: "\n")))
        }
        let defaults = Leaf.all(of: Settings())
        #expect(defaults.count == Settings.bounds.count)
        for (index, leaf) in defaults.enumerated() {
            let changed = [try tree(most)[index], try tree(least)[index]]
            #expect(changed.contains { $0.value != leaf.value }, "no key sets \(leaf.path)")
        }
    }

    @Test func `relative paths begin at the file's folder`() throws {
        let settings = try parse("data: {directory: ../store}\npaths: {templates: /srv/templates}")
        #expect(settings.data.directory == "/etc/store")
        #expect(settings.paths.templates == "/srv/templates")
    }

    @Test func `the environment replaces single values`() throws {
        let settings = try parse(
            "server: {port: 1000, host: 0.0.0.0}",
            [
                "SOBRE_SERVER_PORT": "9000", "SOBRE_DISPATCH_LEASE": "90s", "SOBRE_DATA_DIRECTORY": "here",
                "SOBRE_SENDER_EMAIL": #"Shop: "Larkspur" <a@shop.example>"#, "HOME": "/root",
            ])
        #expect(settings.server.port == 9000)
        #expect(settings.server.host == "0.0.0.0")
        #expect(settings.dispatch.lease == .seconds(90))
        #expect(settings.data.directory == FilePath.working + "/here")
        #expect(settings.sender[.email] == #"Shop: "Larkspur" <a@shop.example>"#)
    }

    @Test func `a variable that sets nothing is an error that names what was meant`() {
        let error = #expect(throws: SettingsError.self) { try parse("", ["SOBRE_SERVER_PROT": "1"]) }
        #expect(error?.message.contains("did you mean SOBRE_SERVER_PORT?") == true)
        let value = #expect(throws: SettingsError.self) { try parse("", ["SOBRE_SERVER_PORT": "many"]) }
        #expect(value?.message.hasPrefix("SOBRE_SERVER_PORT:1:") == true)
    }

    @Test(arguments: [
        ("server:\n  prot: 1\n", "test.yaml:2:3", "did you mean \"port\"?"),
        ("sever: {}\n", "test.yaml:1:1", "did you mean \"server\"?"),
        ("server: {port: 70000}", "test.yaml:1:16", "from 0 to 65535"),
        ("server: {port: many}", "test.yaml:1:16", "error"),
        ("server: {max_body: 10}", "test.yaml:1:20", "out of range"),
        ("server: [1]", "test.yaml:1:9", "mapping"),
        ("dispatch: {lease: 20s}", "test.yaml:1:19", "\"attempt_timeout\" + \"guard_time\" + 10 s"),
        ("dispatch: {attempt_timeout: 60s}", "test.yaml:1:29", "\"dispatch.lease\" must be at least"),
        ("links: {public_url: example.com}", "test.yaml:1:21", "https://mail.example.com"),
        ("links: {secret: hunter2}", "test.yaml:1:17", "env:NAME or file:PATH"),
        ("log: {level: inof}", "test.yaml:1:14", "did you mean \"info\"?"),
        ("routes: {email: [nobody]}", "test.yaml:1:18", "unknown value \"nobody\""),
        ("providers: {a: {type: file}}\nroutes: {email: {a: many}}", "test.yaml:2:21", "whole number"),
        ("providers: {a: {type: file}}\nroutes: {email: {a: 0}}", "test.yaml:2:21", "a weight above 0"),
        ("providers: {a: {type: file}}\nroutes: {email: [a, a]}", "test.yaml:2:21", "a stands here twice"),
        ("providers: {a: {type: file}}\nroutes: {email: {a: 1, b: 1}}", "test.yaml:2:24", "unknown key \"b\""),
        ("routes: {fax: []}", "test.yaml:1:10", "unknown key \"fax\""),
    ])
    func `a mistake is told with its place and what would be right`(text: String, place: String, words: String) {
        let error = #expect(throws: SettingsError.self) { try parse(text) }
        #expect(error?.message.hasPrefix(place + ":") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func `credentials stay outside, and a final slash is no part of the address`() throws {
        let settings = try parse("links: {secret: env:LINKS_KEY, public_url: https://mail.example.com/}")
        #expect(settings.links.secret == .environment("LINKS_KEY"))
        #expect(settings.links.publicURL == "https://mail.example.com")
    }

    @Test func `a named file that is not there is an error`() {
        let error = #expect(throws: SettingsError.self) {
            try Settings.load(path: "/nowhere/sobre.yaml", environment: Environment())
        }
        #expect(error?.message.contains("there is no such file") == true)
    }
}

/// A number, a duration or a switch in the settings.
private struct Leaf: Equatable {
    var path: String
    var value: String

    static func all(of settings: Settings) -> [Leaf] {
        var leaves: [Leaf] = []
        collect(settings, path: "", into: &leaves)
        return leaves
    }

    private static func collect(_ value: Any, path: String, into leaves: inout [Leaf]) {
        if value is Int || value is Duration || value is Bool {
            leaves.append(Leaf(path: path, value: "\(value)"))
            return
        }
        // Providers and routes are set up by operators and are not limits.
        for child in Mirror(reflecting: value).children where !["providers", "routes"].contains(child.label) {
            collect(child.value, path: "\(path).\(child.label ?? "")", into: &leaves)
        }
    }
}
