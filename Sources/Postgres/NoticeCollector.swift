import CLibpq

/// Collects the notices of a connection. libpq calls it on the thread that reads the connection.
final class NoticeCollector {
    private var notices: [PostgresNotice] = []
    private let limit: Int
    /// How many warnings have arrived.
    private(set) var warnings = 0
    /// The last warning.
    private(set) var lastWarning: PostgresNotice?

    init(limit: Int) { self.limit = limit }

    /// Receives the connection's notices. The collector must live as long as the connection.
    func attach(to handle: OpaquePointer?) {
        _ = PQsetNoticeReceiver(
            handle,
            { context, result in
                guard let context, let result else { return }
                Unmanaged<NoticeCollector>.fromOpaque(context).takeUnretainedValue().add(result)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    func take() -> [PostgresNotice] {
        defer { notices = [] }
        return notices
    }

    private func add(_ result: OpaquePointer) {
        func field(_ code: Int32) -> String { PQresultErrorField(result, code).map { String(cString: $0) } ?? "" }
        let detail = field(DiagnosticField.detail)
        let notice = PostgresNotice(
            severity: field(DiagnosticField.severity), sqlState: SQLState(rawValue: field(DiagnosticField.sqlState)),
            message: field(DiagnosticField.message), detail: detail.isEmpty ? nil : detail)
        if notice.isWarning {
            warnings += 1
            lastWarning = notice
        }
        if notices.count < limit { notices.append(notice) }
    }
}
