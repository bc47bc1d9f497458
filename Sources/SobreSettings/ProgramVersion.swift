/// The version of the program, as commands, metrics and packages show it.
public enum ProgramVersion {
    /// By Semantic Versioning.
    public static let current = "0.1.0"
}
