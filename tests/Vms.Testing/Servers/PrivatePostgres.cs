using System.Runtime.Versioning;
using Npgsql;
using Vms.Testing.Processes;

namespace Vms.Testing.Servers;

/// <summary>
/// A real PostgreSQL of the tests' own: temporary data directory, unix socket only, trust. As root it runs as an unprivileged
/// user. <see cref="SharedAsync"/> gives the one of this test process; a test that kills its server starts one with
/// <see cref="StartAsync"/>.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class PrivatePostgres : IAsyncDisposable
{
    private const string User = "vms";
    private static readonly Lazy<Task<PrivatePostgres>> s_shared = new(() => StartAsync());
    private static readonly string? s_bin = FindBinaries();

    private readonly TestDirectory _directory;
    private readonly string[] _runAs;
    private readonly bool _durable;
    private ChildProcess? _server;
    private int _databases;

    private PrivatePostgres(TestDirectory directory, string[] runAs, bool durable)
    {
        _directory = directory;
        _runAs = runAs;
        _durable = durable;
    }

    /// <summary>Pid of the postmaster.</summary>
    public int Pid => _server?.Pid ?? throw new InvalidOperationException("PostgreSQL is stopped.");

    /// <summary>What the server has logged since it was started.</summary>
    public string Output => _server?.Output ?? "";

    /// <summary>The one of this test process. Never disposed: it ends with the process.</summary>
    public static Task<PrivatePostgres> SharedAsync() => s_shared.Value;

    /// <param name="durable">fsync on, for tests that kill it and look at what is left.</param>
    public static async Task<PrivatePostgres> StartAsync(bool durable = false)
    {
        var directory = new TestDirectory();
        string[] runAs = [];
        if (Environment.UserName == "root")
        {
            string account = await UnprivilegedAccountAsync();
            await ChildProcess.RunAsync("chown", ["-R", account, directory.Path]);
            runAs = ["setpriv", $"--reuid={account}", $"--regid={await ChildProcess.RunAsync("id", ["-g", account])}", "--clear-groups"];
        }

        var postgres = new PrivatePostgres(directory, runAs, durable);
        await postgres.RunAsync("initdb", "-D", directory["data"], "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
        await postgres.StartServerAsync();
        return postgres;
    }

    /// <summary>Connection string of a database on this server.</summary>
    public string ConnectionString(string database) =>
        $"Host={_directory.Path};Username={User};Database={database};Maximum Pool Size=10;Include Error Detail=true";

    /// <summary>A new, empty database; its connection string.</summary>
    /// <param name="more">SQL behind the name.</param>
    public async Task<string> CreateDatabaseAsync(string more = "")
    {
        string name = $"test_{Interlocked.Increment(ref _databases)}";
        await using var admin = NpgsqlDataSource.Create(ConnectionString("postgres") + ";Pooling=false");
        await using var command = admin.CreateCommand($"create database {name} {more}");
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    /// <summary><c>kill -9</c> of the postmaster.</summary>
    public async Task KillAsync()
    {
        if (_server is null)
            return;
        await _server.KillAsync();
        await _server.DisposeAsync();
        _server = null;
    }

    /// <summary>Starts it again after <see cref="KillAsync"/>, on the same data, at the same place.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        await StartServerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            _server.Signal(PosixSignalNumber.Quit);         // immediate shutdown; also ends its backends
            await _server.WaitForExitAsync(TimeSpan.FromSeconds(60));
            await _server.DisposeAsync();
        }

        _directory.Dispose();
    }

    private async Task StartServerAsync()
    {
        string sync = _durable ? "on" : "off";
        string[] arguments =
        [
            "-D", _directory["data"], "-k", _directory.Path, "-c", "listen_addresses=", "-c", $"fsync={sync}",
            "-c", $"synchronous_commit={sync}", "-c", $"full_page_writes={sync}", "-c", "shared_buffers=32MB",
            "-c", "dynamic_shared_memory_type=mmap", "-c", "max_connections=60", "-c", "max_wal_size=256MB",
        ];

        // After a kill the old backends may still hold the shared memory block for a moment.
        string[] command = [.. _runAs, Path.Combine(Bin, "postgres"), .. arguments];
        await Eventually.TrueAsync(() => TryStartServerAsync(command), TimeSpan.FromSeconds(60));
    }

    private async Task<bool> TryStartServerAsync(string[] command)
    {
        var server = await ChildProcess.StartAsync(command[0], command[1..], folder: _directory);
        try
        {
            await server.WaitForOutputAsync(
                output => output.Contains("ready to accept connections", StringComparison.Ordinal), TimeSpan.FromSeconds(60));
            _server = server;
            return true;
        }
        catch (TimeoutException) when (server.HasExited && server.Output.Contains("still in use", StringComparison.Ordinal))
        {
            await server.DisposeAsync();
            return false;
        }
    }

    private Task<string> RunAsync(string program, params string[] arguments)
    {
        string[] command = [.. _runAs, Path.Combine(Bin, program), .. arguments];
        return ChildProcess.RunAsync(command[0], command[1..]);
    }

    private static string Bin => s_bin ?? throw new InvalidOperationException("No PostgreSQL below /usr/lib/postgresql; install it.");

    private static string? FindBinaries() =>
        !Directory.Exists("/usr/lib/postgresql") ? null : Directory.GetDirectories("/usr/lib/postgresql")
            .Where(folder => File.Exists(Path.Combine(folder, "bin", "postgres")))
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out int version) ? version : 0)
            .Select(folder => Path.Combine(folder, "bin"))
            .FirstOrDefault();

    private static async Task<string> UnprivilegedAccountAsync()
    {
        string accounts = await File.ReadAllTextAsync("/etc/passwd");
        return accounts.Split('\n').Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";
    }
}
