import SobreModel
import Testing

@testable import SobreAdmission

@Suite struct TagHashesTests {
    @Test(
        "tags become the symbols that the model gives them",
        arguments: [
            [], ["a"], ["promo/summer"], ["promo/summer/2026", "promo"], ["a/b", "a/c", "a"], ["/", "a//b", ""],
            ["soldes/été", "soldes/hiver"],
        ])
    func sameAsModel(_ tags: [String]) {
        #expect(TagHashes.of(tags) == ContactTraits.tagHashes(tags))
    }
}
