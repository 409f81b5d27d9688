// These tests start PostgreSQL and kill processes the way Linux does it.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
