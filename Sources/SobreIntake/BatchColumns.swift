/// The names that each kind of record has, for tables whose first record names the columns.
public enum BatchColumns {
    public static let messages = MessageReader.keys
    public static let profiles = ProfileReader.keys
    public static let consents = ["recipient"] + ConsentReader.keys
    public static let suppressions = SuppressionReader.keys
}
