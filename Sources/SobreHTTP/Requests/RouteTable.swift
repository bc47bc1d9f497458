import HTTPTypes
import Hummingbird
import Synchronization

/// The methods of each path, to tell 405 from 404 (RFC 9110 §15.5.6).
final class RouteTable: Sendable {
    private let routes = Mutex<[(parts: [String], method: HTTPRequest.Method)]>([])

    /// Call it once, after all routes have been added.
    func fill(from router: Router<APIContext>) {
        var all = router.routes.map { (parts: Self.parts(of: $0.path.description), method: $0.method) }
        all += all.filter { $0.method == .get }.map { (parts: $0.parts, method: .head) }
        routes.withLock { $0 = all }
    }

    /// The methods that a path supports, as a value for `Allow`; nil if no route matches.
    func allowed(_ path: String) -> String? {
        let asked = Self.parts(of: path)
        let matching = routes.withLock { routes in routes.filter { Self.matches($0.parts, asked) } }
        // `/v1/messages/cancel` is a resource of its own, and no message.
        let exactness = matching.map { Self.exactness($0.parts, asked) }.max()
        let methods = matching.filter { Self.exactness($0.parts, asked) == exactness }.map(\.method.rawValue)
        return methods.isEmpty ? nil : Set(methods).sorted().joined(separator: ", ")
    }

    /// How many parts of a path a route names.
    private static func exactness(_ route: [String], _ asked: [String]) -> Int {
        zip(route, asked).count { $0 == $1 }
    }

    private static func parts(of path: String) -> [String] { path.split(separator: "/").map(String.init) }

    private static func matches(_ route: [String], _ asked: [String]) -> Bool {
        route.count == asked.count
            && zip(route, asked).allSatisfy { $0 == $1 || $0.hasPrefix("{") || $0.hasPrefix(":") }
    }
}
