import SobreSettings
import Testing

@testable import SobreNode

@Suite struct OpenFilesTests {
    @Test(arguments: [224, 300, 512, 1_024, 2_048, 4_096, 5_000])
    func `bounds of connections and calls leave descriptors for everything else`(limit: Int) throws {
        let (settings, why) = try OpenFiles.fit(Settings(), into: limit)
        #expect(OpenFiles.needed(by: settings) <= limit)
        #expect(OpenFiles.needed(by: settings) > limit - 8 || settings.server.limits.maxConnections == 1_024)
        #expect(settings.server.limits.maxConnections >= 32)
        #expect(settings.server.limits.maxUnknownConnections <= settings.server.limits.maxConnections)
        #expect(settings.dispatch.inFlight >= 12)
        #expect(settings.httpClient.maxPerHost <= settings.dispatch.inFlight)
        #expect(try #require(why).contains("\(limit) open files are allowed"))
    }

    @Test func `a limit that is high enough changes nothing`() throws {
        let (settings, why) = try OpenFiles.fit(Settings(), into: OpenFiles.needed(by: Settings()))
        #expect(settings.server.limits.maxConnections == 1_024)
        #expect(settings.dispatch.inFlight == 2_048)
        #expect(why == nil)
    }

    @Test func `clients get what providers do not need`() throws {
        var settings = Settings()
        settings.dispatch.inFlight = 64
        settings.mailClient.maxConnections = 16
        let (fitted, _) = try OpenFiles.fit(settings, into: 1_024)
        #expect(fitted.server.limits.maxConnections == 1_024 - 160 - 16 - 128)
        #expect(fitted.dispatch.inFlight == 64)
    }

    @Test func `a limit below what a server needs is an error that says so`() throws {
        let error = #expect(throws: SettingsError.self) { try OpenFiles.fit(Settings(), into: 100) }
        #expect("\(try #require(error))".contains("100 open files are allowed; a server needs at least 224."))
    }
}
