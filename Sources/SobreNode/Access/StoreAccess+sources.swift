import SobreClient
import SobreStore
public import SobreWire

extension StoreAccess {
    /// The sources of the settings: what the running server does with them, or how far the data have come.
    public func sources() async throws -> [SourceStatus] {
        try await ask(
            server: { try await $0.sources() }, reader: { try await SourceStatus.all(of: settings, in: $0) })
    }
}
