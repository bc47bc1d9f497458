import Liquid

/// The limits of rendering. Keys of the section `rendering` of the settings.
public struct RenderingLimits: Hashable, Sendable {
    /// The turns of loops and calls of snippets in one part of a message.
    public var maxSteps = render.steps
    /// The units of work of one message, each at most about a nanosecond.
    public var maxWork = render.work
    /// The threads that render, so that rendering does not take the turns of HTTP and sending.
    public var threads = 2
    /// The size of one part of a message, in bytes.
    public var maxOutputBytes = render.outputBytes
    /// The wait before a message that failed to render is retried.
    public var retryAfter = Duration.seconds(30)
    /// The nesting depth of snippets.
    public var maxDepth = render.depth
    /// The size of one captured or computed string, in bytes.
    public var maxTextBytes = render.captureBytes
    /// The working memory for one part of a message, in bytes.
    public var maxMemoryBytes = render.memoryBytes

    /// The template language's own limits.
    private static let render = RenderLimits()

    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .count("max_steps", \.maxSteps, 100...100_000_000),
        .count("max_work", \.maxWork, 100_000...100_000_000_000), .count("threads", \.threads, 1...64),
        .bytes("max_output", \.maxOutputBytes, 1 << 10...(64 << 20)),
        .duration("retry_after", \.retryAfter, .seconds(1)...(.seconds(86_400))),
        .count("max_depth", \.maxDepth, 1...200), .bytes("max_text", \.maxTextBytes, 1 << 10...(64 << 20)),
        .bytes("max_memory", \.maxMemoryBytes, 64 << 10...(1 << 30)),
    ]
}
