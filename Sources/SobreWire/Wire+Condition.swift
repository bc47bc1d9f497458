public import JSON
import SobreModel

extension Wire {
    /// Writes the status of a node.
    public static func write(_ condition: NodeCondition, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("warnings")
            writer.array { writer in for warning in condition.warnings { writer.value(warning) } }
            writer.key("in_flight")
            writer.value(condition.inFlight)
            writer.key("policy_version")
            writer.value(condition.policyVersion)
            writer.key("providers")
            writer.array { writer in for provider in condition.providers { write(provider, to: &writer) } }
        }
    }

    private static func write(_ provider: NodeCondition.ProviderStatus, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("name")
            writer.value(provider.name)
            writer.key("channel")
            writer.value(provider.channel)
            writer.key("state")
            writer.value(provider.state)
            writer.key("in_flight")
            writer.value(provider.inFlight)
            if let until = provider.until {
                writer.key("until")
                writer.value("\(until)")
            }
            writer.member("why", ifPresent: provider.why)
        }
    }

    private static func readProvider(_ ref: JSONRef) -> NodeCondition.ProviderStatus {
        var provider = NodeCondition.ProviderStatus(
            name: ref["name"]?.string ?? "", channel: ref["channel"]?.string ?? "", state: ref["state"]?.string ?? "",
            inFlight: ref["in_flight"]?.int ?? 0)
        provider.until = ref["until"]?.string.flatMap { Instant(rfc3339: $0) }
        provider.why = ref["why"]?.string
        return provider
    }

    /// Reads the status of a node. Absent members are empty or 0.
    public static func readCondition(_ ref: JSONRef) -> NodeCondition {
        NodeCondition(
            warnings: ref["warnings"]?.elements.compactMap(\.string) ?? [],
            providers: ref["providers"]?.elements.map { provider in
                readProvider(provider)
            } ?? [],
            inFlight: ref["in_flight"]?.int ?? 0, policyVersion: ref["policy_version"]?.int ?? 0)
    }
}
