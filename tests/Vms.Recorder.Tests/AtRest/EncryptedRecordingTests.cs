using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Codecs;
using Vms.Containers.AtRest;
using Vms.Containers.Integrity;
using Vms.Containers.Mp4;
using Vms.Hosting;
using Vms.Hosting.Events;
using Vms.Recorder.Archive;
using Vms.Recorder.AtRest;
using Vms.Recorder.Events;
using Vms.Recorder.Exports;
using Vms.Recorder.Pictures;
using Vms.Recorder.ReadBack;
using Vms.Recorder.Tests.Exports;
using Vms.Recorder.Tests.Support;
using Vms.Recorder.Tests.Writing;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.AtRest;

/// <summary>A whole recorder whose pool is encrypted: recording, restart, playback, export, and what happens without the keys.</summary>
public sealed class EncryptedRecordingTests
{
    private const string On = "--VMS_RECORDER_ENCRYPT=on";

    [Fact]
    public async Task Nothing_of_what_the_camera_sent_is_in_the_file_and_all_of_it_comes_back()
    {
        await using var rig = await new RecorderRig(null, null, On).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 10);
        feed.Append(25 * Footage.FramesPerSecond);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopRecordingAsync("cam1");
        await rig.StopAsync();

        using var archive = new EncryptedArchive(rig.Data, rig.Layout);
        var counters = new List<long>();
        Assert.InRange(rig.Files("cam1").Count, 2, 4);
        foreach (string path in rig.Files("cam1"))
        {
            byte[] stored = await File.ReadAllBytesAsync(path);
            Assert.Empty(Footage.CountersIn(stored));
            Assert.True(stored.AsSpan().IndexOf("mdat"u8) < 0);
            Assert.All(EncryptedArchive.FormsOf(path), f => Assert.Equal(StoredForm.Encrypted, f));
            byte[] restored = archive.Restored(path);
            counters.AddRange(Footage.CountersIn(restored));
            string plain = Path.Combine(rig.Data, Path.GetFileName(path));
            await File.WriteAllBytesAsync(plain, restored);
            await ArchiveJudge.AssertDecodesAsync(plain);
        }

        ArchiveJudge.AssertEveryFrameOnce(counters, 0, feed.Next);
        Assert.Equal(0, archive.AssertChained(rig.Files("cam1"), rig.Data));
    }

    [Fact]
    public async Task Kill_dash_9_loses_no_frame_records_none_twice_and_no_nonce_is_used_twice()
    {
        const int Kills = 3;
        using var directory = new TestDirectory();
        string data = directory.Create("data");
        using var logs = new TestLogs(data);
        await using var recorder = new RecorderProcess(data, directory.Create("run"), settings: On);
        using var feed = new CameraFeed(logs.Directory, "cam1", await Footage.LoadAsync(), DateTimeOffset.UtcNow.AddHours(-1));
        using var stop = new CancellationTokenSource();
        var feeding = RestartTests.FeedAsync(feed, stop.Token);
        await recorder.StartAsync();
        await recorder.RecordAsync("cam1", segmentSeconds: 10);
        var layout = new ArchiveLayout(Path.Combine(data, "recordings"));
        var nonces = new Dictionary<string, string>();
        for (int kill = 0; kill < Kills; kill++)
        {
            long fed = feed.Next + 130;
            await Eventually.TrueAsync(() => feed.Next > fed);
            await recorder.KillAsync();
            Collect(layout, nonces);
            await recorder.StartAsync();
        }

        await stop.CancelAsync();
        await feeding;
        await recorder.StopAsync();
        Collect(layout, nonces);

        using var archive = new EncryptedArchive(data, layout);
        Assert.Equal(1, archive.Keys);
        var files = ArchiveJudge.FilesOf(layout, "cam1", "main");
        var counters = files.SelectMany(f => Footage.CountersIn(archive.Restored(f))).ToList();
        ArchiveJudge.AssertEveryFrameOnce(counters, counters[0], feed.Next);
        Assert.Equal(0, archive.AssertChained(files, data));
    }

    [Fact]
    public async Task Clip_playlist_picture_preview_read_back_and_check_are_as_of_a_plain_pool()
    {
        await using var rig = await ExportRig.StartAsync(On);
        await rig.RecordAsync("cam1", 25);
        using var http = rig.Http(out string ticket, TicketKind.Playback, "cam1");

        string clip = Path.Combine(rig.Recorder.Data, "clip.mp4");
        await Eventually.TrueAsync(async () => (await http.GetAsync(Url("clip.mp4", 3, 9))).StatusCode == HttpStatusCode.OK);
        byte[] bytes = await http.GetByteArrayAsync(Url("clip.mp4", 3, 9));
        await File.WriteAllBytesAsync(clip, bytes);
        await ArchiveJudge.AssertDecodesAsync(clip);
        var counters = Footage.CountersIn(bytes);
        ArchiveJudge.AssertEveryFrameOnce(counters, counters[0], counters[0] + counters.Count);
        Assert.InRange(counters.Count, 6 * Footage.FramesPerSecond, 8 * Footage.FramesPerSecond);
        var range = new HttpRequestMessage(HttpMethod.Get, Url("clip.mp4", 3, 9));
        range.Headers.Range = new(1000, 4999);
        Assert.Equal(bytes[1000..5000], await (await http.SendAsync(range)).Content.ReadAsByteArrayAsync());

        string playlist = await http.GetStringAsync(Url("playback/index.m3u8", 3, 9));
        Assert.Contains(".m4s", playlist, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync($"/api/cameras/cam1/snapshot.jpg?at={Time(5)}&ticket={ticket}")).StatusCode);

        // The previews are pictures: nobody who has the disk alone sees them.
        string segment = rig.Recorder.Files("cam1")[0];
        byte[] preview = [];
        await Eventually.TrueAsync(async () =>
        {
            preview = await http.GetByteArrayAsync($"/api/cameras/cam1/preview.jpg?at={Time(5)}&ticket={ticket}");
            return File.Exists(PreviewFile.PathOf(segment));
        });
        byte[] stored = await File.ReadAllBytesAsync(PreviewFile.PathOf(segment));
        Assert.True(stored.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) < 0);
        Assert.Equal([0xFF, 0xD8, 0xFF], preview[..3]);
        Assert.Equal(preview, await http.GetByteArrayAsync($"/api/cameras/cam1/preview.jpg?at={Time(5)}&ticket={ticket}"));
        Assert.NotNull(await PreviewFile.ReadAsync(segment, long.MaxValue, rig.Recorder.Get<StorageKeys>().Find, CancellationToken.None));

        var row = (await rig.Recorder.Index.FindAsync("cam1", "main", ExportRig.Start, ExportRig.Start.AddSeconds(9), CancellationToken.None))[0];
        Assert.Equal(ReadBackVerdict.Good, new DiskReader(rig.Recorder.Get<StorageKeys>()).Read(FreshFragment.In(row)!));
        Assert.Empty(await CheckAsync(rig.Recorder));

        string Url(string path, double from, double to) => $"/api/cameras/cam1/{path}?from={Time(from)}&to={Time(to)}&ticket={ticket}";
    }

    [Fact]
    public async Task An_export_is_plain_and_verifies_like_any_other()
    {
        await using var rig = await ExportRig.StartAsync(On);
        await rig.RecordAsync("cam1", 25);
        var done = await rig.ExportAsync(3, 21, "cam1");
        Assert.Equal((ExportStates.Done, ""), (done.State, done.Detail));
        string path = rig.PathOf(done, done.Files.Single(f => f.Name.EndsWith(".mp4", StringComparison.Ordinal)).Name);
        await ArchiveJudge.AssertDecodesAsync(path);
        var counters = Footage.CountersIn(await File.ReadAllBytesAsync(path));
        ArchiveJudge.AssertEveryFrameOnce(counters, counters[0], counters[0] + counters.Count);
        Assert.True(counters.Count >= 18 * Footage.FramesPerSecond);
        using var keys = IntegrityKeys.FromPem(await File.ReadAllTextAsync(Path.Combine(rig.Recorder.Data, "keys", "integrity.pub")));
        var file = rig.ManifestOf(done).Cameras.Single().Files.Single();
        byte[] content = await File.ReadAllBytesAsync(path);
        var verifier = new ChainVerifier(keys);
        Assert.All(
            file.Parts,
            p => Assert.Empty(verifier.Verify(file.Name, new MemoryStream(content[(int)p.Offset..(int)(p.Offset + p.Bytes)]), isPart: true).Findings));
    }

    [Fact]
    public async Task Switching_on_and_off_goes_on_in_the_same_segment_and_all_of_it_plays()
    {
        await using var rig = new RecorderRig();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), DateTimeOffset.UtcNow.AddHours(-1));
        foreach (string setting in (string[])["off", "on", "off"])
        {
            await rig.StartAsync($"--VMS_RECORDER_ENCRYPT={setting}");
            await rig.RecordAsync("cam1", segmentSeconds: 600);
            feed.Append(4 * Footage.FramesPerSecond);
            await rig.WrittenAsync("cam1", feed);
            await rig.StopAsync();
        }

        string path = Assert.Single(rig.Files("cam1"));
        var forms = EncryptedArchive.FormsOf(path);
        Assert.Equal((StoredForm.Canonical, StoredForm.Canonical), (forms[0], forms[^1]));
        Assert.Contains(StoredForm.Encrypted, forms);
        using var archive = new EncryptedArchive(rig.Data, rig.Layout);
        ArchiveJudge.AssertEveryFrameOnce(Footage.CountersIn(archive.Restored(path)), 0, feed.Next);
        Assert.Equal(0, archive.AssertChained([path], rig.Data));
    }

    [Fact]
    public void A_new_key_is_taken_up_by_the_running_recorder_and_what_was_before_still_plays()
    {
        var clock = new ManualTimeProvider(Rows.Start);
        using var directory = new TestDirectory();
        var layout = new ArchiveLayout(directory.Create("recordings"));
        Directory.CreateDirectory(layout.IndexPath);
        var plane = PlaneOptions.From(new ConfigurationBuilder().AddInMemoryCollection([new("VMS_DATA", directory.Path)]).Build());
        using var told = new ToldEvents();
        using var keys = new StorageKeys(plane, told.Events, clock, NullLogger<StorageKeys>.Instance);
        var pool = new PoolEncryption(keys, layout.Main, isOn: true, clock, NullLogger<PoolEncryption>.Instance);
        byte[] first = Fragment();
        byte[] plain = first.ToArray();
        pool.Encrypt(first);

        // By somebody else, as vms storage rotate-key does it.
        PoolKeyring.AddKey(plane.KeysDirectory, PoolKeyring.MainPool, PoolKeyring.CopyIn(layout.IndexPath), clock.GetUtcNow());
        clock.Advance(TimeSpan.FromSeconds(11));
        byte[] second = Fragment();
        pool.Encrypt(second);
        Assert.NotEqual(KeyOf(first), KeyOf(second));

        clock.Advance(PoolEncryption.KeyAge);
        byte[] third = Fragment();
        pool.Encrypt(third);
        Assert.NotEqual(KeyOf(second), KeyOf(third));

        PoolKeyring.ReplacePoolKey(plane.KeysDirectory, PoolKeyring.MainPool, PoolKeyring.CopyIn(layout.IndexPath));
        using var again = new StorageKeys(plane, told.Events, clock, NullLogger<StorageKeys>.Instance);
        again.Add(layout.Main);
        foreach (byte[] fragment in (byte[][])[first, second, third])
        {
            Assert.Equal(Restored.Canonical, again.Restore(fragment, "file"));
            Assert.Equal(plain, fragment);
        }

        Assert.Empty(told.Take());

        static ulong KeyOf(byte[] fragment)
        {
            Assert.True(EncryptedFragment.TryReadKeyId(fragment, out ulong id));
            return id;
        }
    }

    [Fact]
    public async Task Without_the_key_viewers_are_told_why_nothing_is_called_damaged_and_it_plays_again_with_the_key()
    {
        string postgres = await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync();
        using var data = new TestDirectory();
        await using (var before = new ExportRigOn(postgres, data.Path))
        {
            await before.RecordAsync(12);
        }

        string key = Directory.GetFiles(Path.Combine(data.Path, "keys"), "storage-main.*.key").Single();
        string away = Path.Combine(data.Path, "away.key");
        File.Move(key, away);
        await using var after = new ExportRigOn(postgres, data.Path);
        await after.StartAsync();
        var alarm = Assert.Single(after.Events(), e => e.Type == "storage.keyMissing");
        Assert.Equal("critical", alarm.Data["severity"]);
        using var http = after.Http(out string ticket);
        string playlistUrl = $"/api/cameras/cam1/playback/index.m3u8?from={Time(2)}&to={Time(6)}&ticket={ticket}";
        await Eventually.TrueAsync(async () => (await http.GetAsync(playlistUrl)).StatusCode == HttpStatusCode.OK);
        string url = new Uri(new Uri(http.BaseAddress!, playlistUrl), (await http.GetStringAsync(playlistUrl)).Split('\n').First(l => l.Contains(".m4s", StringComparison.Ordinal))).ToString();
        await Eventually.TrueAsync(async () => (await http.GetAsync(url)).StatusCode == HttpStatusCode.NotFound);
        string said = await (await http.GetAsync(url)).Content.ReadAsStringAsync();
        Assert.Contains("recordingUnreadable", said, StringComparison.Ordinal);
        Assert.Contains("encrypted", said, StringComparison.Ordinal);
        Assert.Empty(await CheckAsync(after.Rig));
        var gaps = await after.Rig.Index.GapsAsync("cam1", "main", ExportRig.Start, ExportRig.Start.AddSeconds(12), CancellationToken.None);
        Assert.DoesNotContain(gaps, g => g.Cause == GapCause.Damaged);

        // Recording goes on meanwhile, with a key of its own.
        Assert.Equal(2, Directory.GetFiles(Path.Combine(data.Path, "keys"), "storage-main.*.key").Append(away).Count());
        File.Move(away, key);
        await Eventually.TrueAsync(async () => (await http.GetAsync(url)).StatusCode == HttpStatusCode.OK, TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task A_damaged_fragment_is_found_without_the_key_too_and_becomes_a_gap()
    {
        await using var rig = await ExportRig.StartAsync(On);
        await rig.RecordAsync("cam1", 12);
        string path = rig.Recorder.Files("cam1")[0];
        byte[] file = await File.ReadAllBytesAsync(path);
        var entry = EncryptedArchive.FragmentsOf(file)[4];
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            stream.Position = entry.Offset + (entry.Length / 2);
            stream.WriteByte((byte)(file[entry.Offset + (entry.Length / 2)] ^ 1));
        }

        Assert.Contains(await CheckAsync(rig.Recorder), f => f.Problem == IndexFinding.Damaged);
        await Eventually.TrueAsync(async () => (await rig.Recorder.Index.GapsAsync(
            "cam1", "main", ExportRig.Start, ExportRig.Start.AddSeconds(12), CancellationToken.None)).Any(g => g.Cause == GapCause.Damaged));
    }

    private static byte[] Fragment()
    {
        var builder = new Fmp4FragmentBuilder { Reserve = EncryptedFragment.TrailerBytes };
        builder.BeginSegment([Rows.Track], 1, epoch: 7);
        builder.AddSample(new SampleHeader(0, SampleFlags.Keyframe, GapCause.None, 1, 0, 1_790_000_000_000_000), 1, new byte[5000]);
        return builder.Finish(out _).ToArray();
    }

    private static async Task<List<IndexFinding>> CheckAsync(RecorderRig rig)
    {
        await Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available);
        var findings = new List<IndexFinding>();
        await foreach (var finding in rig.Get<IndexCheck>().RunAsync(IndexCheckLevel.Hash, null, new IndexCheckCounts(), CancellationToken.None))
        {
            findings.Add(finding);
        }

        return findings;
    }

    /// <summary>No nonce of any key is seen with two different contents, whatever was written anew after a crash.</summary>
    private static void Collect(ArchiveLayout layout, Dictionary<string, string> nonces)
    {
        foreach (string path in ArchiveJudge.FilesOf(layout, "cam1", "main"))
        {
            byte[] file = ArchiveJudge.ReadShared(path);
            foreach (var entry in EncryptedArchive.FragmentsOf(file))
            {
                var trailer = file.AsSpan((int)entry.EndOffset - EncryptedFragment.TrailerBytes, EncryptedFragment.TrailerBytes);
                string tag = Convert.ToHexString(trailer[48..]);
                Assert.Equal(tag, nonces.GetValueOrDefault(Convert.ToHexString(trailer[28..48]), tag));
                nonces[Convert.ToHexString(trailer[28..48])] = tag;
            }
        }
    }

    private static string Time(double seconds) =>
        ExportRig.Start.AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A recorder on data that outlives it.</summary>
    private sealed class ExportRigOn(string postgres, string data) : IAsyncDisposable
    {
        public RecorderRig Rig { get; } = new(postgres, data, On);

        public Task<RecorderRig> StartAsync() => Rig.StartAsync();

        public async Task RecordAsync(int seconds)
        {
            await Rig.StartAsync();
            using var feed = new CameraFeed(Rig.Logs, "cam1", await Footage.LoadAsync(), ExportRig.Start);
            await Rig.RecordAsync("cam1", segmentSeconds: 10);
            feed.Append(seconds * Footage.FramesPerSecond);
            await Rig.WrittenAsync("cam1", feed);
            await Rig.StopRecordingAsync("cam1");
            await Eventually.TrueAsync(() => Rig.Get<IndexApplier>().Available);
        }

        public List<RecorderEvent> Events() => ToldEvents.Take(Rig.Get<EventOutbox>());

        public HttpClient Http(out string ticket)
        {
            var address = Rig.Get<IServer>().Features.Get<IServerAddressesFeature>()!
                .Addresses.First(a => a.StartsWith("http://127.", StringComparison.Ordinal));
            using var signer = TicketSigner.LoadOrCreate(Rig.Get<PlaneOptions>());
            ticket = signer.Sign(new Ticket(TicketKind.Playback, "anna", ["cam1"], TimeProvider.System.GetUtcNow().AddHours(1)));
            return new HttpClient { BaseAddress = new Uri(address) };
        }

        public ValueTask DisposeAsync() => Rig.DisposeAsync();
    }
}
