using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Vms.Codecs;
using Vms.Containers.Integrity;
using Vms.Contracts.Recorder;
using Vms.Hosting;
using Vms.Recorder.Exports;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Exports;

/// <summary>A whole recorder with a real database, cameras whose recordings are chained and signed, and what was exported of them.</summary>
internal sealed class ExportRig : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    private readonly List<CameraFeed> _feeds = [];

    private ExportRig(RecorderRig recorder) => Recorder = recorder;

    public RecorderRig Recorder { get; }

    public ExportQueue Queue => Recorder.Get<ExportQueue>();

    public ExportFolder Folder => Recorder.Get<ExportFolder>();

    public static async Task<ExportRig> StartAsync(params string[] settings)
    {
        var postgres = await PrivatePostgres.SharedAsync();
        return new ExportRig(await new RecorderRig(await postgres.CreateDatabaseAsync(), null, settings).StartAsync());
    }

    /// <summary>Records seconds of footage in segments of ten, and stops: what is there is signed to its end.</summary>
    /// <param name="then">More of it, before the stop.</param>
    public async Task RecordAsync(string camera, int seconds, Action<CameraFeed>? then = null, int bFrames = 0)
    {
        var feed = new CameraFeed(Recorder.Logs, camera, await Footage.LoadAsync(bFrames: bFrames), Start);
        _feeds.Add(feed);
        await Recorder.RecordAsync(camera, segmentSeconds: 10);
        feed.Append(seconds * Footage.FramesPerSecond);
        await Recorder.WrittenAsync(camera, feed);
        then?.Invoke(feed);
        await Recorder.WrittenAsync(camera, feed);
        await Recorder.StopRecordingAsync(camera);
    }

    /// <summary>Pictures with their numbers in them, and sound.</summary>
    public async Task RecordAsync(string camera, FootageSpec video, CodecKind audio, int seconds)
    {
        using var feed = new TracksFeed(Recorder.Logs, camera, await VideoFootage.LoadAsync(video), audio == CodecKind.None ? null : await AudioFootage.LoadAsync(audio), Start);
        await Recorder.RecordAsync(camera, segmentSeconds: 10);
        for (int second = 0; second < seconds; second++)
        {
            // As much as a stream log holds.
            feed.Append(video.FrameRate);
            await Eventually.TrueAsync(() => Recorder.Ledgers.Of(camera, "main").Written.LastSequence >= feed.NextSequence - (3 * video.FrameRate));
        }

        await Eventually.TrueAsync(() => Recorder.Ledgers.Of(camera, "main").Written.LastSequence >= feed.NextSequence - (2 * video.FrameRate));
        await Recorder.StopRecordingAsync(camera);
    }

    public ExportSpec Spec(double from, double to, params string[] cameras)
    {
        var spec = new ExportSpec
        {
            Id = Guid.NewGuid().ToString("N"),
            FromUnixMs = Start.AddSeconds(from).ToUnixTimeMilliseconds(),
            ToUnixMs = Start.AddSeconds(to).ToUnixTimeMilliseconds(),
            Format = "mp4",
            Note = "case 17/2026",
            RequestedBy = "anna",
        };
        spec.Cameras.Add(cameras.Select(c => new ExportCamera { Id = c, Name = $"Gate {c}", SiteId = "site1" }));
        return spec;
    }

    public Task<ExportStatus> ExportAsync(double from, double to, params string[] cameras) => FinishAsync(Spec(from, to, cameras));

    public async Task<ExportStatus> FinishAsync(ExportSpec spec)
    {
        Queue.Start(spec);
        await Eventually.TrueAsync(() => Queue.Start(spec).State is ExportStates.Done or ExportStates.Failed, TimeSpan.FromMinutes(5));
        return Queue.Start(spec);
    }

    public string PathOf(ExportStatus export, string name) => Folder.PathOf(export.Id, name);

    public ExportManifest ManifestOf(ExportStatus export) => ExportManifest.Read(File.ReadAllBytes(PathOf(export, ExportManifest.FileName)));

    /// <summary>The recorder's own port, with a ticket for these cameras.</summary>
    public HttpClient Http(out string ticket, TicketKind kind = TicketKind.Export, params string[] cameras) =>
        Http(out ticket, new Ticket(kind, "anna", cameras, TimeProvider.System.GetUtcNow().AddHours(1)));

    public HttpClient Http(out string ticket, Ticket right)
    {
        var address = Recorder.Get<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(a => a.StartsWith("http://127.", StringComparison.Ordinal));
        using var signer = TicketSigner.LoadOrCreate(Recorder.Get<PlaneOptions>());
        ticket = signer.Sign(right);
        return new HttpClient { BaseAddress = new Uri(address) };
    }

    public static string Time(double seconds) => Start.AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH-mm-ss'Z'", CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        await Recorder.DisposeAsync();
        foreach (var feed in _feeds) feed.Dispose();
    }
}
