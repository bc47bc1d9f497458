import Files

/// The room on the disk of the data directory.
enum DiskSpace {
    /// A warning when it is low; nil: it is not, or the system does not say.
    static func warning(free: Int?, low: Int, directory: String) -> String? {
        guard let free, free < low else { return nil }
        return "Only \(free >> 20) MiB are free for \(FilePath.forDisplay(directory)), less than \(low >> 20) MiB "
            + "(monitor.low_room). Nothing is sent that cannot be recorded. Free some space; df -h shows the disk."
    }
}
