import SobreModel
import Testing

@testable import SobreProviders

/// Every error code that a push provider documents, and what it means.
@Suite("Documented errors of push providers") struct PushErrorTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var code: String
        var status: Int
        var body: String
        var kind: Outcome.Kind
        var hasCommonCause = false

        var testDescription: String { code }
    }

    private static func outcome(_ type: String, _ row: Row) throws -> Outcome {
        var plan = WebPushAnswers.plan
        if type != "web-push" {
            let manifests = try shippedManifests()
            plan = try #require(manifests.first { $0.name == type }).response
        }
        return plan.outcome(status: row.status, headers: [], body: Array(row.body.utf8), address: "", now: .epoch)
    }

    private static func check(_ type: String, _ rows: [Row]) throws {
        for row in rows {
            let outcome = try outcome(type, row)
            #expect(outcome.kind == row.kind, "\(type) \(row.status) \(row.code)")
            #expect((outcome.commonCause != nil) == row.hasCommonCause, "\(type) \(row.status) \(row.code)")
        }
    }

    /// https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns
    @Test func `APNs`() throws {
        func row(_ status: Int, _ reason: String, _ kind: Outcome.Kind, common: Bool = false) -> Row {
            Row(
                code: reason, status: status, body: #"{"reason":"\#(reason)","timestamp":1772355600000}"#, kind: kind,
                hasCommonCause: common)
        }
        try Self.check(
            "apns",
            [
                row(400, "BadCollapseId", .contentRejected),
                row(400, "BadDeviceToken", .recipientUnreachable, common: true),
                row(400, "BadExpirationDate", .contentRejected), row(400, "BadMessageId", .contentRejected),
                row(400, "BadPriority", .contentRejected), row(400, "BadTopic", .configuration),
                row(400, "DeviceTokenNotForTopic", .recipientUnreachable, common: true),
                row(400, "DuplicateHeaders", .configuration), row(400, "IdleTimeout", .transient),
                row(400, "InvalidPushType", .configuration),
                row(400, "MissingDeviceToken", .recipientUnreachable, common: true),
                row(400, "MissingTopic", .configuration), row(400, "PayloadEmpty", .contentRejected),
                row(400, "TopicDisallowed", .configuration), row(403, "BadCertificate", .auth),
                row(403, "BadCertificateEnvironment", .configuration), row(403, "ExpiredProviderToken", .authRefresh),
                row(403, "Forbidden", .auth), row(403, "InvalidProviderToken", .auth),
                row(403, "MissingProviderToken", .auth), row(403, "UnrelatedKeyIdInToken", .auth),
                row(403, "BadEnvironmentKeyIdInToken", .configuration), row(404, "BadPath", .configuration),
                row(405, "MethodNotAllowed", .configuration), row(410, "ExpiredToken", .recipientGone),
                row(410, "Unregistered", .recipientGone), row(413, "PayloadTooLarge", .contentTooLarge),
                row(429, "TooManyProviderTokenUpdates", .throttled), row(429, "TooManyRequests", .recipientDeferred),
                // The push may have been taken.
                row(500, "InternalServerError", .ambiguous), row(503, "ServiceUnavailable", .transient),
                row(503, "Shutdown", .transient),
            ])
    }

    /// https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode
    @Test func `FCM`() throws {
        func row(
            _ status: Int, _ code: String, _ kind: Outcome.Kind, message: String = "", common: Bool = false
        ) -> Row {
            Row(
                code: code, status: status,
                body: #"""
                    {"error":{"code":\#(status),"message":"\#(message)","details":[
                    {"@type":"type.googleapis.com/google.rpc.BadRequest"},
                    {"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"\#(code)"}]}}
                    """#, kind: kind, hasCommonCause: common)
        }
        try Self.check(
            "fcm",
            [
                row(400, "INVALID_ARGUMENT", .contentRejected),
                row(
                    400, "INVALID_ARGUMENT", .recipientInvalid,
                    message: "The registration token is not a valid FCM registration token"),
                row(400, "INVALID_ARGUMENT", .contentTooLarge, message: "Android message is too big"),
                row(404, "UNREGISTERED", .recipientGone), row(403, "SENDER_ID_MISMATCH", .recipientGone, common: true),
                row(429, "QUOTA_EXCEEDED", .throttled), row(503, "UNAVAILABLE", .transient),
                row(500, "INTERNAL", .ambiguous), row(401, "THIRD_PARTY_AUTH_ERROR", .recipientDeferred),
                row(500, "UNSPECIFIED_ERROR", .ambiguous),
            ])
    }

    /// https://docs.expo.dev/push-notifications/sending-notifications/#individual-errors
    @Test func `Expo`() throws {
        func ticket(_ error: String, _ kind: Outcome.Kind, common: Bool = false) -> Row {
            Row(
                code: error, status: 200,
                body: #"{"data":[{"status":"error","message":"m","details":{"error":"\#(error)"}}]}"#, kind: kind,
                hasCommonCause: common)
        }
        func request(_ status: Int, _ code: String, _ kind: Outcome.Kind) -> Row {
            Row(code: code, status: status, body: #"{"errors":[{"code":"\#(code)","message":"m"}]}"#, kind: kind)
        }
        try Self.check(
            "expo",
            [
                ticket("DeviceNotRegistered", .recipientGone), ticket("MessageTooBig", .contentTooLarge),
                ticket("MessageRateExceeded", .recipientDeferred),
                ticket("MismatchSenderId", .recipientUnreachable, common: true),
                ticket("InvalidCredentials", .recipientUnreachable, common: true),
                request(429, "TOO_MANY_REQUESTS", .throttled),
                request(400, "PUSH_TOO_MANY_EXPERIENCE_IDS", .recipientUnreachable),
                request(401, "UNAUTHORIZED", .auth), request(400, "VALIDATION_ERROR", .contentRejected),
                request(413, "PAYLOAD_TOO_LARGE", .contentTooLarge), request(500, "INTERNAL_SERVER_ERROR", .ambiguous),
                request(503, "SERVICE_UNAVAILABLE", .transient),
            ])
    }

    /// https://developer.huawei.com/consumer/en/doc/HMSCore-References/https-send-api-0000001050986197
    @Test func `HMS`() throws {
        func row(_ status: Int, _ code: String, _ kind: Outcome.Kind) -> Row {
            Row(code: code, status: status, body: #"{"code":"\#(code)","msg":"m","requestId":"1"}"#, kind: kind)
        }
        try Self.check(
            "hms",
            [
                row(200, "80000000", .accepted), row(200, "80100000", .recipientGone),
                row(400, "80100001", .contentRejected), row(400, "80100003", .contentRejected),
                row(400, "80100004", .contentRejected), row(401, "80200001", .auth),
                row(401, "80200003", .authRefresh), row(403, "80300002", .auth), row(400, "80300007", .recipientGone),
                row(400, "80300008", .contentTooLarge), row(400, "80300011", .configuration),
                row(500, "80600003", .transient), row(500, "81000001", .ambiguous), row(503, "", .throttled),
                row(429, "", .throttled),
            ])
    }

    /// RFC 8030 §5 and §8.4, RFC 8292 §4.
    @Test func `Web Push`() throws {
        func row(_ status: Int, _ body: String, _ kind: Outcome.Kind, common: Bool = false) -> Row {
            Row(code: body, status: status, body: body, kind: kind, hasCommonCause: common)
        }
        try Self.check(
            "web-push",
            [
                row(201, "", .accepted), row(404, "", .recipientGone), row(410, "", .recipientGone),
                row(413, "", .contentTooLarge), row(429, "", .throttled),
                row(
                    403, "the VAPID credentials do not correspond to the credentials", .recipientUnreachable,
                    common: true),
                row(403, "", .auth), row(401, "", .auth),
                row(400, "VapidPkHashMismatch", .recipientUnreachable, common: true),
                row(400, "invalid jwt provided", .auth), row(500, "", .ambiguous), row(503, "", .transient),
            ])
    }

    /// https://documentation.onesignal.com/reference/push-notification and https://pushover.net/api
    @Test func `OneSignal and Pushover`() throws {
        try Self.check(
            "onesignal",
            [
                Row(
                    code: "invalid", status: 200, body: #"{"id":"","errors":{"invalid_player_ids":["1"]}}"#,
                    kind: .recipientGone),
                Row(
                    code: "unsubscribed", status: 200,
                    body: #"{"id":"","errors":["All included players are not subscribed"]}"#,
                    kind: .recipientUnsubscribed),
                Row(code: "app_id", status: 400, body: #"{"errors":["app_id not found"]}"#, kind: .configuration),
                Row(
                    code: "400", status: 400, body: #"{"errors":["Message Notifications must have"]}"#,
                    kind: .contentRejected),
                Row(code: "401", status: 401, body: "{}", kind: .auth),
                Row(code: "403", status: 403, body: "{}", kind: .auth),
                Row(code: "429", status: 429, body: "{}", kind: .throttled),
                Row(code: "503", status: 503, body: "{}", kind: .transient),
                Row(code: "500", status: 500, body: "{}", kind: .ambiguous),
            ])
        try Self.check(
            "pushover",
            [
                Row(
                    code: "user", status: 400, body: #"{"user":"invalid","errors":["user"],"status":0}"#,
                    kind: .recipientInvalid),
                Row(
                    code: "token", status: 400, body: #"{"token":"invalid","errors":["token"],"status":0}"#, kind: .auth
                ),
                Row(
                    code: "quota", status: 429, body: #"{"errors":["application message limit exceeded"],"status":0}"#,
                    kind: .quota),
                Row(code: "429", status: 429, body: #"{"status":0}"#, kind: .throttled),
                Row(
                    code: "blank", status: 400, body: #"{"message":"cannot be blank","status":0}"#,
                    kind: .contentRejected),
                Row(code: "503", status: 503, body: "", kind: .transient),
                Row(code: "500", status: 500, body: "", kind: .ambiguous),
            ])
    }
}
