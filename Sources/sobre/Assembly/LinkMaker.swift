import Glibc
import SobreProviders
import SobreRendering
import Signing

/// Signs the links that go into messages. A token names nobody: it is an HMAC over what it is about, with the id that the
/// server needs to find it again.
struct LinkMaker: Sendable {
    private let key: HMACKey
    private let settings: Settings.Links

    init(settings: Settings) throws {
        self.settings = settings.links
        let secret: String
        if let reference = settings.links.secret {
            secret = try SecretSource.process.resolve(reference, name: "links.secret", instance: "links").reveal()
        } else {
            secret = try Self.keptKey(in: settings.data.directory)
        }
        key = HMACKey(Array(secret.utf8), hash: .sha256)
    }

    var messageLinks: MessageLinks {
        MessageLinks(
            unsubscribe: { subject in "\(settings.publicURL)/u/\(token(for: subject))" },
            preferences: { _ in settings.preferencesURL })
    }

    /// The delivery's id and 128 bits of the HMAC over it, the recipient and the category.
    private func token(for subject: MessageLinks.Subject) -> String {
        let signed = "unsubscribe\u{0}\(subject.delivery)\u{0}\(subject.recipient)\u{0}\(subject.category)"
        return "\(subject.delivery)\(Hex.encode(Array(key.authenticate(signed).prefix(16))))"
    }

    /// The key in the data directory, made at the first start.
    private static func keptKey(in directory: String) throws -> String {
        let path = "\(directory)/links.key"
        if let text = try? TextFile.readText(path, atMost: 1024), !text.isEmpty { return text }
        let text = Hex.encode(randomBytes(32))
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else {
            throw SettingsError(
                "\(path) cannot be written: \(String(cString: strerror(errno))). Check the data directory.")
        }
        defer { Glibc.close(descriptor) }
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw SettingsError("\(path) cannot be written: \(String(cString: strerror(errno))). Check the disk.")
        }
        return text
    }
}
