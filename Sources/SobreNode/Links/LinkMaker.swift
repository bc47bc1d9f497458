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
    ///
    /// - Parameters:
    ///   - settings: name the keys, and the data directory.
    ///   - environment: where keys may be.
    ///   - creates: whether a missing `links.key` is created; false: a throwaway key takes its place, for checks.
    /// - Throws: an error that names a key which cannot be read or is too short.
    init(settings: Settings, environment: Environment = .process, creates: Bool = true) throws {
        self.settings = settings.links
        let source = SecretSource(environment)
        func resolve(_ reference: SecretReference, _ name: String) throws -> String {
            let key: Secret
            do { key = try source.resolve(reference, name: name, instance: "links") } catch {
                throw SettingsError(
                    "\(name) is \(reference), which is not set, is empty or cannot be read. Put a key of at least "
                        + "\(Self.minKeyBytes) bytes there; openssl rand -hex 32 makes one.")
            }
            return try Self.checked(key.reveal(), "\(name) (\(reference))")
        }
        let kept = try Self.keptKeys(in: settings.data.directory)
        let own = try settings.links.secret.map { try resolve($0, "links.secret") }
        let signing =
            try own ?? kept.first
            ?? (creates ? Self.makeKey(in: settings.data.directory) : Hex.encode(randomBytes(32)))
        let previous = try settings.links.previousSecrets.map { try resolve($0, "links.previous_secrets") }
        // A key that is listed twice is harmless: its first entry matches.
        keys = LinkKeys(secrets: ([signing] + previous + kept).map { Array($0.utf8) })
    }

    /// The shortest key that is taken, in bytes: 128 bits, as many as a token's signature has.
    static let minKeyBytes = 16

    private static func checked(_ key: String, _ name: String) throws -> String {
        guard key.utf8.count >= minKeyBytes else {
            throw SettingsError(
                "\(name) has \(key.utf8.count) bytes; a key that signs links has at least \(minKeyBytes). "
                    + "openssl rand -hex 32 makes one.")
        }
        return key
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
    private static func keptKeys(in directory: String) throws -> [String] {
        let path = path(in: directory)
        guard TextFile.exists(path) else { return [] }
        let lines = try TextFile.readText(path, atMost: 64 << 10).split(whereSeparator: \.isNewline)
        guard !lines.isEmpty else {
            throw SettingsError(
                "\(FilePath.forDisplay(path)) is empty: links in mail that was sent cannot be verified. Restore it from "
                    + "the backup, or remove it to start with a new key.")
        }
        return try lines.enumerated().map { number, line in
            try checked(String(line), "\(FilePath.forDisplay(path)), line \(number + 1),")
        }
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
