import SobreModel
import Testing

@Suite struct CallingCodesTests {
    /// Compared once with all example numbers and area codes of Google's libphonenumber; these are the shared codes.
    @Test(
        arguments: [
            ("+12025550100", "US"), ("+14165550100", "CA"), ("+12735550100", "CA"), ("+17875550100", "PR"),
            ("+18765550100", "JM"), ("+6712345678", nil), ("+16715550100", "GU"), ("+18005550100", nil),
            ("+15005550006", nil), ("+447400123456", "GB"), ("+447911123456", "GG"), ("+441534123456", "JE"),
            ("+441624123456", "IM"), ("+79123456789", "RU"), ("+77012345678", "KZ"), ("+390669812345", "VA"),
            ("+393123456789", "IT"), ("+358412345678", "FI"), ("+3581812345", "AX"), ("+4741234567", "NO"),
            ("+4779123456", "SJ"), ("+262639012345", "YT"), ("+262692123456", "RE"), ("+5999123456", "CW"),
            ("+5993123456", "BQ"), ("+61412345678", "AU"), ("+3225550100", "BE"), ("+8613812345678", "CN"),
            ("+85251234567", "HK"), ("+38344123456", "XK"), ("+80012345678", nil), ("+870773123456", nil), ("+1", "US"),
            ("+", nil), ("", nil), ("33612345678", nil), ("+33x", nil), ("LARKSPUR", nil),
        ] as [(String, String?)])
    func `the country of a number follows from its first digits`(number: String, country: String?) {
        #expect(CallingCodes.country(of: number) == country)
    }

    @Test func `countries are known by their codes`() {
        for code in ["US", "CA", "FR", "XK", "AX"] { #expect(CallingCodes.knows(country: code)) }
        for code in ["UK", "EU", "us", "", "ZZ"] { #expect(!CallingCodes.knows(country: code)) }
    }
}
