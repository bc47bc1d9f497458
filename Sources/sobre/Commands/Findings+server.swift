import JSON
import SobreModel
import SobreNode
import SobreSQLite
import SobreSettings

extension Findings {
    /// Asks the server that owns the data directory how it does.
    mutating func check(server settings: Settings) async {
        let mark = ServerMark(directory: settings.data.directory)
        guard let url = mark.url else {
            remark("server", "None runs on this data directory.")
            return
        }
        let client = ServerClient(url: url, key: mark.ownerKey)
        do {
            let (status, document) = try await client.send("GET", "/v1/status")
            if status == 200, let root = document?.root {
                good("server", "It answers at \(url), \(root["in_flight"]?.int ?? 0) in flight.")
                // A broken one is among the warnings, with its reason.
                for provider in root["providers"].map({ Array($0.elements) }) ?? [] {
                    let name = provider["name"]?.string ?? ""
                    switch provider["state"]?.string {
                    case "open": good("server", "\(name) is open.")
                    case "limited":
                        remark("server", "\(name) is limited until \(provider["until"]?.string ?? "later").")
                    default: break
                    }
                }
                for warning in root["warnings"].map({ Array($0.elements) }) ?? [] {
                    bad("server", warning.string ?? "")
                }
            } else {
                bad("server", "It answers \(status) at \(url). \(ServerClient.detail(of: document, status: status))")
            }
        } catch {
            if Self.isOwned(settings.data.directory) {
                bad("server", "It owns the data directory but does not answer at \(url). Look into its log.")
            } else {
                remark("server", "None runs. The last one, at \(url), did not stop in order; nothing is lost by that.")
            }
        }
        await client.close()
    }

    /// Whether a process holds the data directory: it can then not be had.
    private static func isOwned(_ directory: String) -> Bool { SQLiteStore.isOwned(directory: directory) }
}
