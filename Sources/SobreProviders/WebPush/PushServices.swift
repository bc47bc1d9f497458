/// The push services that web pushes may go to. An endpoint comes from a browser, and so from anybody: without this list
/// somebody could have us call machines of our own network.
struct PushServices: Sendable {
    /// Those of the known browsers.
    static let known = [
        "fcm.googleapis.com", "updates.push.services.mozilla.com", "*.push.services.mozilla.com",
        "*.notify.windows.com", "web.push.apple.com", "*.push.apple.com",
    ]

    /// Names of hosts; one that begins with `*.` stands for all names below it.
    let hosts: [String]

    func allow(_ host: String) -> Bool {
        let host = host.lowercased()
        return hosts.contains { $0.hasPrefix("*.") ? host.hasSuffix($0.dropFirst()) : host == $0 }
    }
}
