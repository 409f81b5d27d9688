using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Vms.Codecs;
using Vms.Containers.Mp4;
using Vms.Hosting;
using Vms.Hosting.Events;
using Vms.Hosting.Transcoding;
using Vms.Postgres;
using Vms.Recorder.Archive;
using Vms.Recorder.Events;
using Vms.Recorder.Gaps;
using Vms.Recorder.Motion;
using Vms.Recorder.Pictures;
using Vms.Recorder.Playback;
using Vms.Recorder.Tests.Support;
using Vms.Recorder.Writing;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Playback;

/// <summary>An archive on disk and in PostgreSQL, written with the recorder's own parts, and the recorder's playback endpoints on a
/// real port.</summary>
internal sealed class PlaybackRig : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    // One database for all: every rig has a camera of its own.
    private static readonly Lazy<Task<NpgsqlDataSource>> s_database = new(CreateDatabaseAsync);

    private readonly TestDirectory _directory;
    private readonly IndexTables _tables;
    private readonly OpenSegments _open;
    private readonly ArchiveLayout _layout;
    private readonly WebApplication _app;
    private readonly TicketSigner _signer;
    private SegmentIds _ids;

    private PlaybackRig(
        TestDirectory directory, IndexTables tables, OpenSegments open, ArchiveLayout layout, WebApplication app,
        TicketSigner signer, PlayerPages pages)
    {
        _directory = directory;
        _tables = tables;
        _open = open;
        _layout = layout;
        _app = app;
        _signer = signer;
        Pages = pages;
        string address = app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses.First();
        BaseUrl = $"{address}/api/cameras/{Camera}/";
        Http = new HttpClient { BaseAddress = new Uri(BaseUrl) };
        Ticket = Sign();
    }

    public string Camera { get; } = $"cam{Guid.NewGuid():N}";

    public string BaseUrl { get; }

    public HttpClient Http { get; }

    public string Ticket { get; }

    /// <summary>Pages that play what the rig serves.</summary>
    public PlayerPages Pages { get; }

    public PlaybackMetricsProbe Metrics { get; } = new();

    /// <summary>One for all tests of playback.</summary>
    public static Task<NpgsqlDataSource> DatabaseAsync() => s_database.Value;

    public EventOutbox Outbox => _app.Services.GetRequiredService<EventOutbox>();

    /// <summary>Nothing carries it into the database here.</summary>
    public IndexJournal Journal => _app.Services.GetRequiredService<IndexJournal>();

    public TranscodeSlots Slots => _app.Services.GetRequiredService<TranscodeSlots>();

    public PieceConversion Conversion => _app.Services.GetRequiredService<PieceConversion>();

    public PictureCache Pictures => _app.Services.GetRequiredService<PictureCache>();

    /// <summary>Not running: what is offered waits.</summary>
    public PreviewMaker Previews => _app.Services.GetRequiredService<PreviewMaker>();

    /// <summary>What control would tell the recorder.</summary>
    public RevokedRights Revoked => _app.Services.GetRequiredService<RevokedRights>();

    public Viewings Viewings => _app.Services.GetRequiredService<Viewings>();

    public HandedGrids Handed => _app.Services.GetRequiredService<HandedGrids>();

    public RecordedStills Stills => _app.Services.GetRequiredService<RecordedStills>();

    public MotionSearches Motion => _app.Services.GetRequiredService<MotionSearches>();

    /// <param name="transcodes">VMS_TRANSCODES.</param>
    public static async Task<PlaybackRig> StartAsync(PlaybackOptions? options = null, int transcodes = 1, MotionOptions? motion = null)
    {
        var directory = new TestDirectory();
        var layout = new ArchiveLayout(directory.Create("recordings"));
        var tables = new IndexTables(await s_database.Value, layout);
        var open = new OpenSegments();
        var journal = IndexJournal.Open(layout, NullLogger.Instance);
        var plane = PlaneOptions.From(new ConfigurationBuilder().AddInMemoryCollection([new("VMS_DATA", directory.Path)]).Build()) with { Transcodes = transcodes };
        var signer = TicketSigner.LoadOrCreate(plane);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(plane);
        builder.Services.AddSingleton(new PreviewOptions { Interval = TimeSpan.FromSeconds(10) });
        builder.Services.AddSingleton<TicketVerifier>();
        builder.Services.AddSingleton(_ => new GapLedger(TimeProvider.System));
        builder.Services.AddSingleton(s => new ArchiveIndex(tables, journal, open, s.GetRequiredService<GapLedger>()));
        builder.Services.AddEventOutbox("recorder-events", RecorderEvents.Source, "vms_recorder_events_dropped_total", "vms_recorder_events_waiting_bytes");
        builder.Services.AddSingleton<RecorderEvents>();
        builder.Services.AddSingleton(journal);
        builder.Services.AddSingleton(layout);
        builder.Services.AddSingleton(open);
        builder.Services.AddSingleton(s => new SegmentDamage(
            layout,
            new PoolIdentity(layout, plane, NullLogger<PoolIdentity>.Instance),
            tables,
            journal,
            open,
            s.GetRequiredService<RecorderEvents>(),
            TimeProvider.System,
            NullLogger<SegmentDamage>.Instance)
        {
            ConfirmAfter = TimeSpan.FromMilliseconds(50),
        });
        if (options is not null) builder.Services.AddSingleton(options);
        if (motion is not null) builder.Services.AddSingleton(motion);
        builder.Services.AddPlayback();
        var app = builder.Build();
        app.MapPlayback();
        var pages = PlayerPages.Map(app);
        await app.StartAsync();
        _ = app.Services.GetRequiredService<SegmentDamage>().RunAsync(app.Lifetime.ApplicationStopping);
        return new PlaybackRig(directory, tables, open, layout, app, signer, pages);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Metrics.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _signer.Dispose();
        _directory.Dispose();
    }

    public string Sign(DateTimeOffset? from = null, DateTimeOffset? to = null, TicketKind kind = TicketKind.Playback, string? camera = null, Guid? account = null, DateTimeOffset rightsAsOf = default) =>
        _signer.Sign(new Ticket(kind, "anna", [camera ?? Camera], TimeProvider.System.GetUtcNow().AddHours(1), from, to, account, RightsAsOf: rightsAsOf));

    /// <summary>A URL below the camera with the range, and the rig's ticket.</summary>
    public string Url(string path, double fromSeconds, double toSeconds, string? ticket = null) => string.Create(
        CultureInfo.InvariantCulture,
        $"{BaseUrl}{path}?from={Time(fromSeconds)}&to={Time(toSeconds)}&ticket={ticket ?? Ticket}");

    /// <summary>As the API writes times.</summary>
    public static string Time(double seconds) =>
        Start.AddMilliseconds(Math.Round(seconds * 1000)).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Records frames [first, first + count) of the footage; frame 0 was captured at <see cref="Start"/> + offset.</summary>
    /// <param name="gop">Only each so-manieth frame counts as a keyframe; 0 for those that are.</param>
    public async Task<SegmentFile> RecordAsync(
        Footage footage, long first, int count, double offsetSeconds = 0, bool close = true, string stream = "main", int gop = 0)
    {
        var recording = gop == 0 ? Begin(footage, first, offsetSeconds, stream) : Begin(
            footage.Track, first, frame => footage.Sample(frame) with { Item2 = frame % gop == 0 }, offsetSeconds, stream);
        recording.Append(count);
        if (close) await CloseAsync(recording);
        return recording.File;
    }

    /// <summary>The same of footage in any codec; no B-frames.</summary>
    public async Task<SegmentFile> RecordAsync(VideoFootage footage, long first, int count, RecordedSound? sound = null, string stream = "main")
    {
        var samples = footage.ToSamples();
        var recording = Begin(footage.Track, first, frame =>
        {
            int at = (int)(frame % samples.Count);
            return (samples[at], footage.Frames[at].IsKeyframe, frame * Footage.TicksPerFrame);
        }, stream: stream, sound: sound);
        recording.Append(count);
        await CloseAsync(recording);
        return recording.File;
    }

    /// <summary>The same of footage with B-frames, from its beginning.</summary>
    /// <param name="order">For each sample the how-manieth picture it is that is shown.</param>
    public async Task<SegmentFile> RecordAsync(VideoFootage footage, IReadOnlyList<int> order, int count)
    {
        var samples = footage.ToSamples();
        var recording = Begin(
            footage.Track, 0, at => (samples[(int)at], footage.Frames[(int)at].IsKeyframe, order[(int)at] * Footage.TicksPerFrame), shownAs: at => order[(int)at]);
        recording.Append(count);
        await CloseAsync(recording);
        return recording.File;
    }

    /// <summary>The same with sound beside it: what of it has not been recorded when the segment ends stands in the next one.</summary>
    public async Task<SegmentFile> RecordAsync(Footage footage, long first, int count, RecordedSound sound, double offsetSeconds = 0)
    {
        var recording = Begin(footage.Track, first, footage.Sample, offsetSeconds, "main", sound);
        recording.Append(count);
        await CloseAsync(recording);
        return recording.File;
    }

    public OpenRecording Begin(Footage footage, long first, double offsetSeconds = 0, string stream = "main") =>
        Begin(footage.Track, first, footage.Sample, offsetSeconds, stream);

    private OpenRecording Begin(
        TrackInfo track, long first, Func<long, (byte[] Payload, bool Keyframe, long Pts)> sample, double offsetSeconds = 0, string stream = "main",
        RecordedSound? sound = null, Func<long, long>? shownAs = null)
    {
        var recording = new OpenRecording(track, sample, first, Start.AddSeconds(offsetSeconds), id => new SegmentName(
            Camera, stream, id, _ids.Next(id)), _layout, sound, shownAs);
        _open.Add(recording.File);
        return recording;
    }

    public async Task CloseAsync(OpenRecording recording)
    {
        recording.File.Close();
        recording.File.Release();
        await PutAsync(new SegmentPut(recording.File.Row(withGops: true)!));
        _open.Remove(recording.File);
    }

    /// <summary>As a viewer's plan is made from them.</summary>
    public async Task<IReadOnlyList<SegmentRow>> SegmentsAsync() => await _app.Services.GetRequiredService<ArchiveIndex>()
        .FindAsync(Camera, "main", Start, Start.AddMinutes(1), CancellationToken.None);

    public async Task PutAsync(IndexEntry entry) => await _tables.ApplyAsync([entry], CancellationToken.None);

    private static async Task<NpgsqlDataSource> CreateDatabaseAsync()
    {
        string connection = await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync();
        var database = PostgresDataSource.Create(connection, "playback-tests");
        await MigrationRunner.RunAsync(database, "recorder", typeof(IndexTables).Assembly, NullLogger.Instance, CancellationToken.None);
        return database;
    }

    /// <summary>Saves a body to look at it with other tools.</summary>
    public async Task<string> SaveAsync(string url, string name = "body.mp4")
    {
        string path = _directory[name];
        await File.WriteAllBytesAsync(path, await Http.GetByteArrayAsync(url));
        return path;
    }
}

/// <summary>A segment being written, a second of video a fragment.</summary>
internal sealed class OpenRecording
{
    private readonly Fmp4FragmentBuilder _builder = new();
    private readonly Func<long, (byte[] Payload, bool Keyframe, long Pts)> _sample;
    private readonly DateTimeOffset _frameZero;
    private readonly RecordedSound? _sound;
    private readonly Func<long, long>? _shownAs;
    private long _next;

    public OpenRecording(
        TrackInfo track, Func<long, (byte[] Payload, bool Keyframe, long Pts)> sample, long first, DateTimeOffset frameZero,
        Func<DateTimeOffset, SegmentName> name, ArchiveLayout layout, RecordedSound? sound = null, Func<long, long>? shownAs = null)
    {
        _shownAs = shownAs;
        _sample = sample;
        _sound = sound;
        _next = first;
        _frameZero = frameZero;
        var segment = name(CaptureOf(first));
        IReadOnlyList<TrackInfo> tracks = sound is null ? [track] : [track, sound.Track];
        File = new SegmentFile(segment, layout.PathOf(segment), tracks);
        _builder.BeginSegment(tracks, 1, 1);
    }

    public SegmentFile File { get; }

    public void Append(int frames)
    {
        for (int i = 0; i < frames; i++, _next++)
        {
            var header = HeaderOf(_next);
            if ((header.IsKeyframe || _builder.Duration.TotalSeconds >= 0.95) && _builder.CanEndBefore(header))
            {
                var bytes = _builder.Finish(header, out var fragment);
                File.Append(bytes.Span, fragment, 0, direct: false);
            }

            _builder.AddSample(header, _next, _sample(_next).Payload);
            foreach (var (soundHeader, payload) in _sound?.ArrivedUntil(header.CaptureTimeUs) ?? []) _builder.AddSample(soundHeader, _next, payload);
        }

        if (_builder.SampleCount > 0)
        {
            var bytes = _builder.Finish(HeaderOf(_next), out var fragment);
            File.Append(bytes.Span, fragment, 0, direct: false);
        }
    }

    private SampleHeader HeaderOf(long frame)
    {
        var (_, keyframe, pts) = _sample(frame);
        return new SampleHeader(
            0, keyframe ? SampleFlags.Keyframe : 0, GapCause.None, 1, pts, UnixTime.ToMicroseconds(CaptureOf(frame)));
    }

    private DateTimeOffset CaptureOf(long frame) => _frameZero.AddSeconds((double)(_shownAs?.Invoke(frame) ?? frame) / Footage.FramesPerSecond);
}
