import HTTPTypes
import Hummingbird
import JSON
import SobreModel
import SobreStore
import SobreWire

/// `GET /v1/log`: the delivery log, in pages or as a stream.
struct LogRoutes: Sendable {
    let services: APIServices
    let followers: FollowerGate

    static let parameters = [
        "state", "channel", "reason", "recipient", "campaign", "category", "template", "provider", "since", "until",
        "limit", "after", "before", "follow",
    ]

    func add(reading: RouterGroup<APIContext>) { reading.get("log", use: log) }

    @Sendable private func log(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try QueryReader(request, known: Self.parameters)
        var filter = try filter(query)
        let wantsStream = request.headers[.accept]?.contains("text/event-stream") == true
        if try wantsStream || query.flag("follow") { return try await follow(request, query, filter, context) }
        if let after = try query.cursor("after") {
            filter.direction = .forward(after: after)
        } else if let before = try query.cursor("before") {
            filter.direction = .backward(before: before)
        }
        let page = try await services.store.log(filter)
        return .json { writer in
            writer.object { writer in
                writer.key("entries")
                writer.array { writer in for row in page.rows { Wire.write(row, to: &writer) } }
                // A full page may be followed by another one.
                if page.rows.count == filter.limit {
                    if case .forward = filter.direction { writer.key("next_after") } else { writer.key("next_before") }
                    writer.value(page.next.description)
                }
            }
        }
    }

    private func filter(_ query: QueryReader) throws(Problem) -> LogQuery {
        LogQuery(
            limit: try query.int("limit", default: 100, in: 1...1_000),
            states: try query.names("state", known: DeliveryState.allCases.map(\.description)) {
                DeliveryState(name: $0)
            },
            channels: try query.names("channel", known: Channel.names) { Channel(name: $0) },
            reasons: try query.names("reason", known: LogReason.names) { LogReason.names.contains($0) ? $0 : nil },
            recipient: query.text("recipient"), campaign: query.text("campaign"),
            category: query.text("category"), template: query.text("template"), provider: query.text("provider"),
            since: try query.instant("since"), until: try query.instant("until"))
    }

    /// Streams server-sent events, one `entry` event for each row. The event's id is the row's cursor, so
    /// `Last-Event-ID` resumes the stream.
    private func follow(_ request: Request, _ query: QueryReader, _ filter: LogQuery, _ context: APIContext)
        async throws -> Response
    {
        guard let slot = followers.enter() else {
            var problem = Problem(
                .serviceUnavailable, "too_many_followers", "Too many clients are following the log.",
                expected: "paging with \"after\", or a retry later")
            problem.headers[.retryAfter] = "10"
            throw problem
        }
        let given: LogCursor?
        if let resumed = request.headers[.lastEventID], !resumed.isEmpty {
            given = try QueryReader.cursor(resumed, of: "Last-Event-ID")
        } else {
            given = try query.cursor("after")
        }
        // Queried before the response begins, so that an invalid cursor can still be answered with a problem.
        let place = try await services.store.log(LogQuery(direction: .forward(after: given), limit: 0))
        let start = given ?? place.end
        let follower = LogFollower(
            store: services.store, filter: filter, start: start, slot: slot, isConnected: context.isConnected)
        let headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-store", HTTPField.Name("X-Accel-Buffering")!: "no",
        ]
        return Response(status: .ok, headers: headers, body: ResponseBody(asyncSequence: follower))
    }
}

extension HTTPField.Name {
    static let lastEventID = HTTPField.Name("Last-Event-ID")!
}
