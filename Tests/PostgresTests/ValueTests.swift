import Postgres
import PostgresTestServer
import Testing

@Suite(
    "Values of PostgreSQL",
    .enabled(if: PostgresTestServer.isInstalled, Comment(rawValue: PostgresTestServer.skipReason)))
struct ValueTests {
    @Test func `each type of parameter is read back as it was sent`() throws {
        let connection = try TestConnection().connection
        let statement = PreparedStatement(
            "echo", "SELECT $1::int8, $2::text, $3::bytea, $4::bool, $5::float8, $6::int8[], $7::text[], $8::bytea[]")
        let bytes: [UInt8] = [0, 255, 0, 1]
        let row = try connection.query(
            statement, Int64.min, "zoë 🙂", bytes, true, -1.5, [Int64.max, 0, -1], ["", "a,\"{}\\", "NULL"],
            [[], bytes])[0]
        #expect(try row.int(0) == .min)
        #expect(try row.text(1) == "zoë 🙂")
        #expect(try row.bytes(2) == bytes)
        #expect(try row.bool(3))
        #expect(try row.double(4) == -1.5)
        #expect(try row.ints(5) == [.max, 0, -1])
        #expect(try row.texts(6) == ["", "a,\"{}\\", "NULL"])
        #expect(try row.byteArrays(7) == [[], bytes])
    }

    @Test func `empty values are not NULL, and NULL is nil`() throws {
        let connection = try TestConnection().connection
        let empty = PreparedStatement("empty", "SELECT $1::text, $2::bytea, $3::int8[], $4::text[], $5::int8[] IS NULL")
        let row = try connection.query(empty, "", [UInt8](), [Int64](), [String](), [Int64]?.none)[0]
        #expect(try row.optionalText(0) == "")
        #expect(try row.optionalBytes(1) == [])
        #expect(try row.ints(2) == [])
        #expect(try row.texts(3) == [])
        #expect(try row.bool(4))
        let nothing = PreparedStatement("nothing", "SELECT $1::int8, $2::text, $3::bytea")
        let nulls = try connection.query(nothing, Int64?.none, String?.none, [UInt8]?.none)[0]
        #expect(try nulls.optionalInt(0) == nil)
        #expect(try nulls.optionalText(1) == nil)
        #expect(try nulls.optionalBytes(2) == nil)
        #expect(try nulls.isNull(0))
    }

    @Test func `arrays with NULLs become rows with NULLs`() throws {
        let connection = try TestConnection().connection
        let statement = PreparedStatement(
            "rows", "SELECT * FROM unnest($1::int8[], $2::text[], $3::bytea[], $4::bool[]) AS t(a, b, c, d)")
        let rows = try connection.query(
            statement, [1, nil, 3] as [Int64?], ["x", nil, ""] as [String?], [nil, [1], []] as [[UInt8]?],
            [true, false, true])
        #expect(try rows.map { row throws(PostgresError) in try row.optionalInt(0) } == [1, nil, 3])
        #expect(try rows.map { row throws(PostgresError) in try row.optionalText(1) } == ["x", nil, ""])
        #expect(try rows.map { row throws(PostgresError) in try row.optionalBytes(2) } == [nil, [1], []])
        #expect(try rows.map { row throws(PostgresError) in try row.bool(3) } == [true, false, true])
    }

    @Test func `small integers are read as Int64`() throws {
        let connection = try TestConnection().connection
        let row = try connection.query(PreparedStatement("small", "SELECT (-2)::int2, (-3)::int4, 4::oid"))[0]
        #expect(try [row.int(0), row.int(1), row.int(2)] == [-2, -3, 4])
    }

    @Test func `a wrong column, type or NULL is an error`() throws {
        let connection = try TestConnection().connection
        let row = try connection.query(
            PreparedStatement("row", "SELECT 'a'::text AS name, NULL::int8, '{{1},{2}}'::int8[]"))[0]
        for read in [
            { _ = try row.text(3) }, { _ = try row.text(-1) }, { _ = try row.int(0) }, { _ = try row.int(1) },
            { _ = try row.bool(0) }, { _ = try row.bytes(0) }, { _ = try row.ints(0) }, { _ = try row.ints(2) },
        ] as [() throws -> Void] {
            let error = #expect(throws: PostgresError.self) { try read() }
            #expect(error?.kind == .conversion)
        }
    }

    @Test func `a text with a zero byte is refused by the server`() throws {
        let connection = try TestConnection().connection
        let error = #expect(throws: PostgresError.self) {
            try connection.query(PreparedStatement("zero", "SELECT $1::text"), "a\u{0}b")
        }
        #expect(error?.sqlState == .characterNotInRepertoire)
        #expect(connection.isIdle)
    }
}
