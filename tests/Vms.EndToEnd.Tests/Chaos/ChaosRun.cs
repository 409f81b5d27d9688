using System.Globalization;
using System.Text.Json.Nodes;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.EndToEnd.Tests.Chaos;

/// <summary>The product with its cameras, all of them recording, and the faults that are brought upon it.</summary>
internal sealed class ChaosRun : IAsyncDisposable
{
    public const int Cameras = 4;

    /// <summary>A file per camera: nothing in it is old enough to be deleted.</summary>
    private const int SegmentSeconds = 600;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly SimulatedCameras _cameras;
    private readonly List<string> _ids = [];

    private ChaosRun(ProductRun product, SimulatedCameras cameras) => (Product, _cameras) = (product, cameras);

    public ProductRun Product { get; }

    public static async Task<ChaosRun> StartAsync(SimulatedCameras cameras, Func<Task<ProductRun>> start) => new(await start(), cameras);

    public async Task RecordAsync()
    {
        for (var camera = 1; camera <= Cameras; camera++)
            _ids.Add(await Product.Api.AddCameraAsync($"Camera {camera}", _cameras.UrlOf(camera), segmentSeconds: SegmentSeconds));
        await SettleAsync();
    }

    /// <summary>Kills a process, and waits until it is there again.</summary>
    public Task<Fault> KillAsync(string name) => MeasureAsync(async () =>
    {
        var old = Product.PidOf(name);
        await SignalAsync("-KILL", [old]);
        var killed = TimeProvider.System.GetTimestamp();
        await Product.AwaitReplacedAsync(name, old);
        return killed;
    });

    /// <summary>Stops a process, with all that it works in, for a while.</summary>
    public Task<Fault> StopAsync(string name, TimeSpan time) => MeasureAsync(async () =>
    {
        var family = Product.FamilyOf(name);
        await SignalAsync("-STOP", family);
        await Soak.RunForAsync(time);
        await SignalAsync("-CONT", family);
        return TimeProvider.System.GetTimestamp();
    });

    /// <summary>Kills processes at once, with nobody there to start them again for a while.</summary>
    public Task<Fault> KeepAwayAsync(IReadOnlyList<string> names, TimeSpan time) => MeasureAsync(async () =>
    {
        var old = names.ToDictionary(n => n, Product.PidOf);
        Product.SignalSupervisor(PosixSignalNumber.Stop);
        await SignalAsync("-KILL", old.Values);
        await Soak.RunForAsync(time);
        Product.SignalSupervisor(PosixSignalNumber.Continue);
        var end = TimeProvider.System.GetTimestamp();
        foreach (var (name, pid) in old)
            await Product.AwaitReplacedAsync(name, pid);
        return end;
    });

    /// <param name="fault">Brings it about and ends it; answers when it ended.</param>
    public async Task<Fault> MeasureAsync(Func<Task<long>> fault)
    {
        var window = FrameWindow.Begin(_cameras, Cameras);
        var ended = await fault();
        await Eventually.TrueAsync(Product.Api.IsReadyAsync, s_patience);
        var back = TimeProvider.System.GetElapsedTime(ended);
        await SettleAsync();
        window.End();
        return new Fault(window, await BookedAsync(window.Begun), back);
    }

    /// <summary>What a recording is said to be doing.</summary>
    public async Task<JsonNode> RecordingAsync(int camera) => (await Product.Api.GetAsync($"/api/cameras/{_ids[camera - 1]}"))["recording"]!;

    /// <summary>All cameras record, and what was held up is on its way to the disk.</summary>
    public async Task SettleAsync()
    {
        foreach (var id in _ids)
            await Eventually.TrueAsync(() => IsRecordingAsync(id), s_patience);
        await Soak.RunForAsync(TimeSpan.FromSeconds(4));
    }

    public ValueTask DisposeAsync() => Product.DisposeAsync();

    private async Task<bool> IsRecordingAsync(string id) =>
        await TryGetAsync($"/api/cameras/{id}") is { } camera
            && camera["state"]!.GetValue<string>() == "online" && camera["recording"]!["state"]!.GetValue<string>() == "recording";

    /// <summary>Null while nobody answers, or not well.</summary>
    private async Task<JsonNode?> TryGetAsync(string path)
    {
        try
        {
            return await Product.Api.GetAsync(path);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    /// <summary>Gaps since a time, of the camera that has most of them.</summary>
    private async Task<string> BookedAsync(DateTimeOffset from)
    {
        var worst = new Dictionary<string, double>();
        foreach (var id in _ids)
        {
            JsonNode? timeline = null;
            await Eventually.TrueAsync(
                async () => (timeline = await TryGetAsync($"/api/cameras/{id}/timeline?from={Iso(from)}&to={Iso(DateTimeOffset.UtcNow)}")) is not null, s_patience);
            var gaps = timeline!["gaps"]!.AsArray().GroupBy(g => g!["cause"]!.GetValue<string>())
                .ToDictionary(g => g.Key, g => g.Sum(gap => (gap!["to"]!.GetValue<DateTimeOffset>() - gap["from"]!.GetValue<DateTimeOffset>()).TotalMilliseconds));
            if (gaps.Values.Sum() > worst.Values.Sum())
                worst = gaps;
        }

        return string.Join(", ", worst.Select(g => $"{MatrixCell.Whole(g.Value)} {g.Key}"));
    }

    private static async Task SignalAsync(string signal, IEnumerable<int> pids) =>
        await ChildProcess.RunAsync("sh", ["-c", "kill \"$@\" 2>/dev/null || true", "sh", signal, .. pids.Select(p => $"{p}")]);

    private static string Iso(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>A fault that is over; what it cost is in the files once the product has stopped.</summary>
internal sealed record Fault(FrameWindow Window, string Booked, TimeSpan Back)
{
    public MatrixCell Cost(IReadOnlyDictionary<int, List<long>> recorded) => new(Window.LostMs(recorded), Booked, Back.TotalMilliseconds);
}
