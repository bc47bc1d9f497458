internal import JSON
internal import NIOCore

extension SandboxCore {
    /// Handles a control request: faults, clock, reset, shutdown.
    func control(_ request: HTTPRequest, parts: ArraySlice<Substring>) -> HTTPAnswer {
        if let origin = request.header("origin"), !isOwn(origin, request) {
            return .problem(403, "Forbidden", "Another site's page may not control the sandbox.")
        }
        switch Array(parts) {
        case ["faults"]: return setFaults(request.body)
        case ["clock"]: return setClock(request.body)
        case ["reset"]:
            do {
                try reset()
                return .json(200) { $0.field("reset", true) }
            } catch {
                return .problem(500, "Internal Server Error", "\(error)")
            }
        case ["shutdown"]:
            shutdownRequested.succeed()
            return .json(202) { $0.field("shutdown", true) }
        default:
            return .notFound("POST to /_sandbox/faults, /_sandbox/clock, /_sandbox/reset or /_sandbox/shutdown.")
        }
    }

    /// Whether the origin is a page of this host, under a name that nobody else can point at it.
    private func isOwn(_ origin: String, _ request: HTTPRequest) -> Bool {
        guard let host = request.header("host"), origin == "http://\(host)" else { return false }
        return ["localhost", "127.0.0.1", "[::1]", configuration.host].contains { name in
            host == name || host.hasPrefix("\(name):")
        }
    }

    private func setFaults(_ body: [UInt8]) -> HTTPAnswer {
        do {
            let root = try JSONDocument.parse(body, limits: .request).root
            let (plan, seed) = try FaultPlan.read(root)
            dice = FaultDice(plan: plan, seed: seed ?? dice.seed)
            return .json(200) { plan.write(to: &$0, seed: dice.seed) }
        } catch let error as SandboxError {
            return .problem(400, "Bad Request", "\(error)")
        } catch {
            return .problem(400, "Bad Request", "The fault plan is not JSON: \(error)")
        }
    }

    private func setClock(_ body: [UInt8]) -> HTTPAnswer {
        guard let root = try? JSONDocument.parse(body, limits: .request).root, let now = root["now"] else {
            return .problem(400, "Bad Request", "Send {\"now\": milliseconds since 1970}, or null for real time.")
        }
        // Rows received before this request must have the previous time.
        flush()
        if now.isNull {
            clock = nil
        } else if let milliseconds = now.int, (0...253_402_300_799_999).contains(milliseconds) {
            clock = Int64(milliseconds)
        } else {
            return .problem(
                400, "Bad Request", "\"now\" is whole milliseconds since 1970, up to the year 9999, or null.")
        }
        return .json(200) { json in
            json.key("now")
            json.value(clock.map { Int($0) })
        }
    }
}
