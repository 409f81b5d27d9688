using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Vms.Cli.Supervision;
using Vms.Hosting;
using Vms.Native.Processes;
using Vms.Postgres;

namespace Vms.Cli.Infrastructure;

/// <summary>
/// The installation's own PostgreSQL: data below the data directory, a unix socket and no TCP port on Linux (loopback with a
/// password on Windows), an unprivileged user when we are root.
/// </summary>
internal sealed class PrivatePostgres
{
    private const string Database = "vms";
    private const string User = "vms";

    private readonly string _bin;
    private readonly string _home;
    private readonly string _socketDirectory;
    private readonly int _port;

    private PrivatePostgres(string bin, PlaneOptions options, int port)
    {
        _bin = bin;
        _home = Path.Combine(options.DataDirectory, "postgres");
        _socketDirectory = Path.Combine(options.RunDirectory, "pg");
        _port = port;
        ConnectionString = OperatingSystem.IsWindows()
            ? $"Host=127.0.0.1;Port={port};Username={User};Database={Database}"
            : $"Host={_socketDirectory};Username={User};Database={Database}";
    }

    /// <summary>For <c>VMS_POSTGRES</c> of the planes.</summary>
    public string ConnectionString { get; }

    private string Data => Path.Combine(_home, "data");

    /// <summary>Makes the cluster on the first start.</summary>
    /// <exception cref="InfrastructureException">No PostgreSQL is installed, its user cannot reach the directory, or the cluster is of another version.</exception>
    public static PrivatePostgres Prepare(PlaneOptions options, int port)
    {
        var bin = FindBin() ?? throw new InfrastructureException(
            "PostgreSQL is not installed: install the package postgresql-15, or set VMS_POSTGRES to a server that already runs");
        var postgres = new PrivatePostgres(bin, options, port);
        if (ServiceUser.BlockedAt(postgres._home) is { } blocked)
            throw new InfrastructureException(
                $"PostgreSQL runs as user {ServiceUser.Name}, which cannot pass through {blocked}: "
                + $"allow it (chmod o+x {blocked}) or choose another data directory with --data");

        PrivateFiles.CreateDirectory(postgres._home);
        PrivateFiles.CreateDirectory(postgres._socketDirectory);
        if (!File.Exists(Path.Combine(postgres.Data, "PG_VERSION")))
            postgres.InitDb();
        postgres.CheckVersion();
        return postgres;
    }

    public ChildSpec Child(ChildLimits limits)
    {
        var (self, arguments) = Executable.Self();
        var source = PostgresDataSource.Create(ConnectionString.Replace($"Database={Database}", "Database=postgres", StringComparison.Ordinal), "vms supervisor");
        var databaseMade = false;
        return new ChildSpec(
            "postgres", self,
            [
                .. arguments, "guard", "--stop-signal", PosixSignalNumber.Interrupt.ToString(CultureInfo.InvariantCulture),
                .. ServiceUser.Name is { } user ? (string[])["--user", user] : [],
                "--", Path.Combine(_bin, OperatingSystem.IsWindows() ? "postgres.exe" : "postgres"), "-D", Data, .. Settings(),
            ],
            new Dictionary<string, string?> { ["DOTNET_gcServer"] = "0", ["DOTNET_GCHeapHardLimit"] = "0x2000000" },
            limits,
            async cancellationToken =>
            {
                try
                {
                    await using var command = source.CreateCommand("select 1");
                    await command.ExecuteScalarAsync(cancellationToken);
                    if (!databaseMade)
                        await CreateDatabaseAsync(source, cancellationToken);
                    databaseMade = true;
                    return null;
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.CannotConnectNow)
                {
                    // "The database system is starting up": it recovers after a crash and says so.
                    return databaseMade ? null : e.MessageText;
                }
                catch (NpgsqlException e)
                {
                    return e.InnerException?.Message ?? e.Message;
                }
            },
            StopPatience: TimeSpan.FromSeconds(20),
            // The files change hands only when nobody writes them any more.
            BeforeStart: _ => Task.FromResult(StillRunning() ?? ServiceUser.Own(_home) ?? ServiceUser.Own(_socketDirectory)))
        {
            IsGuarded = true,
            StartPatience = TimeSpan.FromSeconds(60),
        };
    }

    /// <summary>
    /// After a crash: a server of this data directory that still ends, or its children that still hold the shared memory, keep a
    /// new one from starting; the server is asked to stop (its guard may have been killed) and waited for. A pid file without
    /// a process of this cluster is removed.
    /// </summary>
    private string? StillRunning()
    {
        var pidFile = Path.Combine(Data, "postmaster.pid");
        if (OperatingSystem.IsLinux())
        {
            foreach (var pid in ProcessesOf(Data))
            {
                if (File.Exists(pidFile) && File.ReadLines(pidFile).FirstOrDefault() is { } first && first.Trim() == $"{pid}")
                    PosixProcess.Signal(pid, PosixSignalNumber.Interrupt);
                return $"the former server (pid {pid}) is still ending";
            }
        }

        if (File.Exists(pidFile))
            File.Delete(pidFile);
        return null;
    }

    /// <summary>PostgreSQL processes whose working directory is the cluster: the server and every child of it.</summary>
    private static IEnumerable<int> ProcessesOf(string data)
    {
        var real = Path.GetFullPath(data);
        foreach (var process in Process.GetProcessesByName("postgres"))
        {
            using (process)
            {
                string? directory;
                try
                {
                    directory = File.ResolveLinkTarget($"/proc/{process.Id}/cwd", returnFinalTarget: false)?.FullName;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    continue; // ended meanwhile, or somebody else's
                }

                if (directory == real)
                    yield return process.Id;
            }
        }
    }

    private string[] Settings()
    {
        var settings = new List<string>
        {
            "max_wal_size=256MB", "dynamic_shared_memory_type=mmap", "fsync=on", "shared_buffers=64MB", "max_connections=64",
            "log_min_messages=warning", "logging_collector=off", "log_line_prefix=",
            "jit=off",      // compiling a query takes longer than any of ours runs
        };
        if (OperatingSystem.IsWindows())
            settings.AddRange(["listen_addresses=127.0.0.1", $"port={_port}"]);
        else
            settings.AddRange(["listen_addresses=", $"unix_socket_directories={_socketDirectory}"]);
        return [.. settings.SelectMany(s => (string[])["-c", s])];
    }

    private static async Task CreateDatabaseAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var exists = source.CreateCommand("select 1 from pg_database where datname = $1");
        exists.Parameters.AddWithValue(Database);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not null)
            return;
        await using var create = source.CreateCommand($"create database {Database}");
        await create.ExecuteNonQueryAsync(cancellationToken);
    }

    private void InitDb()
    {
        // A half-made cluster of an interrupted first start holds nothing yet.
        if (Directory.Exists(Data))
            Directory.Delete(Data, recursive: true);
        if (ServiceUser.Own(_home) is { } vanishing)
            throw new InfrastructureException(vanishing);
        var start = new ProcessStartInfo(Path.Combine(_bin, OperatingSystem.IsWindows() ? "initdb.exe" : "initdb"),
            ["-D", Data, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        if (ServiceUser.Name is { } user)
            start.UserName = user;
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        output.GetAwaiter().GetResult();
        if (process.ExitCode != 0)
            throw new InfrastructureException($"the database could not be created in {Data}: {errors.Trim()}");
    }

    private void CheckVersion()
    {
        var cluster = File.ReadAllText(Path.Combine(Data, "PG_VERSION")).Trim();
        var program = Path.GetFileName(Path.GetDirectoryName(_bin)) ?? "";
        if (int.TryParse(program, out _) && cluster != program)
            throw new InfrastructureException(
                $"the database in {Data} was made by PostgreSQL {cluster}, installed is {program}: "
                + "dump it with the old version and restore it (docs/guide/install.md), or install the old version again");
    }

    private static string? FindBin()
    {
        if (Environment.GetEnvironmentVariable("VMS_POSTGRES_BIN") is { Length: > 0 } set)
            return set;
        var beside = Path.Combine(AppContext.BaseDirectory, "postgresql", "bin");
        if (Directory.Exists(beside))
            return beside;
        var debian = new DirectoryInfo("/usr/lib/postgresql");
        if (debian.Exists)
        {
            var newest = debian.GetDirectories().Where(d => int.TryParse(d.Name, out _))
                .OrderByDescending(d => int.Parse(d.Name, CultureInfo.InvariantCulture))
                .Select(d => Path.Combine(d.FullName, "bin")).FirstOrDefault(d => File.Exists(Path.Combine(d, "postgres")));
            if (newest is not null)
                return newest;
        }

        return Path.GetDirectoryName(Executable.OnPath("postgres"));
    }
}
