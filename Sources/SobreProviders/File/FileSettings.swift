internal import Glibc
internal import SobreModel
import SobreSettings
internal import Text
internal import YAMLDocument

/// The configuration of a `file` provider.
///
/// Settings: `directory` (created with access for its owner only if it does not exist); `format` (`eml`, the default
/// for email, or `json`, the default for other channels); `message_id_domain` for `eml`. The instance's `channel`
/// defaults to email.
struct FileSettings {
    static let settings = ["directory", "format", "message_id_domain"]

    let instance: ProviderInstance

    func provider() throws(ProviderError) -> FileProvider {
        for name in instance.settings.keys.sorted() where !Self.settings.contains(name) {
            throw .unknownSetting(
                instance: instance.name, name: name, known: Self.settings,
                suggestion: Suggestion.closest(to: name, among: Self.settings))
        }
        if let name = instance.secrets.keys.min() {
            throw .unknownSetting(instance: instance.name, name: name, known: Self.settings, suggestion: nil)
        }
        let channel = instance.channel ?? MailBuilder.channel
        var format: FileProvider.Format = channel.form == .mail ? .eml : .json
        if let name = instance.settings["format"] {
            guard let known = FileProvider.Format(rawValue: name) else {
                throw bad("format", "it is neither eml nor json")
            }
            guard known == .json || channel.form == .mail else {
                throw bad("format", "eml is for emails; \(channel) is written as json")
            }
            format = known
        }
        var builder = MailBuilder()
        if let domain = instance.settings["message_id_domain"] {
            guard MailAddressGrammar.problem(in: "a@\(domain)") == nil else {
                throw bad("message_id_domain", "it is not a domain's name")
            }
            builder.messageIDDomain = domain
        }
        return FileProvider(
            name: instance.name, channel: channel, directory: try directory(), format: format, builder: builder)
    }

    private func directory() throws(ProviderError) -> String {
        guard var path = instance.settings["directory"], !path.isEmpty else {
            throw .missingSetting(instance: instance.name, name: "directory", isSecret: false)
        }
        guard !path.utf8.contains(0) else { throw bad("directory", "it holds a NUL") }
        while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw bad("directory", "\(path) cannot be made (\(String(cString: strerror(errno))))")
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, access(path, W_OK | X_OK) == 0 else {
            throw bad("directory", "\(path) is not a folder that this process can write to")
        }
        return path
    }

    private func bad(_ name: String, _ problem: String) -> ProviderError {
        .badSetting(instance: instance.name, name: name, problem: problem)
    }
}
