/// How a command ends. The numbers are stable; those from 64 on are the ones of `sysexits.h`.
public enum ExitStatus: Int32, Sendable, CaseIterable {
    /// It did what was asked.
    case success = 0
    /// It worked, and the answer is no: a line was refused, a check found something, there is no such message.
    case negative = 1
    /// The command line is wrong.
    case usage = 64
    /// What was given to read is not what it should be.
    case data = 65
    /// A file that was named is not there or cannot be read.
    case noInput = 66
    /// The server or the data directory cannot be had now; try again.
    case unavailable = 69
    /// A fault of Sobre's own.
    case software = 70
    /// Reading or writing failed.
    case io = 74
    /// The server refuses the API key.
    case noPermission = 77
    /// The settings, the policy or a provider is set up wrongly.
    case configuration = 78

    /// For the help of the whole program.
    public static let summary = """
        0 done · 1 the answer is no · 64 wrong usage · 65 wrong data · 66 no such file · 69 not reachable now · \
        70 internal · 74 reading or writing failed · 77 key refused · 78 set up wrongly
        """
}
