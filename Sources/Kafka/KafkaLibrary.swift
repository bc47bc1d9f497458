import CRdKafka

/// The functions of librdkafka, loaded at the first use.
///
/// `@unchecked Sendable` is right: the table is written once before it is handed out, is never freed, and its functions
/// may be called from any thread.
struct KafkaLibrary: @unchecked Sendable {
    let functions: UnsafePointer<crdkafka>

    /// - Throws: ``KafkaError`` with the package to install.
    static func load() throws(KafkaError) -> KafkaLibrary {
        let (found, why) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { why in
            // Temporary memory is not initialised, and the reason is written only on failure.
            why.initialize(repeating: 0)
            // Never nil: 512 bytes were asked for.
            let found = crdkafka_load(why.baseAddress!, why.count)
            return (found, String(cString: why.baseAddress!))
        }
        guard let functions = found else {
            throw KafkaError(
                .noLibrary,
                "Kafka is read through librdkafka, which cannot be loaded: \(why). Install the package librdkafka1.")
        }
        return KafkaLibrary(functions: functions)
    }

    var call: crdkafka { functions.pointee }

    /// librdkafka's words for a number.
    func words(_ code: rd_kafka_resp_err_t) -> String { Self.text(call.rd_kafka_err2str(code)) }

    /// A text of the library; empty when there is none.
    static func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
}

/// What is known of the library before it is used.
public enum Kafka {
    /// Whether librdkafka can be loaded.
    ///
    /// - Returns: its version.
    /// - Throws: ``KafkaError`` with the package to install.
    public static func version() throws(KafkaError) -> String {
        KafkaLibrary.text(try KafkaLibrary.load().call.rd_kafka_version_str())
    }

    /// Checks properties without connecting to a broker.
    ///
    /// - Parameter properties: names and values as librdkafka's documentation lists them.
    /// - Throws: ``KafkaError`` with the words of the library.
    public static func check(_ properties: [(name: String, value: String)]) throws(KafkaError) {
        let library = try KafkaLibrary.load()
        library.call.rd_kafka_conf_destroy(try library.configuration(properties))
    }
}

extension KafkaLibrary {
    /// Makes a configuration, which the caller owns.
    func configuration(_ properties: [(name: String, value: String)]) throws(KafkaError) -> OpaquePointer {
        // Never nil: the library ends the process when memory is exhausted.
        let configuration = call.rd_kafka_conf_new()!
        for (name, value) in properties {
            let problem: String? = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { why in
                why.initialize(repeating: 0)
                let result = call.rd_kafka_conf_set(configuration, name, value, why.baseAddress, why.count)
                // Never nil: 512 bytes were asked for.
                return result == RD_KAFKA_CONF_OK ? nil : String(cString: why.baseAddress!)
            }
            if let problem {
                call.rd_kafka_conf_destroy(configuration)
                throw KafkaError(.configuration, "\(name): \(problem)")
            }
        }
        return configuration
    }
}
