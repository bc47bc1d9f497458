extension JSONWriter {
    /// One value on a line of its own.
    public static func line(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        body(&writer)
        writer.newline()
        return writer.take()
    }
}
