public import JSON
import SobreModel

extension Wire {
    /// Writes the state of a node.
    public static func write(_ condition: NodeCondition, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("warnings")
            writer.array { writer in for warning in condition.warnings { writer.value(warning) } }
            writer.key("in_flight")
            writer.value(condition.inFlight)
            writer.key("policy_version")
            writer.value(condition.policyVersion)
            writer.key("clock")
            writer.object { writer in
                writer.key("trusted")
                writer.value(condition.isClockTrusted)
                writer.key("offset_seconds")
                writer.value(condition.clockOffsetSeconds)
            }
            writer.key("disk")
            writer.object { writer in
                writer.key("writable")
                writer.value(condition.isWritable)
                if let bytes = condition.freeBytes {
                    writer.key("free_bytes")
                    writer.value(bytes)
                }
            }
            writer.key("http")
            write(condition.http, to: &writer)
            writeBacklog(of: condition, to: &writer)
            writePauses(condition.pauses, to: &writer)
            write(condition.subscriptions, to: &writer)
            write(condition.sources, to: &writer)
            writer.key("broken_templates")
            writer.value(condition.brokenTemplates)
            writer.key("refused_files")
            writer.array { writer in
                for refused in condition.refusedFiles {
                    writer.object { writer in
                        writer.member("file", ifPresent: refused.file)
                        writer.member("why", ifPresent: refused.why)
                    }
                }
            }
            writer.key("pending_restart")
            writer.value(condition.pendingRestart)
            writer.key("providers")
            writer.array { writer in for provider in condition.providers { write(provider, to: &writer) } }
        }
    }

    private static func write(_ load: NodeCondition.HTTPLoad, to writer: inout JSONWriter) {
        writer.object { writer in
            for (key, value) in [
                ("connections", load.connections), ("unknown_connections", load.unknownConnections),
                ("buffered_bytes", load.bufferedBytes), ("unknown_buffered_bytes", load.unknownBufferedBytes),
            ] {
                writer.key(key)
                writer.value(value)
            }
            writer.key("refused")
            writer.object { writer in
                for (reason, count) in load.refused.sorted(by: { $0.key < $1.key }) {
                    writer.key(reason)
                    writer.value(count)
                }
            }
        }
    }

    private static func readLoad(_ ref: JSONRef) -> NodeCondition.HTTPLoad {
        var load = NodeCondition.HTTPLoad(
            connections: ref["connections"]?.int ?? 0, unknownConnections: ref["unknown_connections"]?.int ?? 0,
            bufferedBytes: ref["buffered_bytes"]?.int ?? 0,
            unknownBufferedBytes: ref["unknown_buffered_bytes"]?.int ?? 0)
        for (key, value) in ref["refused"].map({ Array($0.members) }) ?? [] {
            load.refused[key.string ?? ""] = value.int
        }
        return load
    }

    private static func writeBacklog(of condition: NodeCondition, to writer: inout JSONWriter) {
        writer.key("backlog")
        writer.array { writer in
            for item in condition.waiting {
                writer.object { writer in
                    writer.member("channel", ifPresent: item.channel)
                    writer.member("state", ifPresent: item.state)
                    writer.key("count")
                    writer.value(item.count)
                }
            }
        }
        writer.key("oldest_due_seconds")
        writer.object { writer in
            for (channel, seconds) in condition.oldestDueSeconds.sorted(by: { $0.key < $1.key }) {
                writer.key(channel)
                writer.value(seconds)
            }
        }
        writer.key("held")
        writer.array { writer in
            for item in condition.held {
                writer.object { writer in
                    writer.member("reason", ifPresent: item.reason)
                    writer.member("template", ifPresent: item.template)
                    writer.key("count")
                    writer.value(item.count)
                    writer.member("detail", ifPresent: item.detail.isEmpty ? nil : item.detail)
                }
            }
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
            writer.key("share")
            writer.value(provider.share)
            writer.member("why", ifPresent: provider.why)
        }
    }

    private static func readProvider(_ ref: JSONRef) -> NodeCondition.ProviderStatus {
        var provider = NodeCondition.ProviderStatus(
            name: ref["name"]?.string ?? "", channel: ref["channel"]?.string ?? "", state: ref["state"]?.string ?? "",
            inFlight: ref["in_flight"]?.int ?? 0)
        provider.until = ref["until"]?.string.flatMap { Instant(rfc3339: $0) }
        provider.why = ref["why"]?.string
        provider.share = ref["share"]?.int ?? 100
        return provider
    }

    /// Reads the state of a node. Absent members are empty.
    public static func readCondition(_ ref: JSONRef) -> NodeCondition {
        var condition = NodeCondition(
            warnings: ref["warnings"]?.elements.compactMap(\.string) ?? [],
            providers: ref["providers"]?.elements.map { readProvider($0) } ?? [],
            inFlight: ref["in_flight"]?.int ?? 0, policyVersion: ref["policy_version"]?.int ?? 0)
        condition.isClockTrusted = ref["clock"]?["trusted"]?.bool ?? true
        condition.clockOffsetSeconds = ref["clock"]?["offset_seconds"]?.double ?? 0
        condition.isWritable = ref["disk"]?["writable"]?.bool ?? true
        condition.freeBytes = ref["disk"]?["free_bytes"]?.int
        if let http = ref["http"] { condition.http = readLoad(http) }
        for item in ref["backlog"].map({ Array($0.elements) }) ?? [] {
            condition.waiting.append(
                .init(
                    channel: item["channel"]?.string ?? "", state: item["state"]?.string ?? "",
                    count: item["count"]?.int ?? 0))
        }
        for (key, value) in ref["oldest_due_seconds"].map({ Array($0.members) }) ?? [] {
            condition.oldestDueSeconds[key.string ?? ""] = value.double
        }
        for item in ref["held"].map({ Array($0.elements) }) ?? [] {
            condition.held.append(
                .init(
                    reason: item["reason"]?.string ?? "", template: item["template"]?.string,
                    count: item["count"]?.int ?? 0, detail: item["detail"]?.string ?? ""))
        }
        condition.pauses = readPauses(ref)
        condition.subscriptions = readSubscriptions(ref)
        condition.sources = readSources(ref)
        condition.brokenTemplates = ref["broken_templates"]?.elements.compactMap(\.string) ?? []
        for item in ref["refused_files"].map({ Array($0.elements) }) ?? [] {
            condition.refusedFiles.append(.init(file: item["file"]?.string ?? "", why: item["why"]?.string ?? ""))
        }
        condition.pendingRestart = ref["pending_restart"]?.elements.compactMap(\.string) ?? []
        return condition
    }
}
