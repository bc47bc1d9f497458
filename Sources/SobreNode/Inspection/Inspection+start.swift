import SobreHTTP
import SobreSettings
import SobreStore

extension Inspection {
    /// What a start of the server needs beside its files. While a server runs, it has it.
    mutating func check(start access: StoreAccess) {
        guard !access.isOwned else { return }
        let settings = access.settings
        if let refusal = DataDirectoryCheck.refusal(of: settings.data.directory) { bad("data", refusal) }
        if access.hasData {
            do throws(StoreError) { try access.check() } catch {
                let text = "\(error)"
                if !entries.contains(where: { $0.text == text }) { bad("data", text) }
            }
        }
        if let fault = HTTPServer.listeningFault(host: settings.server.host, port: settings.server.port) {
            bad("server", "\(fault)")
        }
    }
}
