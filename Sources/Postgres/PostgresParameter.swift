/// A value that can be a parameter of a statement. It is sent in the server's binary format.
public protocol PostgresParameter {
    /// The object ID of the parameter's type.
    static var postgresType: UInt32 { get }

    /// Appends the value's bytes.
    ///
    /// - Parameter buffer: the parameters of one statement.
    /// - Returns: false for NULL; nothing was appended then.
    func write(to buffer: inout ParameterBuffer) -> Bool
}

/// A value of which an array can be a parameter.
public protocol PostgresElement {
    /// The object ID of the array's type.
    static var postgresArrayType: UInt32 { get }

    /// Appends an array.
    ///
    /// - Parameters:
    ///   - elements: the array.
    ///   - buffer: the parameters of one statement.
    static func write(_ elements: [Self], to buffer: inout ParameterBuffer)
}

extension PostgresElement where Self: PostgresParameter {
    public static func write(_ elements: [Self], to buffer: inout ParameterBuffer) { buffer.append(array: elements) }
}

extension Array: PostgresParameter where Element: PostgresElement {
    public static var postgresType: UInt32 { Element.postgresArrayType }

    public func write(to buffer: inout ParameterBuffer) -> Bool {
        Element.write(self, to: &buffer)
        return true
    }
}

/// Nil is NULL.
extension Optional: PostgresParameter where Wrapped: PostgresParameter {
    public static var postgresType: UInt32 { Wrapped.postgresType }

    public func write(to buffer: inout ParameterBuffer) -> Bool {
        guard let value = self else { return false }
        return value.write(to: &buffer)
    }
}

/// An array may hold NULLs.
extension Optional: PostgresElement where Wrapped: PostgresElement & PostgresParameter {
    public static var postgresArrayType: UInt32 { Wrapped.postgresArrayType }

    public static func write(_ elements: [Self], to buffer: inout ParameterBuffer) { buffer.append(array: elements) }
}

extension Int64: PostgresParameter, PostgresElement {
    public static var postgresType: UInt32 { PostgresType.int8 }
    public static var postgresArrayType: UInt32 { PostgresType.int8Array }

    public func write(to buffer: inout ParameterBuffer) -> Bool {
        buffer.append(self)
        return true
    }
}

extension Int: PostgresParameter, PostgresElement {
    public static var postgresType: UInt32 { PostgresType.int8 }
    public static var postgresArrayType: UInt32 { PostgresType.int8Array }

    public func write(to buffer: inout ParameterBuffer) -> Bool { Int64(self).write(to: &buffer) }
}

extension Double: PostgresParameter {
    public static var postgresType: UInt32 { PostgresType.float8 }

    public func write(to buffer: inout ParameterBuffer) -> Bool {
        buffer.append(bitPattern)
        return true
    }
}

extension Bool: PostgresParameter, PostgresElement {
    public static var postgresType: UInt32 { PostgresType.bool }
    public static var postgresArrayType: UInt32 { PostgresType.boolArray }

    public func write(to buffer: inout ParameterBuffer) -> Bool {
        buffer.append(UInt8(self ? 1 : 0))
        return true
    }
}

extension String: PostgresParameter, PostgresElement {
    public static var postgresType: UInt32 { PostgresType.text }
    public static var postgresArrayType: UInt32 { PostgresType.textArray }

    public func write(to buffer: inout ParameterBuffer) -> Bool {
        buffer.append(self)
        return true
    }
}

/// An array of bytes is a `bytea`, and an array of those a `bytea[]`.
extension UInt8: PostgresElement {
    public static var postgresArrayType: UInt32 { PostgresType.bytea }

    public static func write(_ elements: [UInt8], to buffer: inout ParameterBuffer) { buffer.append(elements) }
}

extension Array: PostgresElement where Element == UInt8 {
    public static var postgresArrayType: UInt32 { PostgresType.byteaArray }
}
