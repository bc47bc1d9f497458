import SobreModel
import Testing

@Suite("Spellings of one address") struct AddressSpellingTests {
    @Test(arguments: [
        ("ren\u{E9}@example.com", "rene\u{301}@example.com"), ("REN\u{C9}@EXAMPLE.com", "rene\u{301}@example.com"),
        ("\u{AC00}@example.com", "\u{1100}\u{1161}@example.com"),
        ("a\u{323}\u{307}@example.com", "a\u{307}\u{323}@example.com"),
        ("ren\u{E9}@b\u{FC}cher.example", "rene\u{301}@xn--bcher-kva.example"),
        ("\u{212B}sa@example.com", "\u{E5}sa@example.com"),
    ])
    func `Composed and decomposed letters of a mailbox are one address`(first: String, second: String) {
        let addresses = [first, second].map { Address(channel: .email, value: $0) }
        #expect(Array(addresses[0].normalised.utf8) == Array(addresses[1].normalised.utf8))
        #expect(addresses[0].subject == addresses[1].subject)
        // Sent to as it was given.
        #expect(Array(addresses[1].value.utf8) == Array(second.utf8))
    }

    @Test(arguments: [
        ("rene@example.com", "ren\u{E9}@example.com"), ("stra\u{DF}e@example.com", "strasse@example.com"),
    ])
    func `Other letters are other addresses`(first: String, second: String) {
        #expect(Address(channel: .email, value: first).subject != Address(channel: .email, value: second).subject)
    }
}
