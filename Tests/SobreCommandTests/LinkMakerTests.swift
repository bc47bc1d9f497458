import Glibc
import SobreModel
import SobreStoreConformance
import Testing

@testable import SobreRendering
@testable import sobre

@Suite("Signed links") struct LinkMakerTests {
    private func subject(_ recipient: String = "ann", _ category: String = "marketing") -> MessageLinks.Subject {
        MessageLinks.Subject(
            recipient: recipient, category: category, topic: nil, channel: .email,
            delivery: DeliveryID(rawValue: 1 << 40))
    }

    private func settings(_ directory: String) -> Settings {
        var settings = Settings()
        settings.data.directory = directory
        settings.links.publicURL = "https://mail.example.com"
        return settings
    }

    @Test func `a link names nobody, and is another one for another person or category`() async throws {
        try await withTemporaryDirectory { directory in
            let links = try LinkMaker(settings: settings(directory)).messageLinks
            let link = try #require(links.unsubscribe(subject()))
            let prefix = "https://mail.example.com/u/\(subject().delivery)"
            #expect(link.hasPrefix(prefix))
            let signature = link.dropFirst(prefix.count)
            #expect(signature.count == 32 && signature.allSatisfy(\.isHexDigit))
            #expect(!link.contains("ann"))
            #expect(links.unsubscribe(subject("bob")) != link)
            #expect(links.unsubscribe(subject("ann", "news")) != link)
            #expect(links.preferences(subject()) == nil)
        }
    }

    @Test func `the key is made once, for its owner only, and kept`() async throws {
        try await withTemporaryDirectory { directory in
            let first = try LinkMaker(settings: settings(directory)).messageLinks.unsubscribe(subject())
            var info = stat()
            #expect(stat(directory + "/links.key", &info) == 0 && info.st_mode & 0o777 == 0o600)
            #expect(try LinkMaker(settings: settings(directory)).messageLinks.unsubscribe(subject()) == first)
            try await withTemporaryDirectory { other in
                let another = try LinkMaker(settings: settings(other)).messageLinks.unsubscribe(subject())
                #expect(another != first)
            }
        }
    }

    @Test func `a data directory that cannot be written is told`() {
        let error = #expect(throws: SettingsError.self) { try LinkMaker(settings: settings("/proc/nowhere")) }
        #expect(error?.message.contains("/proc/nowhere/links.key cannot be written") == true)
    }
}
