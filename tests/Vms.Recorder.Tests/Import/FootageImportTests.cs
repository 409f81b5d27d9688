using System.Buffers.Binary;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Vms.Codecs;
using Vms.Containers.Mp4;
using Vms.Contracts.Recorder;
using Vms.Hosting;
using Vms.Recorder.Tests.Exports;
using Vms.Recorder.Tests.Support;
using Vms.Rpc;

namespace Vms.Recorder.Tests.Import;

/// <summary>A camera was away for twenty seconds, from 10 to 30 s; its device has recorded all the time. Over the planes' real sockets.</summary>
public sealed class FootageImportTests
{
    private const string Camera = "gate";
    private const int Rate = Footage.FramesPerSecond;

    [Fact]
    public async Task A_gap_is_filled_played_frame_by_frame_and_told_everywhere()
    {
        await using var rig = await RigAsync();
        await using var media = await MediaAsync(rig);
        var before = HashesOf(rig.Recorder.Files(Camera));

        var progress = await ImportAsync(rig);

        Assert.Equal((20_000, 20_000), (progress.MissingMs, progress.LookedAtMs));
        var filled = Assert.Single(progress.Filled);
        Assert.InRange(filled.ToUnixMs - filled.FromUnixMs, 19_900, 20_000);
        Assert.Equal([.. Live(0, 250), .. Device(250, 750), .. Live(250, 500)], await PlayedAsync(rig));

        var timeline = await TimelineAsync(rig);
        Assert.Equal([(0d, 10d, ""), (10d, 30d, "device"), (30d, 40d, "")], Stretches(timeline, "recordings", "source"));
        Assert.Empty(Stretches(timeline, "gaps", "cause"));
        Assert.Equal([(10d, 30d, "cameraOffline")], Stretches(timeline, "filled", "cause"));
        Assert.Equal([(10d, 30d, "cameraOffline")], Stretches(await TimelineAsync(rig, "&stream=main"), "gaps", "cause"));

        // What was recorded is as it was; what was fetched is chained, signed to its end, and says where it is from.
        Assert.Equal(before, HashesOf(rig.Recorder.Files(Camera)));
        var files = ArchiveJudge.FilesOf(rig.Recorder.Layout, Camera, "device");
        Assert.Equal(0, ArchiveJudge.AssertChained(files, rig.Recorder.Data));
        Assert.All(files, file => Assert.Equal(SegmentLabel.FromDevice, SegmentLabel.SourceIn(ArchiveJudge.ReadShared(file))));

        var export = await rig.ExportAsync(0, 40, Camera);
        Assert.Equal([("main", null), ("device", "device")], rig.ManifestOf(export).Cameras.Select(c => (c.Stream, c.Source)));
    }

    [Fact]
    public async Task Of_a_device_that_has_only_a_part_the_rest_stays_a_gap_until_it_has_more()
    {
        await using var rig = await RigAsync();
        await using var media = await MediaAsync(rig);
        media.Has = (375, 500);
        await ImportAsync(rig);
        Assert.Equal([(10d, 15d, "cameraOffline"), (20d, 30d, "cameraOffline")], Stretches(await TimelineAsync(rig), "gaps", "cause"));

        media.Has = (0, long.MaxValue);
        var progress = await ImportAsync(rig);
        Assert.Equal(15_000, progress.MissingMs);
        Assert.Equal([.. Live(0, 250), .. Device(250, 750), .. Live(250, 500)], await PlayedAsync(rig));
        Assert.Equal(0, ArchiveJudge.AssertChained(ArchiveJudge.FilesOf(rig.Recorder.Layout, Camera, "device"), rig.Recorder.Data));
        Assert.Equal(0, (await ImportAsync(rig)).MissingMs);
    }

    [Fact]
    public async Task What_came_before_a_device_died_is_kept_and_the_next_call_goes_on_after_a_restart()
    {
        await using var rig = await RigAsync();
        await using var media = await MediaAsync(rig);
        media.BreaksAfter = 460;        // of which 250 lead to the gap
        var died = await Assert.ThrowsAsync<RpcException>(() => ImportAsync(rig));
        Assert.Equal((RpcStatus.Aborted, "brokeOff"), (died.Status, died.Detail.Split(':')[0]));
        Assert.Equal([.. Live(0, 250), .. Device(250, 460), .. Live(250, 500)], await PlayedAsync(rig));

        await rig.Recorder.StopAsync();
        await rig.Recorder.StartAsync();
        media.BreaksAfter = 0;
        await ImportAsync(rig);
        var played = await PlayedAsync(rig);
        Assert.Equal([.. Live(0, 250), .. Device(250, 750), .. Live(250, 500)], played.Distinct());
        Assert.InRange(played.Count - 1000, 0, Rate);      // the group of pictures that it went on in
        Assert.Equal(0, ArchiveJudge.AssertChained(ArchiveJudge.FilesOf(rig.Recorder.Layout, Camera, "device"), rig.Recorder.Data));
    }

    /// <summary>From so many frames of what the device gives on there is sound: from the first, in front of the gap, or in it.</summary>
    [Theory, InlineData(0), InlineData(30), InlineData(310)]
    public async Task Its_sound_is_recorded_with_the_pictures_and_none_of_them_is_lost_for_it(int soundFrom)
    {
        await using var rig = await RigAsync();
        await using var media = await MediaAsync(rig);
        media.SoundFrom = soundFrom;

        var filled = Assert.Single((await ImportAsync(rig)).Filled);

        Assert.InRange(filled.ToUnixMs - filled.FromUnixMs, 19_900, 20_000);
        Assert.Equal([(0d, 10d, ""), (10d, 30d, "device"), (30d, 40d, "")], Stretches(await TimelineAsync(rig), "recordings", "source"));
        Assert.Equal([.. Live(0, 250), .. Device(250, 750), .. Live(250, 500)], await PlayedAsync(rig));
        var files = ArchiveJudge.FilesOf(rig.Recorder.Layout, Camera, "device");
        Assert.Equal(0, ArchiveJudge.AssertChained(files, rig.Recorder.Data));
        var sounding = files.Select(ArchiveJudge.ReadShared).Where(f => Fmp4InitReader.TryRead(f, out var tracks, out _) && tracks!.Count == 2).ToList();
        Assert.Equal(soundFrom > 250 ? 1 : files.Count, sounding.Count);
        var packets = sounding.SelectMany(PacketsIn).ToList();
        // Frame n comes behind packet 2n. The gap begins with keyframe 250; sound that is new in it waits for the next one, 325.
        int first = soundFrom > 250 ? 651 : 501;
        Assert.Equal(Enumerable.Range(first, 1500 - first).Select(n => (long)n), packets.Order());
    }

    [Fact]
    public async Task Of_a_device_whose_addresses_carry_the_range_only_what_it_has_is_asked_for_and_never_from_before()
    {
        await using var rig = await RigAsync();
        await using var media = await MediaAsync(rig);
        media.BeginsExactly = true;

        var progress = await ImportAsync(rig, r =>
        {
            (r.Url, r.UrlTimes, r.UrlZoneOffsetUs) = ("rtsp://10.0.0.7/tracks/101?starttime={from}&endtime={to}", "basic", 3_600_000_000);
            r.TlsCertificateSha256 = new string('a', 64);
            r.Has.Add(Had(0, 15));
            r.Has.Add(Had(20, 26));
            r.Has.Add(Had(29, 40));
        });

        Assert.Equal(11_000, progress.MissingMs);
        // From ten seconds before the first gap; of the second stretch from its own beginning, and the third is too short a hole.
        Assert.Equal([(0d, 15d), (20d, 26d)], media.Requests.Select(r => (SecondsOf(r.FromUnixUs), SecondsOf(r.ToUnixUs))));
        Assert.All(media.Requests, r => Assert.Equal(("basic", 3_600_000_000, new string('a', 64)), (r.UrlTimes, r.UrlZoneOffsetUs, r.TlsCertificateSha256)));
        Assert.Equal([(15d, 20d, "cameraOffline"), (26d, 30d, "cameraOffline")], Stretches(await TimelineAsync(rig), "gaps", "cause"));
    }

    [Fact]
    public async Task Without_media_nothing_is_changed_and_the_caller_learns_why()
    {
        await using var rig = await RigAsync();
        var away = await Assert.ThrowsAsync<RpcException>(() => ImportAsync(rig));
        Assert.Equal("mediaAway", away.Detail.Split(':')[0]);
        Assert.Equal([.. Live(0, 250), .. Live(250, 500)], await PlayedAsync(rig));
    }

    [Fact]
    public async Task Only_what_was_lost_is_asked_for_when_that_is_wanted()
    {
        await using var rig = await RigAsync();
        await using var media = await MediaAsync(rig);
        var progress = await ImportAsync(rig, r => (r.FromUnixMs, r.LostOnly) = (r.FromUnixMs - 60_000, true));
        Assert.Equal(20_000, progress.MissingMs);
        Assert.Single(media.Requests);
    }

    [Fact]
    public async Task A_wish_that_makes_no_sense_is_refused()
    {
        await using var rig = await RigAsync();
        foreach (var wrong in (Action<ImportFootageRequest>[])[r => r.CameraId = "../x", r => r.ToUnixMs = r.FromUnixMs, r => r.ToUnixMs = r.FromUnixMs + 90_000_000, r => r.Source = new string('x', 301)])
        {
            Assert.Equal(RpcStatus.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => ImportAsync(rig, wrong))).Status);
        }
    }

    private static FootageRange Had(double from, double to) =>
        new() { FromUnixMs = ExportRig.Start.AddSeconds(from).ToUnixTimeMilliseconds(), ToUnixMs = ExportRig.Start.AddSeconds(to).ToUnixTimeMilliseconds() };

    private static double SecondsOf(long unixUs) => (unixUs - (ExportRig.Start.ToUnixTimeMilliseconds() * 1000)) / 1e6;

    /// <summary>The numbers of the sound's packets in a file.</summary>
    private static IEnumerable<long> PacketsIn(byte[] file)
    {
        for (int at = 0; at + 8 <= file.Length; at++)
        {
            if (BinaryPrimitives.ReadUInt64BigEndian(file.AsSpan(at)) is var word && (word & 0xFFFF_FFFF_0000_0000) == DeviceMedia.SoundMark)
            {
                yield return (long)(word - DeviceMedia.SoundMark);
            }
        }
    }

    private static async Task<ExportRig> RigAsync()
    {
        var rig = await ExportRig.StartAsync();
        await rig.RecordAsync(Camera, 10, feed =>
        {
            feed.Interrupt(TimeSpan.FromSeconds(20), GapCause.CameraOffline, restartClock: true);
            feed.Append(10 * Rate);
        });
        return rig;
    }

    private static async Task<DeviceMedia> MediaAsync(ExportRig rig) => await DeviceMedia.StartAsync(rig.Recorder.Run, await Footage.LoadAsync(), ExportRig.Start);

    private static async Task<ImportFootageProgress> ImportAsync(ExportRig rig, Action<ImportFootageRequest>? change = null)
    {
        var request = new ImportFootageRequest
        {
            CameraId = Camera,
            CameraName = "Gate",
            SiteId = "site1",
            FromUnixMs = ExportRig.Start.ToUnixTimeMilliseconds(),
            ToUnixMs = ExportRig.Start.AddSeconds(40).ToUnixTimeMilliseconds(),
            Url = "rtsp://10.0.0.7/replay",
            Source = "10.0.0.7",
        };
        change?.Invoke(request);
        using var recorder = new RpcChannel(new Uri("unix://" + Path.Combine(rig.Recorder.Run, "planes", "recorder.rpc.sock")));
        ImportFootageProgress? last = null;
        await foreach (var progress in recorder.ServerStreamingAsync(
            "vms.recorder.v1.RecorderPlane/ImportFootage", request, ImportFootageProgress.Parser, TimeSpan.FromSeconds(60), CancellationToken.None))
        {
            last = progress;
        }

        return last!;
    }

    private static HttpClient Client(ExportRig rig, out string query)
    {
        var (from, to) = (ExportRig.Start, ExportRig.Start.AddSeconds(40));
        var http = rig.Http(out string ticket, new Ticket(TicketKind.Playback, "anna", [Camera], TimeProvider.System.GetUtcNow().AddHours(1), from, to));
        query = $"?from={from:yyyy-MM-dd'T'HH:mm:ss'Z'}&to={to:yyyy-MM-dd'T'HH:mm:ss'Z'}&ticket={ticket}";
        return http;
    }

    private static async Task<List<long>> PlayedAsync(ExportRig rig)
    {
        using var http = Client(rig, out string query);
        return Footage.CountersIn(await http.GetByteArrayAsync($"/api/cameras/{Camera}/clip.mp4{query}"));
    }

    private static async Task<JsonElement> TimelineAsync(ExportRig rig, string more = "")
    {
        using var http = Client(rig, out string query);
        return await http.GetFromJsonAsync<JsonElement>($"/api/cameras/{Camera}/timeline{query}{more}");
    }

    private static List<(double From, double To, string Word)> Stretches(JsonElement timeline, string of, string word) =>
    [
        .. timeline.GetProperty(of).EnumerateArray().Select(s => (
            Seconds(s.GetProperty("from")), Seconds(s.GetProperty("to")), s.TryGetProperty(word, out var value) ? value.GetString()! : "")),
    ];

    private static double Seconds(JsonElement time) => Math.Round((time.GetDateTimeOffset() - ExportRig.Start).TotalSeconds, 1);

    private static IEnumerable<long> Live(long first, long end) => Numbers(first, end);

    private static IEnumerable<long> Device(long first, long end) => Numbers(DeviceMedia.First + first, DeviceMedia.First + end);

    private static IEnumerable<long> Numbers(long first, long end)
    {
        for (long i = first; i < end; i++)
        {
            yield return i;
        }
    }

    private static List<string> HashesOf(IReadOnlyList<string> files) => [.. files.Select(f => Convert.ToHexString(SHA256.HashData(ArchiveJudge.ReadShared(f))))];
}
