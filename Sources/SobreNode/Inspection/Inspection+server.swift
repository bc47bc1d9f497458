import SobreClient
import SobreSettings
import SobreWire

extension Inspection {
    /// Asks the server that owns the data how it does.
    mutating func check(server access: StoreAccess) async {
        guard let client = access.server else {
            remark("server", "No server is running on this data directory.")
            return
        }
        do {
            let condition = try await client.condition()
            good("server", "Answers at \(client.url), \(condition.inFlight) in flight.")
            // A broken one is among the warnings, with its reason.
            for provider in condition.providers {
                switch provider.state {
                case "open": good("server", "\(provider.name) is open.")
                case "limited":
                    remark("server", "\(provider.name) is limited until \(provider.until.map { "\($0)" } ?? "later").")
                default: break
                }
            }
            // What the files and the data showed already is not told twice.
            let told = Set(entries.map(\.text))
            for warning in condition.warnings where !told.contains(warning) { bad("server", warning) }
        } catch {
            switch error.code {
            case .rejected, .refused: bad("server", error.description)
            case .unavailable, .noPermission:
                if access.isOwned {
                    bad(
                        "server",
                        "A server owns the data directory but does not answer at \(client.url). Check its log.")
                } else {
                    remark(
                        "server",
                        "No server is running. The last one, at \(client.url), did not shut down cleanly; no data was lost."
                    )
                }
            }
        }
        await client.close()
    }
}
