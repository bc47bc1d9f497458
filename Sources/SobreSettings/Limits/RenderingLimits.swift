import Liquid

/// What templates may cost, and how large they may be. Keys of the section `rendering` of the settings.
public struct RenderingLimits: Hashable, Sendable {
    /// Steps of one part of a message.
    public var maxSteps = render.steps
    /// Bytes of one part of a message.
    public var maxOutputBytes = render.outputBytes
    /// How soon a message that could not be rendered is tried again.
    public var retryAfter = Duration.seconds(30)
    /// Snippets within snippets.
    public var maxDepth = render.depth
    /// Bytes of one captured or computed text.
    public var maxTextBytes = render.captureBytes
    /// Bytes of working memory of one part of a message.
    public var maxMemoryBytes = render.memoryBytes

    /// The template language's own bounds.
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
