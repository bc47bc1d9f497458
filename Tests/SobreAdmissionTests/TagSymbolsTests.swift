import SobreModel
import Testing

@testable import SobreAdmission

@Suite struct TagSymbolsTests {
    @Test(
        "tags become the symbols that the model gives them",
        arguments: [
            [], ["a"], ["promo/summer"], ["promo/summer/2026", "promo"], ["a/b", "a/c", "a"], ["/", "a//b", ""],
            ["soldes/été", "soldes/hiver"],
        ])
    func sameAsModel(_ tags: [String]) {
        #expect(TagSymbols.of(tags) == ContactTraits.tagSymbols(tags))
    }
}
