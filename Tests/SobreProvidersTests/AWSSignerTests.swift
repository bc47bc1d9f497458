import SobreModel
import Testing

@testable import SobreProviders

/// The signatures were computed by botocore 1.43 with the same keys and times.
@Suite("AWS Signature Version 4")
struct AWSSignerTests {
    struct Vector {
        var method = "POST"
        let url: String
        var headers = [(name: "Content-Type", value: "application/json")]
        let body: String
        let service: String
        let region: String
        var sessionToken: String?
        var time = "2026-03-01T09:08:08Z"
        let scope: String
        let signed: String
        let signature: String
    }

    static let vectors = [
        Vector(
            url: "https://email.eu-west-1.amazonaws.com/v2/email/outbound-emails", body: #"{"a":"ü"}"#, service: "ses",
            region: "eu-west-1", scope: "20260301/eu-west-1/ses", signed: "content-type;host;x-amz-date",
            signature: "600b69ee570504f4af768ed53b3083083fdaabc9291cfe476886c44cb32e8498"),
        Vector(
            url: "https://sms-voice.us-east-1.amazonaws.com/",
            headers: [
                ("Content-Type", "application/x-amz-json-1.0"),
                ("X-Amz-Target", "PinpointSMSVoiceV2.SendTextMessage"),
            ], body: "{}", service: "sms-voice", region: "us-east-1", sessionToken: "SESSION/token+1==",
            scope: "20260301/us-east-1/sms-voice",
            signed: "content-type;host;x-amz-date;x-amz-security-token;x-amz-target",
            signature: "d3395e883d4195485ae3fdf986f66ada4997aae5fae667b8f4823a8cd7b2937c"),
        // What libcurl 7.88 signs wrongly: escapes in the path and a query that is not sorted.
        Vector(
            method: "PUT", url: "http://127.0.0.1:9000/v2/a%20b/c:d%2Fe?z=1&b=%C3%BC%20x&a=&B=2", body: "x",
            service: "es", region: "eu-central-1", scope: "20260301/eu-central-1/es",
            signed: "content-type;host;x-amz-date",
            signature: "2d33715be1200e520d9c2d61fdd6204cd333d29db9b0eab88456017006181324"),
        Vector(
            url: "https://sns.eu-west-1.amazonaws.com/",
            headers: [("Content-Type", "application/x-www-form-urlencoded"), ("X-Sobre-Id", "unsigned")],
            body: "Action=Publish", service: "sns", region: "eu-west-1", time: "2026-12-31T23:59:59.999Z",
            scope: "20261231/eu-west-1/sns", signed: "content-type;host;x-amz-date",
            signature: "3add9fa958c138c3567011e8d3682505abd60c28b1089df1cd4244096947b162"),
    ]

    @Test(arguments: vectors.indices)
    func `the signature is botocore's`(index: Int) throws {
        let vector = Self.vectors[index]
        let signer = AWSSigner(
            region: vector.region, service: vector.service, accessKey: "AKIDEXAMPLE",
            secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", sessionToken: vector.sessionToken)
        let now = try #require(Instant(rfc3339: vector.time))
        // The second signature of a day uses the key that the first one derived.
        for _ in 0..<2 {
            var headers = vector.headers
            signer.sign(method: vector.method, url: vector.url, body: Array(vector.body.utf8), at: now, into: &headers)
            let value = headers.first { $0.name == "Authorization" }?.value
            #expect(
                value == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\(vector.scope)/aws4_request, "
                    + "SignedHeaders=\(vector.signed), Signature=\(vector.signature)")
            #expect(headers.first { $0.name == "X-Amz-Security-Token" }?.value == vector.sessionToken)
        }
    }

    @Test func `the key changes with the day`() throws {
        let signer = AWSSigner(
            region: "eu-west-1", service: "sns", accessKey: "AKIDEXAMPLE",
            secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", sessionToken: nil)
        let vector = Self.vectors[3]
        for time in ["2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", "2026-12-31T23:59:59Z"] {
            var headers = vector.headers
            let now = try #require(Instant(rfc3339: time))
            signer.sign(method: "POST", url: vector.url, body: Array(vector.body.utf8), at: now, into: &headers)
            let value = headers.first { $0.name == "Authorization" }?.value
            #expect(value?.hasSuffix(vector.signature) == time.hasPrefix("2026"))
        }
    }
}
