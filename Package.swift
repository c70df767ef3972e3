// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let grdb: [Target.Dependency] = [
    .product(name: "GRDB", package: "GRDB.swift"),
    .product(name: "GRDBSQLite", package: "GRDB.swift"),
]
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")

let package = Package(
    name: "leadhub",
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    ],
    targets: [
        .systemLibrary(name: "CFastCGI", pkgConfig: "fcgi", providers: [.apt(["libfcgi-dev"])]),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "CLinux"),
        .target(name: "CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),

        .target(name: "FastCGI", dependencies: ["CFastCGI", "CLinux"], swiftSettings: strict),
        .target(name: "HTTP", dependencies: [httpTypes], swiftSettings: strict),
        .target(name: "Outgoing", dependencies: ["CCurl"], swiftSettings: strict),
        .target(name: "RateLimit", dependencies: ["CLinux"], swiftSettings: strict),
        .target(name: "Store", dependencies: grdb + ["CLinux", "CSQLite", crypto], swiftSettings: strict),
        .target(
            name: "LeadHub",
            dependencies: grdb + [
                "HTTP", "Outgoing", "RateLimit", "Store", crypto, httpTypes,
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict,
        ),
        .executableTarget(
            name: "leadhub",
            dependencies: grdb + [
                "CLinux", "FastCGI", "LeadHub", "Outgoing", "Store",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict,
            // The tables that calls into libraries go through are filled at the start, and read-only from then on.
            linkerSettings: [.unsafeFlags(["-Xlinker", "-z", "-Xlinker", "now"])],
        ),

        .testTarget(name: "HTTPTests", dependencies: ["HTTP"], swiftSettings: strict),
        .testTarget(name: "OutgoingTests", dependencies: ["Outgoing"], swiftSettings: strict),
        .testTarget(name: "RateLimitTests", dependencies: ["CLinux", "RateLimit"], swiftSettings: strict),
        .testTarget(name: "StoreTests", dependencies: grdb + ["Store", crypto], swiftSettings: strict),
        .testTarget(
            name: "LeadHubTests", dependencies: grdb + ["LeadHub", "Outgoing", crypto], exclude: ["Senders"],
            swiftSettings: strict,
        ),
        .testTarget(
            name: "SystemTests", dependencies: ["HTTP", "Outgoing"], exclude: ["install", "installed", "machine"],
            swiftSettings: strict,
        ),
    ],
    swiftLanguageModes: [.v6],
)
