import Testing
import Text

@Suite struct SuggestionTests {
    @Test(
        arguments: [
            ("limt", "limit"), ("recipent", "recipient"), ("chanels", "channels"), ("LIMIT", "limit"),
            ("wnidow", "window"),
            ("emial", "email"), ("xyz", nil), ("", nil), ("l", nil), ("limitation", nil),
        ] as [(String, String?)])
    func `The closest name is found when it is near`(word: String, expected: String?) {
        let known = ["limit", "window", "recipient", "channels", "email"]
        #expect(Suggestion.closest(to: word, among: known) == expected)
    }

    @Test func `Long words cost nothing`() {
        let long = String(repeating: "x", count: 100_000)
        #expect(Suggestion.closest(to: long, among: [long]) == nil)
    }
}
