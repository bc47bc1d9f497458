import Testing

@testable import SobreSQLite

/// Values of the reference implementation for the xxHash project's sanity buffer and for short texts.
struct FastHashTests {
    @Test(
        "XXH64 of short texts equals the published values",
        arguments: [
            ("", 0xEF46_DB37_51D8_E999 as UInt64), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
            ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
        ])
    func texts(text: String, expected: UInt64) {
        #expect(fastHash64(text) == expected)
        #expect(fastHash64(Array(text.utf8)) == expected)
    }

    @Test(
        "XXH64 of the sanity buffer equals the reference implementation",
        arguments: [
            (1, 0 as UInt64, 0xE934_A84A_DB05_2768 as UInt64), (1, 2_654_435_761, 0x5014_6076_43A9_B4C3),
            (14, 0, 0x8282_DCC4_994E_35C8), (14, 2_654_435_761, 0xC3BD_6BF6_3DEB_6DF0),
            (222, 0, 0xB641_AE8C_B691_C174), (222, 2_654_435_761, 0x20CB_8AB7_AE10_C14A),
            (1_000, 0, 0x52BD_1358_F22E_9EF7),
        ])
    func sanityBuffer(count: Int, seed: UInt64, expected: UInt64) {
        var generator: UInt64 = 2_654_435_761
        var buffer: [UInt8] = []
        for _ in 0..<count {
            buffer.append(UInt8(generator >> 56))
            generator &*= 11_400_714_785_074_694_797
        }
        #expect(fastHash64(buffer, seed: seed) == expected)
    }
}
