import SobreModel
import SobreProviders
import SobreRendering
import SobreSettings
import Synchronization

/// The settings and providers that a node works with. A reload replaces them as a whole.
final class ConfigurationInForce: Sendable {
    struct State: Sendable {
        /// As they are in force: some bounds are lower than configured where the limit of open files demands it.
        var settings: Settings
        /// As they were read at the start, with what reloads have put in force.
        var read: Settings
        var setup: ProviderSetup
        /// The settings whose new values come into force at the next start.
        var pendingRestart: [String] = []
        /// The state of the files when they were looked at last.
        var stamp: ConfigurationStamp
        /// How long each channel takes a free text after the recipient's last message.
        fileprivate var windows = ByChannel<Duration?>(repeating: nil)

        init(settings: Settings, read: Settings, setup: ProviderSetup, stamp: ConfigurationStamp) {
            self.settings = settings
            self.read = read
            self.setup = setup
            self.stamp = stamp
            windows = setup.factory.replyWindows(of: settings.providers, routes: settings.routes)
        }
    }

    private let state: Mutex<State>

    init(_ state: State) { self.state = Mutex(state) }

    /// Everything at one moment.
    var current: State { state.withLock { $0 } }
    var settings: Settings { state.withLock { $0.settings } }
    var setup: ProviderSetup { state.withLock { $0.setup } }
    var pendingRestart: [String] { state.withLock { $0.pendingRestart } }

    func replace(with next: State) { state.withLock { $0 = next } }

    /// Notes that the files were looked at, whatever was found.
    func see(_ stamp: ConfigurationStamp) { state.withLock { $0.stamp = stamp } }

    /// The windows for free texts, with the templates in force.
    ///
    /// - Parameter templates: the templates.
    /// - Returns: nil where every channel takes a free text at any time.
    func replyWindows(_ templates: TemplateCatalogue) -> ReplyWindows? {
        let lengths = state.withLock { $0.windows }
        return lengths.channels.isEmpty ? nil : ReplyWindows(lengths: lengths, approved: templates.snapshot.approved)
    }
}
