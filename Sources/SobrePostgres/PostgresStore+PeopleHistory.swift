import Postgres
public import SobreModel
public import SobreStore

extension PostgresStore {
    private static let crowded = PreparedStatement(
        "people_crowded",
        """
        SELECT count(*) FROM (
            SELECT FROM address_owner WHERE person <> 0 GROUP BY address HAVING count(*) > $1) AS crowded
        """)
    private static let consentColumns =
        "id, recipient, category, channel, granted, at, source, evidence, recorded_at"
    private static let allConsents = PreparedStatement(
        "people_all_consents", "SELECT \(consentColumns) FROM consent_log WHERE id > $1 ORDER BY id LIMIT $2")
    private static let consents = PreparedStatement(
        "people_consents",
        """
        SELECT \(consentColumns) FROM consent_log WHERE id > $1 AND bucket = ANY($3) AND person = ANY($4)
        ORDER BY id LIMIT $2
        """)
    private static let logColumns = "\(SuppressionRow.list), id, is_lifted, recorded_at"
    private static let allSuppressionLog = PreparedStatement(
        "people_all_suppression_log",
        "SELECT \(logColumns) FROM suppression_log WHERE id < $1 ORDER BY id DESC LIMIT $2")
    private static let suppressionLog = PreparedStatement(
        "people_suppression_log",
        """
        SELECT \(logColumns) FROM suppression_log WHERE id < $1 AND bucket = ANY($3) AND subject = ANY($4)
        ORDER BY id DESC LIMIT $2
        """)
    private static let newest = PreparedStatement(
        "people_newest",
        """
        SELECT \(SuppressionRow.list) FROM suppression
        WHERE at <= $2 AND (at < $2 OR (subject, channel, category, reason) > ($3, $4, $5, $6))
        ORDER BY at DESC, subject, channel, category, reason LIMIT $1
        """)
    private static let suppressions = PreparedStatement(
        "people_suppressions",
        """
        SELECT \(SuppressionRow.list) FROM suppression
        WHERE at <= $2 AND (at < $2 OR (subject, channel, category, reason) > ($3, $4, $5, $6))
            AND bucket = ANY($7) AND subject = ANY($8)
        ORDER BY at DESC, subject, channel, category, reason LIMIT $1
        """)
    private static let page = PreparedStatement(
        "people_page",
        """
        SELECT \(SuppressionRow.list) FROM suppression
        WHERE (bucket, subject, channel, category, reason) > ($1, $2, $3, $4, $5)
        ORDER BY bucket, subject, channel, category, reason LIMIT $6
        """)
    private static let address = PreparedStatement(
        "people_address",
        "SELECT address FROM attempt WHERE bucket = $1 AND delivery = $2 ORDER BY id DESC LIMIT 1")

    public func profile(_ id: String) async throws(StoreError) -> Profile? {
        try await read { connection in try Person.find(id, connection)?.profile }
    }

    public func profiles(after id: String?, limit: Int) async throws(StoreError) -> [Profile] {
        try await read { connection in try Person.page(after: id, limit: limit, connection).map(\.profile) }
    }

    public func crowdedAddresses(above most: Int) async throws(StoreError) -> Int {
        try await read { connection in Int(try connection.query(Self.crowded, most)[0].int(0)) }
    }

    public func consentHistory(
        of id: String?, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [ConsentRecord] {
        try await read { connection in
            let names = try id.map { try Person.allNames(of: .recipient($0), connection) }
            let rows =
                if let names {
                    try connection.query(
                        Self.consents, sequence, max(0, limit), names.buckets, names.map(\.stored))
                } else {
                    try connection.query(Self.allConsents, sequence, max(0, limit))
                }
            return try rows.map { row in
                let number = try row.int(0)
                let consent = Consent(
                    category: try row.text(2), channel: try row.channelOrAll(3, in: "consent_log.channel", of: number),
                    granted: try row.bool(4), at: try row.instant(5), source: try row.optionalText(6),
                    evidence: try row.optionalText(7))
                return ConsentRecord(
                    sequence: number, recipient: try row.text(1), consent: consent,
                    recordedAt: Instant(milliseconds: try row.int(8)))
            }
        }
    }

    public func suppressionHistory(
        of subject: KeyHash?, before sequence: Int64?, limit: Int
    ) async throws(StoreError) -> [SuppressionRecord] {
        try await read { connection in
            let names = try subject.map { try Person.allNames(of: $0, connection) }
            let rows =
                if let names {
                    try connection.query(
                        Self.suppressionLog, sequence ?? .max, max(0, limit), names.buckets, names.map(\.stored))
                } else {
                    try connection.query(Self.allSuppressionLog, sequence ?? .max, max(0, limit))
                }
            return try rows.map { row in
                SuppressionRecord(
                    sequence: try row.int(8), change: try row.bool(9) ? .lifted : .set,
                    suppression: try SuppressionRow.read(row), recordedAt: Instant(milliseconds: try row.int(10)))
            }
        }
    }

    public func suppressions(
        of subjects: [KeyHash]?, before place: SuppressionPlace?, limit: Int
    ) async throws(StoreError) -> [Suppression] {
        try await read { connection in
            let (at, subject) = (place?.at.milliseconds ?? .max, place?.subject.stored ?? 0)
            let (channel, category) = (place?.channel.stored ?? 0, place?.category ?? "")
            let reason = place?.reason.rawValue ?? ""
            let rows: QueryResult
            if let subjects {
                let names = try subjects.flatMap { try Person.allNames(of: $0, connection) }
                rows = try connection.query(
                    Self.suppressions, max(0, limit), at, subject, channel, category, reason, names.buckets,
                    names.map(\.stored))
            } else {
                rows = try connection.query(Self.newest, max(0, limit), at, subject, channel, category, reason)
            }
            return try rows.map { try SuppressionRow.read($0) }
        }
    }

    public func suppressions(after last: Suppression?, limit: Int) async throws(StoreError) -> [Suppression] {
        try await read { connection in
            try connection.query(
                Self.page, last.map { Bucket.of($0.subject) } ?? -1, last?.subject.stored ?? 0,
                last?.channel.stored ?? 0, last?.category ?? "", last?.reason.rawValue ?? "", max(0, limit)
            ).map { try SuppressionRow.read($0) }
        }
    }

    public func address(of delivery: DeliveryID) async throws(StoreError) -> KeyHash? {
        try await read { connection in
            try connection.query(Self.address, Bucket.of(delivery.message), delivery.rawValue).first
                .map { KeyHash(stored: try $0.int(0)) }
        }
    }
}
