import Files
import Glibc
import Signing
import SobreIntake
import SobreModel
import SobreProviders
import SobreRendering
import SobreSettings
import Text

/// Signs the links in messages and verifies them when they come back.
struct LinkMaker: Sendable {
    let keys: LinkKeys
    private let settings: Settings.Links

    /// The first key signs: `links.secret`, else the first line of `links.key` in the data directory, which is created
    /// at the first start. Links signed with `links.previous_secrets` or with any line of that file stay valid.
    init(settings: Settings) throws {
        self.settings = settings.links
        let kept = Self.keptKeys(in: settings.data.directory)
        let own = try settings.links.secret.map { try Self.resolve($0, name: "links.secret") }
        let signing = try own ?? kept.first ?? Self.makeKey(in: settings.data.directory)
        let previous = try settings.links.previousSecrets.map { try Self.resolve($0, name: "links.previous_secrets") }
        // A key that is listed twice is harmless: its first entry matches.
        keys = LinkKeys(secrets: ([signing] + previous + kept).map { Array($0.utf8) })
    }

    private static func resolve(_ reference: SecretReference, name: String) throws -> String {
        try SecretSource.process.resolve(reference, name: name, instance: "links").reveal()
    }

    var messageLinks: MessageLinks {
        MessageLinks(
            unsubscribe: { subject in
                let token = UnsubscribeToken(
                    delivery: subject.delivery, person: .recipient(subject.recipient), channel: subject.channel,
                    category: subject.category, topic: subject.topic)
                return "\(settings.publicURL)/u/\(keys.sign(token))"
            },
            preferences: { _ in settings.preferencesURL })
    }

    /// The name of the key file in the data directory.
    static let fileName = "links.key"

    private static func path(in directory: String) -> String { "\(directory)/\(fileName)" }

    /// The keys in the data directory, one per line, newest first.
    private static func keptKeys(in directory: String) -> [String] {
        guard let text = try? TextFile.readText(path(in: directory), atMost: 64 << 10) else { return [] }
        return text.split(whereSeparator: \.isNewline).map(String.init)
    }

    private static func makeKey(in directory: String) throws -> String {
        let path = path(in: directory)
        let text = Hex.encode(randomBytes(32))
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else {
            throw SettingsError(
                "\(path) cannot be written: \(String(cString: strerror(errno))). Check the data directory.")
        }
        defer { Glibc.close(descriptor) }
        do throws(FileError) {
            try TextFile.write(Array(text.utf8), to: descriptor, named: path)
            guard fsync(descriptor) == 0 else { throw FileError("write", path, errno) }
        } catch {
            // The next start would take a partly written key for a whole one.
            unlink(path)
            throw error
        }
        return text
    }
}
