import ArgumentParser
import JSON
import SobreHTTP
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import Text

/// `sobre keys`.
struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "API keys: create, list, revoke.",
        discussion: """
            As long as there is no key the server listens on loopback only. A key is shown once; the store keeps its hash.

            Example:  sobre keys create --label journeys --scope enqueue --scope read
                      sobre keys revoke k_0123456789
            """,
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and show it, this once.", usage: "sobre keys create --label <label> [<options>]")

        @Option(help: "What the key is for, in your words.")
        var label: String

        @Option(
            help: ArgumentHelp(
                "What it allows; give it several times for several: \(APIScope.allCases.map(\.rawValue).joined(separator: ", ")).",
                valueName: "scope"))
        var scope: [String] = ["enqueue", "read"]

        @Option(help: ArgumentHelp("It ends after so many days.", valueName: "days"))
        var days: Int?

        @OptionGroup var settings: SettingsOptions

        func validate() throws {
            for name in scope where APIScope(rawValue: name) == nil {
                throw ValidationError(
                    "There is no scope \(name). There are \(APIScope.allCases.map(\.rawValue).joined(separator: ", "))."
                )
            }
            if let days, !(1...3650).contains(days) { throw ValidationError("--days must lie from 1 to 3650.") }
            if label.isEmpty { throw ValidationError("--label must say what the key is for.") }
        }

        func run() async throws {
            let now = SystemTime().now()
            let expiresAt = days.map { now + .seconds($0 * 86_400) }
            let secret = try await Backend.using(settings.load()) { backend -> String in
                switch backend {
                case .store(let store, _):
                    let key = APIKey.generate()
                    let scopes = Set(scope.compactMap(APIScope.init(rawValue:)))
                    try await store.add(
                        key: key.record(label: label, scopes: scopes, createdAt: now, expiresAt: expiresAt))
                    return key.secret
                case .server(let client): return try await order(expiresAt, from: client)
                }
            }
            Console.complain("Keep this key now; it is not shown again. Programs send it as Authorization: Bearer KEY.")
            Console.print(secret)
        }

        private func order(_ expiresAt: Instant?, from client: ServerClient) async throws -> String {
            var writer = JSONWriter()
            writer.object { writer in
                writer.key("label")
                writer.value(label)
                writer.key("scopes")
                writer.value(scope)
                writer.member("expires_at", ifPresent: expiresAt?.rfc3339)
            }
            let (status, document) = try await client.send("POST", "/v1/keys", body: writer.take())
            guard status == 201, let key = document?.root["key"]?.string else {
                throw CommandFailure(.data, ServerClient.detail(of: document, status: status))
            }
            return key
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The keys that there are; never the keys themselves.")

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            let rows = try await Backend.using(settings.load(), Self.rows)
            guard !rows.isEmpty else {
                Console.complain("There is no key: the server listens on loopback only. sobre keys create makes one.")
                return
            }
            var table = Table([
                .init("id"), .init("label", shrinksTo: 10), .init("scopes", shrinksTo: 10), .init("since (UTC)"),
                .init("until"),
            ])
            for row in rows { table.add(row.map { Table.Cell($0) }) }
            Console.print(table.lines(for: .standardOutput))
        }

        /// Id, label, scopes, and from when until when.
        private static func rows(_ backend: Backend) async throws -> [[String]] {
            switch backend {
            case .store(let store, _):
                return try await store.keys().map { key in
                    [
                        key.id, key.label, key.scopes.sorted().joined(separator: ", "), TextTime.day(key.createdAt),
                        key.expiresAt.map(TextTime.day) ?? "no end",
                    ]
                }
            case .server(let client):
                let (status, document) = try await client.send("GET", "/v1/keys")
                guard status == 200, let keys = document?.root["keys"] else {
                    throw CommandFailure(.data, ServerClient.detail(of: document, status: status))
                }
                return keys.elements.map { key in
                    let scopes = key["scopes"]?.elements.compactMap(\.string) ?? []
                    return [
                        key["id"]?.string ?? "", key["label"]?.string ?? "", scopes.joined(separator: ", "),
                        String((key["created_at"]?.string ?? "").prefix(10)),
                        key["expires_at"]?.string.map { String($0.prefix(10)) } ?? "no end",
                    ]
                }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a key, at once.")

        @Argument(help: "Its id, as sobre keys list shows it.")
        var id: String

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            let isRevoked = try await Backend.using(settings.load()) { backend -> Bool in
                switch backend {
                case .store(let store, _): return try await store.revoke(key: id)
                case .server(let client):
                    let (status, document) = try await client.send("DELETE", "/v1/keys/\(PercentEncoding.encode(id))")
                    guard status == 204 || status == 404 else {
                        throw CommandFailure(.data, ServerClient.detail(of: document, status: status))
                    }
                    return status == 204
                }
            }
            guard isRevoked else {
                throw CommandFailure(.negative, "There is no key \(Console.harmless(id)). sobre keys list shows them.")
            }
            Console.print("\(id) is revoked.")
        }
    }
}
