import Liquid

/// The limits of rendering. Keys of the section `rendering` of the settings.
public struct RenderingLimits: Hashable, Sendable {
    /// The number of steps for one part of a message.
    public var maxSteps = render.steps
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
        .bytes("max_output", \.maxOutputBytes, 1 << 10...(64 << 20)),
        .duration("retry_after", \.retryAfter, .seconds(1)...(.seconds(86_400))),
        .count("max_depth", \.maxDepth, 1...200), .bytes("max_text", \.maxTextBytes, 1 << 10...(64 << 20)),
        .bytes("max_memory", \.maxMemoryBytes, 64 << 10...(1 << 30)),
    ]
}
