import Testing

@testable import Curl

struct TransferFailureTests {
    /// The number of sent bytes decides, even for results that come before a request can be written: libcurl may have
    /// written it earlier, on a connection that ended.
    @Test(
        "A libcurl result is classified by what the server may have seen",
        arguments: [
            (5, 0, TransferFailure.Delivery.notSent), (6, 0, .notSent), (7, 0, .notSent), (35, 0, .notSent),
            (5, 90, .unknown), (6, 90, .unknown), (7, 90, .unknown), (35, 90, .unknown),
            (60, 0, .configuration), (60, 90, .unknown), (77, 0, .configuration), (58, 0, .configuration),
            (3, 0, .configuration), (1, 0, .configuration), (67, 0, .configuration),
            (28, 0, .notSent), (28, 1, .unknown), (52, 90, .unknown), (55, 90, .unknown), (56, 90, .unknown),
            (65, 90, .unknown), (18, 90, .unknown), (92, 90, .unknown), (16, 90, .unknown), (8, 90, .unknown),
            (1, 90, .unknown), (52, 0, .notSent), (55, 0, .notSent), (56, 0, .notSent), (92, 0, .notSent),
            (27, 0, .notSent), (9_999, 5, .unknown), (9_999, 0, .notSent),
        ])
    func classification(code: Int, bytesSent: Int, expected: TransferFailure.Delivery) {
        #expect(TransferFailure.delivery(ofCode: code, bytesSent: bytesSent) == expected)
        let failure = TransferFailure.curl(code, words: "own words of libcurl", bytesSent: bytesSent)
        #expect(failure.delivery == expected)
        #expect(failure.reason == .curl(code: code))
        #expect(failure.description.contains("own words of libcurl"))
        #expect(failure.description.contains("(\(code))"))
    }
}
