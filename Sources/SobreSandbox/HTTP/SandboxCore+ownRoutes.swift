internal import JSON
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

extension SandboxCore {
    /// Answers the sandbox's own routes: the page, the lists, and the controls for tests.
    func handleOwn(_ request: HTTPRequest, parts: [Substring], on connection: HTTPConnection) {
        let isRead = request.method == .GET || request.method == .HEAD
        if isRead, parts == [""] {
            showPage(request, on: connection)
        } else if parts.first == "_sandbox", parts.count > 1 {
            if isRead {
                read(request, parts: parts.dropFirst(), on: connection)
            } else if request.method == .POST {
                connection.answer(control(request, parts: parts.dropFirst()))
            } else {
                connection.answer(.problem(405, "Method Not Allowed", "Use GET to read and POST to control."))
            }
        } else {
            connection.answer(
                .notFound(
                    "The sandbox does not know \(request.method) \(clipped(request.path)). It takes POST to "
                        + "/2010-04-01/Accounts/{sid}/Messages.json, /v1/projects/{project}/messages:send, /token and "
                        + "/webhook/{name}, and shows what it got at /."))
        }
    }

    // MARK: Reading

    private func read(_ request: HTTPRequest, parts: ArraySlice<Substring>, on connection: HTTPConnection) {
        let names = Array(parts)
        switch names.count {
        case 1 where names == ["stats"]:
            flush()
            connection.answer(
                HTTPAnswer(
                    status: 200, contentType: "application/json",
                    body: stats.json(openConnections: connections.count, clock: clock, receipts: receipts)))
        case 1 where names == ["faults"]:
            connection.answer(.json(200) { dice.plan.write(to: &$0, seed: dice.seed) })
        case 1 where names == ["messages"]:
            list(request, on: connection)
        case 2 where names[0] == "messages", 3 where names[0] == "messages" && names[2] == "body":
            guard let seq = Int(names[1]), seq > 0 else {
                connection.answer(.problem(400, "Bad Request", "A message's number is a whole number from 1."))
                return
            }
            names.count == 2 ? show(seq, request, on: connection) : showBody(seq, on: connection)
        default:
            connection.answer(
                .notFound("GET /_sandbox/messages, /_sandbox/messages/{seq}, /_sandbox/stats or /_sandbox/faults."))
        }
    }

    /// The filter of a request. Returns nil if it is invalid, in which case the error has been answered.
    private func query(of request: HTTPRequest, on connection: HTTPConnection) -> MessageQuery? {
        switch Self.query(request.queryItems) {
        case .success(let query): return query
        case .failure(let objection):
            connection.answer(.problem(400, "Bad Request", objection.sentence))
            return nil
        }
    }

    private func list(_ request: HTTPRequest, on connection: HTTPConnection) {
        guard let query = query(of: request, on: connection) else { return }
        flush()
        let snapshot = log.snapshot(query)
        offLoop(on: connection) { () throws(SandboxError) in
            let messages = try snapshot.read()
            return .json(200) { json in
                json.key("messages")
                json.array { json in
                    for message in messages { message.write(to: &json) }
                }
            }
        }
    }

    private func show(_ seq: Int, _ request: HTTPRequest, on connection: HTTPConnection) {
        flush()
        let snapshot = log.snapshot(seq: seq)
        let bodies = bodies
        let wantsPage = request.header("accept")?.contains("text/html") ?? false
        offLoop(on: connection) { () throws(SandboxError) in
            guard let message = try snapshot.read() else { return .notFound("There is no message \(seq).") }
            let body = try message.body.flatMap { name throws(SandboxError) in
                try bodies?.read(name, limit: SandboxPage.maxBodyBytes)
            }
            if wantsPage { return .page(SandboxPage.message(message, body: body)) }
            return .json(200) { json in
                json.key("message")
                message.write(to: &json)
                if let body {
                    json.key("body")
                    json.value(utf8: body)
                }
            }
        }
    }

    private func showBody(_ seq: Int, on connection: HTTPConnection) {
        flush()
        let snapshot = log.snapshot(seq: seq)
        let bodies = bodies
        let limit = configuration.maxBodyBytes
        offLoop(on: connection) { () throws(SandboxError) in
            guard let name = try snapshot.read()?.body, let bodies else {
                return .notFound("There is no body for message \(seq); start the sandbox so that it keeps bodies.")
            }
            var answer = HTTPAnswer(
                status: 200, contentType: "text/plain; charset=utf-8", body: try bodies.read(name, limit: limit))
            answer.headers = [("X-Content-Type-Options", "nosniff")]
            return answer
        }
    }

    private func showPage(_ request: HTTPRequest, on connection: HTTPConnection) {
        guard let query = query(of: request, on: connection) else { return }
        flush()
        let snapshot = log.snapshot(query)
        let total = log.nextSeq - 1
        let clock = clock
        offLoop(on: connection) { () throws(SandboxError) in
            .page(SandboxPage.list(try snapshot.read(), query: query, total: total, clock: clock))
        }
    }

    /// Builds an answer on a reader thread and sends it from the event loop.
    private func offLoop(
        on connection: HTTPConnection, _ make: @escaping @Sendable () throws(SandboxError) -> HTTPAnswer
    ) {
        let bound = NIOLoopBound(connection, eventLoop: eventLoop)
        readers.runIfActive(eventLoop: eventLoop) { () -> HTTPAnswer in
            do {
                return try make()
            } catch {
                return .problem(500, "Internal Server Error", "\(error)")
            }
        }.whenSuccess { bound.value.answer($0) }
    }

    private static func query(_ items: FormFields) -> Result<MessageQuery, QueryObjection> {
        var query = MessageQuery()
        for item in items.items where !item.value.isEmpty {
            switch item.name {
            case "person": query.person = item.value
            case "channel":
                guard let channel = ReceivedMessage.Channel(rawValue: item.value) else {
                    let known = ReceivedMessage.Channel.allCases.map(\.rawValue).joined(separator: ", ")
                    return .failure(QueryObjection(sentence: "channel is one of \(known)."))
                }
                query.channel = channel
            case "limit":
                guard let limit = Int(item.value), (1...MessageQuery.maxLimit).contains(limit) else {
                    return .failure(QueryObjection(sentence: "limit is 1 to \(MessageQuery.maxLimit)."))
                }
                query.limit = limit
            default:
                return .failure(
                    QueryObjection(sentence: "\(clipped(item.name)) is not known; use person, channel and limit."))
            }
        }
        return .success(query)
    }
}

/// An error in a query.
private struct QueryObjection: Error {
    let sentence: String
}

extension HTTPAnswer {
    /// A page that may not load resources or run scripts.
    static func page(_ html: [UInt8]) -> HTTPAnswer {
        var answer = HTTPAnswer(status: 200, contentType: "text/html; charset=utf-8", body: html)
        answer.headers = [
            ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"),
            ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store"),
        ]
        return answer
    }
}
