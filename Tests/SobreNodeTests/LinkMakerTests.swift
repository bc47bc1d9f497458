import Files
import Glibc
import SobreIntake
import SobreModel
import SobreSettings
import SobreStoreConformance
import Testing

@testable import SobreRendering
@testable import SobreNode

@Suite("Signed links") struct LinkMakerTests {
    private func subject(_ recipient: String = "ann", _ category: String = "marketing") -> MessageLinks.Subject {
        MessageLinks.Subject(
            recipient: recipient, category: category, topic: "deals", channel: .email,
            delivery: DeliveryID(rawValue: 1 << 40))
    }

    private func settings(_ directory: String) -> Settings {
        var settings = Settings()
        settings.data.directory = directory
        settings.links.publicURL = "https://mail.example.com"
        return settings
    }

    private func token(_ link: String) -> String { String(link.dropFirst("https://mail.example.com/u/".count)) }

    @Test func `a link names nobody, is another one for another person or category, and is known again`() async throws {
        try await withTemporaryDirectory { directory in
            let maker = try LinkMaker(settings: settings(directory))
            let links = maker.messageLinks
            let link = try #require(links.unsubscribe(subject()))
            #expect(link.hasPrefix("https://mail.example.com/u/"))
            #expect(token(link).utf8.count < 120)
            #expect(token(link).allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
            #expect(!link.contains("ann"))
            #expect(links.unsubscribe(subject("bob")) != link)
            #expect(links.unsubscribe(subject("ann", "news")) != link)
            #expect(links.preferences(subject()) == nil)
            #expect(
                maker.keys.read(token(link))
                    == UnsubscribeToken(
                        delivery: DeliveryID(rawValue: 1 << 40), person: .recipient("ann"), channel: .email,
                        category: "marketing", topic: "deals"))
        }
    }

    @Test func `the key is made once, for its owner only, and kept`() async throws {
        try await withTemporaryDirectory { directory in
            let first = try LinkMaker(settings: settings(directory)).messageLinks.unsubscribe(subject())
            var info = stat()
            #expect(stat(directory + "/links.key", &info) == 0 && info.st_mode & 0o777 == 0o600)
            #expect(try LinkMaker(settings: settings(directory)).messageLinks.unsubscribe(subject()) == first)
            try await withTemporaryDirectory { other in
                let another = try LinkMaker(settings: settings(other))
                #expect(another.messageLinks.unsubscribe(subject()) != first)
                #expect(another.keys.read(token(try #require(first))) == nil)
            }
        }
    }

    @Test func `a new key signs, and links of the one before stay valid`() async throws {
        try await withTemporaryDirectory { directory in
            let before = try LinkMaker(settings: settings(directory))
            let old = token(try #require(before.messageLinks.unsubscribe(subject())))
            let path = directory + "/links.key"
            try TextFile.replace(
                path, with: "a new key of more than sixteen bytes\n" + TextFile.readText(path, atMost: 1024) + "\n")
            let after = try LinkMaker(settings: settings(directory))
            let new = token(try #require(after.messageLinks.unsubscribe(subject())))
            #expect(new != old)
            #expect(after.keys.read(old) == after.keys.read(new))
            #expect(after.keys.read(old) != nil)
            #expect(before.keys.read(new) == nil)
        }
    }

    @Test func `a data directory that cannot be written is told`() {
        let error = #expect(throws: SettingsError.self) { try LinkMaker(settings: settings("/proc/nowhere")) }
        #expect(error?.message.contains("/proc/nowhere/links.key cannot be written") == true)
    }

    @Test(arguments: ["", "\n", "short", "0123456789abcdef0123456789abcdef\n012345\n"])
    func `a file of keys that is empty or holds a weak one is refused with its line`(text: String) async throws {
        try await withTemporaryDirectory { directory in
            try TextFile.replace(directory + "/links.key", with: text)
            let error = #expect(throws: SettingsError.self) { try LinkMaker(settings: settings(directory)) }
            let message = error?.message ?? ""
            #expect(message.contains("links.key"))
            #expect(message.contains("is empty") || message.contains("at least 16"), "\(message)")
        }
    }
}
