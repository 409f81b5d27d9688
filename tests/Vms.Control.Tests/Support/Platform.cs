using System.Runtime.Versioning;

// The private PostgreSQL and the unix sockets of these tests (docs/ref/platforms.md).
[assembly: UnsupportedOSPlatform("windows")]
