internal import Text

extension SandboxCore {
    /// Whether a request was addressed to this sandbox by a name that a stranger cannot point at it: no name, an IP
    /// address, `localhost`, the name that it listens under, or an allowed one.
    ///
    /// A web page elsewhere could otherwise resolve a name of its own to this machine and read the record (DNS
    /// rebinding).
    func isAddressed(by request: HTTPRequest) -> Bool {
        guard let authority = request.header("host") else { return true }
        let name = Self.hostName(of: authority)
        if name.hasPrefix("[") || Self.isIPv4(name) { return true }
        return (["localhost", configuration.host] + configuration.allowedHosts).contains {
            name.equalsIgnoringASCIICase($0)
        }
    }

    /// The authority without its port.
    private static func hostName(of authority: String) -> Substring {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return authority[...end] }
        return authority.prefix { $0 != ":" }
    }

    private static func isIPv4(_ name: Substring) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    /// The answer to a request under another name.
    func refusal(ofHost authority: String) -> HTTPAnswer {
        .problem(
            403, "Forbidden",
            "The sandbox is not known as \(clipped(authority[...])). Use localhost or its address, or start it with "
                + "--allow-host NAME.")
    }
}
