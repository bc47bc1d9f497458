import ArgumentParser
import JSON
import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import SobreViews
import SobreWire
import TerminalOutput
import Text

/// `sobre keys`.
struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "API keys: create, list, revoke.",
        discussion: """
            While no key exists, the server listens on loopback only. A key is shown once; the store keeps its hash.

            Example:  sobre keys create --label journeys --scope enqueue --scope read
                      sobre keys revoke k_0123456789
            """,
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a key and show it once.", usage: "sobre keys create --label <label> [<options>]")

        @Option(help: "A label that says what the key is for.")
        var label: String

        @Option(
            help: ArgumentHelp(
                "A scope of the key; may be repeated: \(APIScope.allCases.map(\.rawValue).joined(separator: ", ")).",
                valueName: "scope"))
        var scope: [String] = ["enqueue", "read"]

        @Option(help: ArgumentHelp("Expires after this many days.", valueName: "days"))
        var days: Int?

        @OptionGroup var settings: SettingsOptions

        func validate() throws {
            for name in scope where APIScope(rawValue: name) == nil {
                throw ValidationError(
                    "There is no scope \(name). Use one of \(APIScope.allCases.map(\.rawValue).joined(separator: ", "))."
                )
            }
            if let days, !(1...3650).contains(days) { throw ValidationError("--days must be from 1 to 3650.") }
            if let problem = NameRule.problem(in: label, atMost: IntakeLimits().maxNameBytes) {
                throw ValidationError("--label must say what the key is for. \(problem)")
            }
        }

        /// Said before the first key is made.
        private static let warning = """
            This is the first key. From now on every client needs one: those without get 401, within 3 s and without a \
            restart. A server that listened on loopback only, because there was no key, then listens on server.host.
            """

        func run() async throws {
            let now = SystemTime().now()
            let expiresAt = days.map { now + .seconds($0 * 86_400) }
            let order = APIKeyOrder(
                label: label, scopes: Set(scope.compactMap(APIScope.init(rawValue:))), expiresAt: expiresAt)
            let access = try settings.access()
            // A key is the first thing that a new server needs, so this command makes the database.
            CreationOptions.announce(access)
            let secret = try await access.change(creating: true) { backend in
                if try await backend.keys().isEmpty { Console.printError(Self.warning) }
                return try await backend.make(key: order)
            }
            Console.printError(
                "Save this key now; it is not shown again. Programs send it as Authorization: Bearer KEY.")
            Console.print(secret)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List keys by id and label. The keys themselves are not shown.")

        @OptionGroup var settings: SettingsOptions
        @OptionGroup var width: WidthOptions

        func run() async throws {
            let keys = try await settings.access().change { try await $0.keys() }
            guard !keys.isEmpty else {
                Console.printError(
                    "There are no keys: the server listens on loopback only. Create one with sobre keys create.")
                return
            }
            var table = Table([
                .init("id"), .init("label", shrinksTo: 10), .init("scopes", shrinksTo: 10), .init("since (UTC)"),
                .init("until"),
            ])
            for key in keys {
                table.add([
                    .init(key.id), .init(key.label), .init(key.scopes.sorted().joined(separator: ", ")),
                    .init(TextTime.day(key.createdAt)), .init(key.expiresAt.map(TextTime.day) ?? "never"),
                ])
            }
            Console.print(table.lines(for: width.terminal))
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke a key.")

        @Argument(help: "The key's id, as sobre keys list shows it.")
        var id: String

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            let isRevoked = try await settings.access().change { try await $0.revoke(key: id) }
            guard isRevoked else {
                throw CommandFailure(.negative, "There is no key \(Console.harmless(id)). sobre keys list shows them.")
            }
            Console.print("\(id) is revoked.")
        }
    }
}
