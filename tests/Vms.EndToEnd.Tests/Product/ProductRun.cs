using System.Globalization;
using System.Text.RegularExpressions;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.EndToEnd.Tests.Product;

/// <summary>The whole product as an operator starts it: <c>vms up</c> of the published build, own data directory, own ports.</summary>
public sealed partial class ProductRun : IAsyncDisposable
{
    public const string AdminPassword = "correct-horse-9";

    private static readonly TimeSpan s_start = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_stop = TimeSpan.FromMinutes(2);

    /// <summary>The first demo on a machine encodes its scenes.</summary>
    private static readonly TimeSpan s_demoStart = TimeSpan.FromMinutes(5);

    private ChildProcess _up = null!;
    private string? _adminPassword = AdminPassword;
    private IReadOnlyList<string> _through = [];
    private IReadOnlyDictionary<string, string?> _settings = new Dictionary<string, string?>();

    private ProductRun(string data) => DataDirectory = data;

    public string DataDirectory { get; }

    public int HttpPort { get; } = FreePort.Tcp();

    public int HttpsPort { get; } = FreePort.Tcp();

    public int MediaPort { get; } = FreePort.Tcp();

    public int PlaybackPort { get; } = FreePort.Tcp();

    public int WebRtcPort { get; } = FreePort.Udp();

    public int RtspPort { get; } = FreePort.Tcp();

    public string Url => $"http://127.0.0.1:{HttpPort}";

    /// <summary>The same in TLS, with the certificate that the installation has signed itself.</summary>
    public string SecureUrl => $"https://127.0.0.1:{HttpsPort}";

    public ApiClient Api { get; private set; } = null!;

    public string Log => _up.Output;

    public int SupervisorPid => _up.Pid;

    private static string Vms => Path.Combine(TestPaths.Artifacts, "vms", "vms");

    /// <summary>Starts and waits for the line <c>ready</c>; signs in as the administrator.</summary>
    /// <param name="settings">VMS_… settings besides those that every run has.</param>
    public static Task<ProductRun> StartAsync(TestDirectory directory, params (string Name, string Value)[] settings) =>
        StartThroughAsync([], directory, settings);

    /// <summary>The same, started by another program: one that shows it another disk, say.</summary>
    /// <param name="through">Program and arguments; it must become what it starts.</param>
    public static Task<ProductRun> StartThroughAsync(
        IReadOnlyList<string> through, TestDirectory directory, params (string Name, string Value)[] settings) => StartAsync(directory, run =>
    {
        run._through = through;
        run._settings = settings.ToDictionary(s => s.Name, s => (string?)s.Value);
        return run.UpAsync();
    });

    /// <summary><c>./dev run --demo</c>, as a newcomer types it.</summary>
    public static Task<ProductRun> StartDemoAsync(TestDirectory directory) =>
        StartAsync(directory, run => run.StartProcessAsync(Path.Combine(TestPaths.Repository, "dev"), ["run", "--demo"], s_demoStart));

    /// <summary>A new installation as its administrator meets it: nobody can sign in, the log has the setup link. No <see cref="Api"/>.</summary>
    public static Task<ProductRun> StartUnconfiguredAsync(TestDirectory directory) => StartAsync(directory, run =>
    {
        run._adminPassword = null;
        return run.UpAsync();
    });

    private static async Task<ProductRun> StartAsync(TestDirectory directory, Func<ProductRun, Task> start)
    {
        var run = new ProductRun(directory["data"]);
        try
        {
            await start(run);
            if (run._adminPassword is not null)
                run.Api = await ApiClient.SignInAsync(run.Url, "admin", run._adminPassword);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary><c>vms up</c> (again).</summary>
    public Task UpAsync() => StartProcessAsync(Vms, ["up"], s_start);

    private async Task StartProcessAsync(string file, IReadOnlyList<string> arguments, TimeSpan patience)
    {
        if (_up is not null)
            await _up.DisposeAsync();
        string[] command = [.. _through, file, .. arguments, "--data", DataDirectory, "--port", $"{HttpPort}"];
        _up = await ChildProcess.StartAsync(
            command[0], command[1..],
            new Dictionary<string, string?>(_settings)
            {
                ["VMS_HTTPS_PORT"] = $"{HttpsPort}",
                ["VMS_MEDIA_PORT"] = $"{MediaPort}",
                ["VMS_PLAYBACK_PORT"] = $"{PlaybackPort}",
                ["VMS_WEBRTC_PORT"] = $"{WebRtcPort}",
                ["VMS_RTSP_PORT"] = $"{RtspPort}",
                ["VMS_ADMIN_PASSWORD"] = _adminPassword,
            });
        await _up.WaitForOutputAsync(o => o.Contains("\nready http://", StringComparison.Ordinal), patience);
    }

    /// <summary>The process behind a name, as of its last start: a plane, <c>postgres</c> or <c>nats</c>.</summary>
    public int PidOf(string name) => name switch
    {
        "postgres" => int.Parse(File.ReadLines(Path.Combine(DataDirectory, "postgres", "data", "postmaster.pid")).First(), CultureInfo.InvariantCulture),
        "nats" => int.Parse(File.ReadAllText(Path.Combine(DataDirectory, "nats", "nats.pid")), CultureInfo.InvariantCulture),
        _ => int.Parse(Started().Matches(Log).Last(m => m.Groups[1].Value == name).Groups[2].Value, CultureInfo.InvariantCulture),
    };

    /// <summary><c>kill -9</c>, and wait until a new process stands in its place and the planes are ready again.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> KillAndAwaitRestartAsync(string name)
    {
        var old = PidOf(name);
        var start = TimeProvider.System.GetTimestamp();
        await ChildProcess.RunAsync("kill", ["-9", $"{old}"]);
        await AwaitReplacedAsync(name, old);
        await Eventually.TrueAsync(Api.IsReadyAsync, s_start);
        return TimeProvider.System.GetElapsedTime(start);
    }

    /// <summary>The process behind a name and all its descendants: PostgreSQL works in its children.</summary>
    public IReadOnlyList<int> FamilyOf(string name)
    {
        var family = new List<int> { PidOf(name) };
        var parents = Directory.GetDirectories("/proc").Select(d => Path.GetFileName(d)).Where(d => int.TryParse(d, out _)).Select(ParentOf).ToList();
        for (int i = 0; i < family.Count; i++)
            family.AddRange(parents.Where(p => p.Parent == family[i]).Select(p => p.Pid));
        return family;

        static (int Pid, int Parent) ParentOf(string pid)
        {
            try
            {
                // After the name, which may hold anything and ends with the last bracket: state, parent.
                var stat = File.ReadAllText($"/proc/{pid}/stat");
                return (int.Parse(pid, CultureInfo.InvariantCulture), int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                return (0, 0);      // ended while we looked
            }
        }
    }

    /// <summary>Waits until a new process stands in the place of one that was killed.</summary>
    public Task AwaitReplacedAsync(string name, int old) =>
        Eventually.TrueAsync(() => TryPidOf(name) is { } pid && pid != old && Directory.Exists($"/proc/{pid}"), s_start);

    /// <summary>Every process that belongs to this data directory.</summary>
    public IReadOnlyList<string> Processes()
    {
        var found = new List<string>();
        foreach (var directory in Directory.GetDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out _)))
        {
            try
            {
                var command = File.ReadAllText(directory + "/cmdline").Replace('\0', ' ').Trim();
                var environment = File.ReadAllText(directory + "/environ");
                if (command.Length > 0 && (command.Contains(DataDirectory, StringComparison.Ordinal) || environment.Contains($"VMS_DATA={DataDirectory}\0", StringComparison.Ordinal)))
                    found.Add($"{Path.GetFileName(directory)} {command}");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Ended while we looked.
            }
        }

        return found;
    }

    /// <summary>Ordered stop by SIGTERM; fails when a process is left behind.</summary>
    public async Task StopAsync()
    {
        _up.Signal(PosixSignalNumber.Terminate);
        await _up.WaitForExitAsync(s_stop);
        await Eventually.TrueAsync(() => Processes().Count == 0);
    }

    /// <summary><c>kill -9</c> of all there is at once: what a power cut does to processes.</summary>
    public async Task KillEverythingAsync()
    {
        var pids = Processes().Select(p => p[..p.IndexOf(' ', StringComparison.Ordinal)]);
        await ChildProcess.RunAsync("sh", ["-c", "kill -KILL \"$@\" 2>/dev/null || true", "sh", .. pids]);
        await Eventually.TrueAsync(() => Processes().Count == 0);
    }

    /// <summary>A signal to the supervisor alone.</summary>
    public void SignalSupervisor(PosixSignalNumber signal) => _up.Signal(signal);

    /// <summary><c>kill -9</c> of the supervisor alone.</summary>
    public Task KillSupervisorAsync() => _up.KillAsync();

    public async ValueTask DisposeAsync()
    {
        Api?.Dispose();
        if (_up is null)
            return;
        if (!_up.HasExited)
        {
            _up.Signal(PosixSignalNumber.Terminate);
            await Task.WhenAny(_up.WaitForExitAsync(s_stop));
        }

        await _up.DisposeAsync();
        var log = Path.Combine(TestPaths.Artifacts, "test", "products");
        Directory.CreateDirectory(log);
        await File.WriteAllTextAsync(Path.Combine(log, $"{HttpPort}.log"), Log);
        // PostgreSQL's files go with the directory: wait for the last process to let go of them.
        await Eventually.TrueAsync(() => Processes().Count == 0);
    }

    private int? TryPidOf(string name)
    {
        try
        {
            return PidOf(name);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"Supervisor: (\w+) started, pid (\d+)")]
    private static partial Regex Started();
}
