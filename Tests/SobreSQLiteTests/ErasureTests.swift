import SobreModel
import SobreStore
import SobreStoreConformance
import Testing

@testable import SobreSQLite

@Suite("Nothing of an erased person's words is left in the file")
struct ErasureTests {
    @Test("Neither what the profile was last, nor what it was before, nor what was sent")
    func overwritten() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore.open(directory: directory, time: VirtualTime(.epoch))
            // Enough profiles that pages are split and rows move to other pages.
            let people = (0..<600).map { "person-\($0)" }
            for start in stride(from: 0, to: people.count, by: 50) {
                try await store.put(people[start..<start + 50].map { Self.profile($0, "former") })
                _ = try await store.enqueue(
                    people[start..<start + 50].map {
                        Submission(
                            draft: MessageDraft(
                                recipient: $0, template: "t", channels: [.email],
                                data: Array("{\"word\":\"sent-to-\($0)-\"}".utf8)))
                    })
            }
            for person in people { try await store.put([Self.profile(person, "present")]) }
            let gone = people.enumerated().filter { $0.offset % 20 == 7 }.map(\.element)
            for person in gone { #expect(try await store.erase(person)?.messages == 1) }
            await store.close()
            let bytes = try StoreFiles.read("\(directory)/\(DataDirectory.fileName)")
            let words = Self.words(in: bytes)
            let left = gone.flatMap { person in
                ["former-of-", "present-of-", "sent-to-"].map { "\($0)\(person)-" }.filter(words.contains)
            }
            #expect(left.isEmpty)
            let isThere = words.contains("present-of-person-0-") && words.contains("sent-to-person-0-")
            #expect(isThere)
        }
    }

    private static func profile(_ id: String, _ word: String) -> Profile {
        var profile = Profile(id: id, addresses: [Address(channel: .email, value: "\(id)@example.com")])
        // The length differs each time, so that the row is not overwritten in place.
        let filler = String(repeating: "x", count: word == "former" ? 310 : 330)
        profile.attributes = Array("{\"note\":\"\(word)-of-\(id)-\(filler)\"}".utf8)
        return profile
    }

    /// Every `…-person-N-` of the file.
    private static func words(in bytes: [UInt8]) -> Set<String> {
        var words: Set<String> = []
        for start in ["former-of-person-", "present-of-person-", "sent-to-person-"].map({ Array($0.utf8) }) {
            var place = 0
            while place + start.count + 8 < bytes.count {
                if bytes[place] == start[0], bytes[place..<place + start.count].elementsEqual(start) {
                    let number = bytes[(place + start.count)...].prefix { (48...57).contains($0) }
                    words.insert(String(decoding: start + number + [45], as: UTF8.self))
                }
                place += 1
            }
        }
        return words
    }
}
