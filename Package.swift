// swift-tools-version: 6.2
import PackageDescription

// The targets are in the order of their layers. Each imports only targets above it. `make test` builds with
// --explicit-target-dependency-import-check error, so an import that is not declared here fails the build.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let dequeModule: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

// A folder with the static libstdc++ and libgcc, so that a release needs neither. `make` names it.
let staticLibraries: [LinkerSetting] =
    Context.environment["SOBRE_STATIC_LIBRARIES"].map { [.unsafeFlags(["-L\($0)"])] } ?? []

func layer(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, swiftSettings: settings)
}

let package = Package(
    name: "sobre",
    products: [
        .executable(name: "sobre", targets: ["sobre"]),
        .library(name: "Liquid", targets: ["Liquid"]),
        // The tests load this into a server process. See Tests/PowerCut.
        .library(name: "PowerCut", type: .dynamic, targets: ["PowerCut"]),
        // The tests load this too. See Tests/ClockShift.
        .library(name: "ClockShift", type: .dynamic, targets: ["ClockShift"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // 0 · C only
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "CurlShims", dependencies: ["CCurl"]),
        // Loads librdkafka at run time; its header is enough for the build.
        .target(name: "CRdKafka", linkerSettings: [.linkedLibrary("dl")]),
        .target(name: "SQLiteShims"),
        .target(name: "SystemShims"),
        // The description of the HTTP API, in the binary.
        .target(name: "OpenAPIDocument", exclude: ["openapi.yaml"]),
        // What `sobre init` writes, in the binary.
        .target(name: "StarterFiles"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CIDN2", pkgConfig: "libidn2", providers: [.apt(["libidn2-dev"])]),
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),

        // 1 · safe Swift over C libraries and text; independent of messages
        layer("Text"),
        layer("Files"),
        layer("Gzip"),
        layer("DomainNames", ["CIDN2", "Text"]),
        layer("Threads", ["SystemShims", dequeModule]),
        layer("Curl", ["CCurl", "CurlShims", "Text", "Threads", dequeModule]),
        layer("Postgres", ["CLibpq", "Text", "Threads"]),
        layer("Kafka", ["CRdKafka", "Threads"]),
        layer("Signing", ["COpenSSL", "Text"]),
        layer("JSON", ["Text"]),
        layer("ChildProcess"),
        layer("TerminalOutput", ["Files", "Text"]),
        layer("RecordFiles", ["Files", "JSON", "Text"]),
        layer("ZoneInfo", ["Files", "Text"]),
        layer("YAMLDocument", ["Text", yams]),

        // 2 · the model; the settings with their defaults and limits; the template language
        layer("SobreModel", ["DomainNames", "Text"]),
        .target(name: "Liquid", exclude: ["README.md"], swiftSettings: settings),
        layer("SobreSettings", ["SobreModel", "Liquid", "Curl", "Files", "Text", "YAMLDocument"]),

        // 3 · pure decisions, rendering, delivery contracts, store contracts
        layer("SobreAdmission", ["SobreModel", "JSON", "Text", "YAMLDocument", "ZoneInfo"]),
        layer(
            "SobreRendering",
            ["SobreSettings", "SobreModel", "Liquid", "Files", "JSON", "Text", "YAMLDocument", "ZoneInfo"]),
        layer("SobreDelivery", ["SobreSettings", "SobreModel", "Text"]),
        layer("SobreStore", ["SobreModel"]),

        // 4 · simulation: decisions over a log of requests
        layer("SobreSimulation", ["SobreAdmission", "SobreModel", "JSON"]),

        // 4 · provider adapters; the transport
        layer(
            "SobreProviders",
            [
                "SobreDelivery", "SobreSettings", "SobreModel", "DomainNames", "Files", "JSON", "Signing", "Text",
                "YAMLDocument",
            ]),
        layer("SobreTransport", ["SobreDelivery", "Curl"]),

        // 4 · values in columns, as every store writes them
        layer("SobreStoreColumns", ["SobreStore", "SobreModel", "JSON"]),

        // 5 · the embedded store; the store for several nodes; intake
        layer(
            "SobreSQLite",
            [
                "SQLiteShims", "SobreStoreColumns", "SobreStore", "SobreSettings", "SobreModel", "Files", "JSON",
                "Threads", grdb, grdbSQLite,
            ]),
        layer(
            "SobrePostgres",
            ["Postgres", "SobreStoreColumns", "SobreStore", "SobreSettings", "SobreModel", "Text", "Threads"]),
        layer("SobreIntake", ["SobreStore", "SobreSettings", "SobreModel", "JSON", "Signing", "Text", "ZoneInfo"]),

        // 5 · the JSON of the API; template previews
        layer("SobreWire", ["SobreIntake", "SobreStore", "SobreModel", "JSON", "Text"]),
        layer("SobrePreview", ["SobreIntake", "SobreRendering", "SobreModel", "Files", "JSON"]),

        // 6 · the pipeline
        layer(
            "SobreDispatch",
            [
                "SobreDelivery", "SobreStore", "SobreSettings", "SobreModel", "Threads", dequeModule, logging, metrics,
                serviceLifecycle,
            ]),

        // 7 · the HTTP API and its client; the sandbox
        layer(
            "SobreHTTP",
            [
                "OpenAPIDocument", "SobreWire", "SobreIntake", "SobreStore", "SobreSettings", "SobreModel", "Gzip",
                "JSON", "Signing", "Text", hummingbird,
                hummingbirdCore,
                httpTypes,
                nioCore, nioHTTP1, dequeModule, logging, metrics, serviceLifecycle,
            ]),
        layer(
            "SobreClient", ["SobreWire", "SobreStore", "SobreSettings", "SobreModel", "Curl", "Files", "JSON", "Text"]),
        layer("SobreSandbox", ["Files", "JSON", "Text", nioCore, nioPosix, nioHTTP1, logging]),

        // 8 · one node: the pipeline with its store, its providers and the API
        layer(
            "SobreNode",
            [
                "SobreHTTP", "SobreClient", "SobreDispatch", "SobrePreview", "SobreWire", "SobreIntake", "SobreSQLite",
                "SobreTransport", "SobreProviders", "SobreStore", "SobreDelivery", "SobreRendering", "SobreAdmission",
                "SobreSettings", "SobreModel", "JSON", "StarterFiles",
                "YAMLDocument", "ZoneInfo", "ChildProcess", "Files", "Text", "Signing", "Curl", "Kafka", "Threads",
                "SystemShims",
                logging, metrics, serviceLifecycle, unixSignals,
            ]),

        // 8 · on top of a node: the demo; input for simulations; importing other products' templates
        layer(
            "SobreDemo",
            [
                "SobreNode", "SobreSandbox", "SobreDispatch", "SobreIntake", "SobreStore", "SobreSettings",
                "SobreModel",
                "ChildProcess", "Curl", "Files", "JSON", "Signing", "Text", "TerminalOutput", "ZoneInfo", logging,
            ]),
        layer(
            "SobreSimulationInput",
            [
                "SobreNode", "SobreSimulation", "SobreIntake", "SobreStore", "SobreRendering", "SobreAdmission",
                "SobreSettings", "SobreModel", "Files", "JSON", "RecordFiles", "TerminalOutput", "ZoneInfo",
            ]),
        layer("BrazeImporting", ["Liquid", "Files", "JSON", "Text", "TerminalOutput"]),

        layer(
            "SobreViews",
            [
                "SobreSimulationInput", "SobreSimulation", "SobrePreview", "SobreWire", "SobreIntake", "SobreStore",
                "SobreRendering", "SobreAdmission", "SobreModel", "JSON", "Text", "TerminalOutput",
            ]),

        // 9 · the program: commands and their output
        .executableTarget(
            name: "sobre",
            dependencies: [
                "SobreNode", "SobreDemo", "SobreViews", "SobreSimulationInput", "BrazeImporting", "SobreClient",
                "SobrePreview",
                "SobreWire", "SobreSandbox", "SobreIntake", "SobreProviders", "SobreStore", "SobreDelivery",
                "SobreSimulation", "SobreRendering", "SobreAdmission", "SobreSettings", "SobreModel", "YAMLDocument",
                "ZoneInfo", "Files", "Text", "RecordFiles", "TerminalOutput", "JSON", argumentParser, logging,
                serviceLifecycle, unixSignals,
            ],
            swiftSettings: settings, linkerSettings: staticLibraries),

        // 9 · the public conformance suites of the template language, and the program that runs them
        layer("LiquidConformance", ["Liquid", "Files", "JSON"]),
        .executableTarget(name: "liquid-check", dependencies: ["LiquidConformance"], swiftSettings: settings),

        // tests
        tests("Text"),
        tests("Gzip", ["ChildProcess", "TestFolders"]),
        tests("DomainNames"),
        tests("Threads"),
        tests("Curl", ["ChildProcess", "Threads"]),
        // A PostgreSQL server for the tests of one process.
        .target(
            name: "PostgresTestServer", dependencies: ["Postgres", "ChildProcess", "TestFolders"],
            path: "Tests/PostgresTestServer", swiftSettings: settings),
        tests("Postgres", ["PostgresTestServer", "Threads"]),
        tests("Signing", ["Text"]),
        tests("JSON"),
        tests("YAMLDocument"),
        tests("SobreModel"),
        tests("SobreSettings", ["SobreModel", "Files", "YAMLDocument"]),
        tests("Liquid", ["LiquidConformance"]),
        tests("ZoneInfo", ["Files"]),
        tests("SobreAdmission", ["SobreModel", "JSON", "YAMLDocument", "ZoneInfo"]),
        tests("SobreRendering", ["SobreSettings", "SobreModel", "Liquid", "JSON"]),
        tests(
            "SobreSimulation",
            ["SobreAdmission", "SobreSQLite", "SobreStoreConformance", "SobreStore", "SobreModel", "JSON"]),
        tests("SobreDelivery", ["SobreSettings", "SobreModel"]),
        tests(
            "SobreDispatch",
            [
                "SobreNode", "SobreAdmission", "SobreSQLite", "SobreStoreConformance", "SobreDelivery", "SobreStore",
                "SobreSettings", "SobreModel", "Threads", logging,
            ]),
        tests(
            "SobreProviders",
            [
                "SobreTransport", "SobreDelivery", "SobreSettings", "SobreModel", "ChildProcess", "Curl", "JSON",
                "Signing", "Text", "YAMLDocument",
            ]),
        // Kafka brokers in a process of their own: librdkafka's mock cluster.
        .executableTarget(name: "kafka-mock", path: "Tests/kafka-mock", linkerSettings: [.linkedLibrary("rdkafka")]),
        .target(
            name: "MockBrokers", dependencies: ["ChildProcess", "TestFolders", "Files"], path: "Tests/MockBrokers",
            swiftSettings: settings),
        tests("Kafka", ["MockBrokers"]),
        .target(name: "TestFolders", dependencies: ["Files"], path: "Tests/TestFolders", swiftSettings: settings),
        tests("Files", ["TestFolders"]),
        .target(
            name: "SobreStoreConformance", dependencies: ["TestFolders", "SobreStore", "SobreModel"],
            path: "Tests/SobreStoreConformance", swiftSettings: settings),
        tests(
            "SobreSQLite",
            [
                "Threads", "SobreStoreColumns", "SobreStoreConformance", "SobreStore", "SobreSettings", "SobreModel",
                "Files", grdb, grdbSQLite,
            ]),
        tests(
            "SobrePostgres",
            [
                "SobreSQLite", "SobreStoreConformance", "PostgresTestServer", "Postgres", "SobreStore", "SobreSettings",
                "SobreModel",
            ]),
        tests(
            "SobreIntake",
            ["SobreSQLite", "SobreStoreConformance", "SobreStore", "SobreSettings", "SobreModel", "JSON"]),
        tests(
            "SobreHTTP",
            [
                "SobreWire", "SobreIntake", "SobreSQLite", "SobreStoreConformance", "SobreStore", "SobreSettings",
                "SobreModel", "ChildProcess", "JSON", "Signing", logging, metrics, serviceLifecycle,
            ]),
        tests("SobreSandbox", ["JSON", "TestFolders", "Text"]),
        tests("TerminalOutput", ["Files"]),
        tests("RecordFiles", ["JSON", "Text"]),
        tests("BrazeImporting", ["TerminalOutput", "TestFolders", "Files", "JSON", "Text"]),
        tests("SobreDemo", ["SobreModel", "Files", "JSON"]),
        tests(
            "SobreSimulationInput", ["SobreNode", "SobreRendering", "SobreModel", "TestFolders", "Files"]),
        tests(
            "SobreViews",
            [
                "SobrePreview", "SobreRendering", "SobreStore", "SobreModel", "TerminalOutput", "TestFolders", "Files",
                "JSON", "Text",
            ]),
        tests(
            "SobreNode",
            [
                "SobreAdmission", "SobreIntake", "SobreProviders", "SobreDelivery", "SobreRendering", "SobreSQLite",
                "SobreStoreConformance", "SobreWire", "SobreStore", "SobreSettings", "SobreModel", "ChildProcess",
                "Curl", "Files", "JSON", "Signing", "TestFolders", "Text", "Threads", logging,
            ]),
        // Compares the manual with the code: examples, routes, codes, fields and links.
        .testTarget(
            name: "ManualTests",
            dependencies: [
                "SobreHTTP", "SobreWire", "SobreIntake", "SobreSQLite", "SobreProviders", "SobreRendering",
                "SobreStore", "SobreSettings", "Liquid", "SobreModel", "JSON", "YAMLDocument", "TestFolders",
                hummingbird, logging,
            ],
            swiftSettings: settings),

        // end to end
        .target(
            name: "TestBed",
            dependencies: [
                "SobreSandbox", "SobreSQLite", "SobreStore", "SobreModel", "Curl", "ChildProcess", "JSON", "Signing",
                "Text", "Threads",
            ],
            path: "Tests/TestBed", swiftSettings: settings),
        // Runs the built program.
        .testTarget(
            name: "SobreCommandTests", dependencies: ["TestBed", "JSON", "sobre"], swiftSettings: settings),
        .target(name: "PowerCut", path: "Tests/PowerCut", linkerSettings: [.linkedLibrary("dl")]),
        .target(name: "ClockShift", path: "Tests/ClockShift", linkerSettings: [.linkedLibrary("dl")]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "TestBed", "MockBrokers", "SobreSandbox", "SobreSQLite", "SobreStore", "SobreAdmission", "SobreModel",
                "YAMLDocument", "JSON", "ChildProcess", "sobre",
            ],
            swiftSettings: settings),

        // seeded histories under virtual time, and a checker that is independent of the code
        .target(
            name: "HistoryChecker", dependencies: ["SobreModel"], path: "Tests/HistoryChecker",
            swiftSettings: settings),
        .target(
            name: "SobreHistories",
            dependencies: [
                "HistoryChecker", "SobreNode", "SobreDispatch", "SobreSQLite", "SobreAdmission", "SobreStore",
                "SobreDelivery", "SobreSettings", "SobreModel", logging,
            ],
            path: "Tests/SobreHistories", swiftSettings: settings),
        // The answers of the dispatcher, the dry run, the preview and the simulation, compared.
        .testTarget(
            name: "OneVerdictTests",
            dependencies: [
                "SobreHistories", "SobreNode", "SobreSimulation", "SobreDispatch", "SobrePreview", "SobreRendering",
                "SobreSQLite", "SobreStore", "SobreAdmission", "SobreSettings", "SobreModel", "TestFolders", "Files",
                logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "HistoryTests", dependencies: ["SobreHistories", "HistoryChecker", "SobreModel"],
            swiftSettings: settings),
        .executableTarget(
            name: "sobre-sim", dependencies: ["SobreHistories", "HistoryChecker"], path: "Tests/sobre-sim",
            swiftSettings: settings),
        .executableTarget(
            name: "liquid-fuzz", dependencies: ["Liquid"], path: "Tests/liquid-fuzz", swiftSettings: settings),
        .executableTarget(
            name: "liquid-cost", dependencies: ["Liquid", "JSON"], path: "Tests/liquid-cost", swiftSettings: settings),
        .executableTarget(
            name: "sobre-torture", dependencies: ["TestBed", "SobreModel"], path: "Tests/sobre-torture",
            swiftSettings: settings),
        .executableTarget(
            name: "sobre-bench",
            dependencies: [
                "TestBed", "SobreSQLite", "SobreStore", "SobreSimulation", "SobreAdmission", "SobreProviders",
                "SobreDelivery", "SobreSettings", "Signing", "Files", "SobreModel",
                "CCurl", "CurlShims", "ChildProcess", "JSON", "TerminalOutput", "Threads",
            ],
            swiftSettings: settings),
    ]
)
