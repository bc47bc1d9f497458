import SobreClient
import SobreModel
public import SobreProviders
import SobreSettings
import SobreStore
public import SobreWire

extension Backend {
    /// Applies an email that came back: a bounce, a complaint or another notice.
    ///
    /// - Parameters:
    ///   - mail: the email.
    ///   - access: the providers of the settings.
    ///   - provider: the name of the provider that sent the email to which it replies.
    /// - Returns: what became of it.
    /// - Throws: an error of the client or of the store.
    public func ingest(mail: [UInt8], through access: StoreAccess, provider: String) async throws -> Wire.MailIntake {
        switch self {
        case .server(let client): return try await client.ingest(mail: mail, of: provider)
        case .store(let store, _):
            let now = SystemTime().now()
            let request = ReceiptRequest(headers: ["content-type": ReceiptGate.mailType], body: mail)
            let reading = try access.mailGate(of: provider).read(request, isSigned: false, now: now)
            let limits = access.settings.receipts
            if let unread = reading.unread {
                try await store.keep(
                    unmatched: UnmatchedInboundMessage(unread, provider: provider, at: now), atMost: limits.maxUnheard)
            }
            let intake = try await store.append(reading.receipts, maxWaiting: limits.maxWaiting)
            let refusal = reading.refusals.first
            return Wire.MailIntake(
                received: intake.kept, repeated: intake.repeated, code: refusal?.code.rawValue,
                message: refusal?.description)
        }
    }
}

extension StoreAccess {
    /// The names of the providers whose emails come back as emails, in the order of the settings.
    public var mailProviders: [String] { settings.providers.filter { $0.type == "smtp" }.map(\.name) }

    /// Reads the emails that come back to a provider.
    ///
    /// - Parameter provider: its name.
    /// - Returns: the gate.
    /// - Throws: `SettingsError` when it is no provider of this kind, `ProviderError` when its keys cannot be read.
    public func mailGate(of provider: String) throws -> ReceiptGate {
        guard let instance = settings.providers.first(where: { $0.name == provider && $0.type == "smtp" }) else {
            let known = mailProviders.isEmpty ? "there is none" : mailProviders.joined(separator: ", ")
            throw SettingsError("\(provider) is no provider of the type smtp in the settings (\(known)).")
        }
        let factory = ProviderFactory(manifests: [], secrets: secretSource)
        return try factory.receiptGate(instance, maxMailBytes: settings.receipts.maxMailBytes)
    }
}
