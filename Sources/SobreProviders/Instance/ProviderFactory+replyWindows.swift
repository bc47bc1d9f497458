public import SobreModel
public import SobreSettings

extension ProviderFactory {
    /// The channels that take a free text only for a while after the recipient's last message: those all of whose
    /// providers declare it. Needs no secrets, so a preview without them finds the same as the server.
    ///
    /// - Parameters:
    ///   - instances: the configured providers.
    ///   - routes: the providers of each channel; a channel without one uses all of its providers.
    /// - Returns: the longest window of a channel's providers. Nil where one of them takes a free text at any time.
    public func replyWindows(
        of instances: [ProviderInstance], routes: [Channel: ProviderRoute]
    ) -> ByChannel<Duration?> {
        var lengths = ByChannel<Duration?>(repeating: nil)
        for channel in Channel.allCases where channel.usesApprovedTemplates {
            let serving = instances.filter { instance in
                self.channel(of: instance) == channel
                    && routes[channel].map { $0.names.contains(instance.name) } ?? true
            }
            let windows = serving.map { manifest($0.type)?.capabilities.replyWindow }
            guard !windows.isEmpty, !windows.contains(nil) else { continue }
            lengths[channel] = windows.compactMap { $0 }.max()
        }
        return lengths
    }

    /// Nil for a provider that cannot be set up.
    private func channel(of instance: ProviderInstance) -> Channel? {
        guard let manifest = manifest(instance.type) else { return instance.channel }
        return try? Self.channel(of: instance, manifest)
    }
}
