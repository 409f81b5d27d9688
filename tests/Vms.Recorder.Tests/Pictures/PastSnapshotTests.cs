using System.Globalization;
using System.Net;
using System.Text.Json;
using Vms.Codecs;
using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.Playback;
using Vms.Recorder.Tests.Playback;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Recorder.Tests.Pictures;

/// <summary>Stills of the archive: the keyframe at or before a time, or why there is none.</summary>
public sealed class PastSnapshotTests
{
    private static readonly FootageSpec s_footage = FootageSpec.Small;      // 640×360, a keyframe a second

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.96, 0)]
    [InlineData(1, 25)]
    [InlineData(3.5, 75)]
    [InlineData(9.99, 225)]
    public async Task The_last_keyframe_at_or_before_the_time_is_shown(double seconds, int frame)
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 250);
        using var answer = await rig.Http.GetAsync(Url(rig, seconds));
        Assert.Equal((HttpStatusCode.OK, "image/jpeg"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal(PlaybackRig.Start.AddSeconds(frame / 25.0), CapturedAt(answer));
        using var directory = new TestDirectory();
        await File.WriteAllBytesAsync(directory["snapshot.jpg"], await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal([frame], await FfProbe.FrameNumbersAsync(directory["snapshot.jpg"]));
    }

    [Fact]
    public async Task It_is_scaled_down_to_the_width_and_never_enlarged()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 50);
        Assert.Equal((320, 180), await SizeAsync(rig, Url(rig, 1) + "&width=320"));
        Assert.Equal((640, 360), await SizeAsync(rig, Url(rig, 1) + "&width=4000"));
    }

    [Fact]
    public async Task An_H265_recording_has_stills_too()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await VideoFootage.LoadAsync(FootageSpec.SmallH265), 0, 100);
        using var directory = new TestDirectory();
        await File.WriteAllBytesAsync(directory["snapshot.jpg"], await rig.Http.GetByteArrayAsync(Url(rig, 2.5)));
        Assert.Equal([50], await FfProbe.FrameNumbersAsync(directory["snapshot.jpg"]));
    }

    [Fact]
    public async Task In_a_gap_the_answer_says_why_there_is_none_and_from_when_to_when()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await VideoFootage.LoadAsync(s_footage);
        await rig.RecordAsync(footage, 0, 100);
        await rig.RecordAsync(footage, 200, 50);
        await rig.PutAsync(new GapPut(new GapRow(
            Guid.NewGuid(), rig.Camera, "main", PlaybackRig.Start.AddSeconds(4), PlaybackRig.Start.AddSeconds(8), GapCause.CameraOffline, Open: false, 1)));

        var inside = await ProblemAsync(rig, Url(rig, 6));
        Assert.Equal((404, "noRecording"), (inside.GetProperty("status").GetInt32(), inside.GetProperty("code").GetString()));
        Assert.Equal(
            ("cameraOffline", PlaybackRig.Time(4), PlaybackRig.Time(8)),
            (inside.GetProperty("cause").GetString(), inside.GetProperty("from").GetString(), inside.GetProperty("to").GetString()));
        var before = await ProblemAsync(rig, Url(rig, -60));
        Assert.Equal("noRecording", before.GetProperty("code").GetString());
        Assert.False(before.TryGetProperty("cause", out _));

        using var behind = await rig.Http.GetAsync(Url(rig, 8.2));
        Assert.Equal(PlaybackRig.Start.AddSeconds(8), CapturedAt(behind));
    }

    [Fact]
    public async Task Right_behind_the_end_of_a_recording_its_last_picture_still_counts()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 100);
        using var answer = await rig.Http.GetAsync(Url(rig, 4.3));
        Assert.Equal(PlaybackRig.Start.AddSeconds(3), CapturedAt(answer));
        Assert.Equal("noRecording", (await ProblemAsync(rig, Url(rig, 5))).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_segment_that_is_still_being_written_has_stills()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await Vms.Recorder.Tests.Support.Footage.LoadAsync(), 0, 60, close: false);
        using var answer = await rig.Http.GetAsync(Url(rig, 1.9));
        Assert.Equal(PlaybackRig.Start.AddSeconds(1), CapturedAt(answer));
    }

    [Fact]
    public async Task A_damaged_keyframe_is_no_picture_and_is_noted_down()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var file = await rig.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 250);
        await using (var stream = new FileStream(file.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            var table = Table(await rig.SegmentsAsync());
            stream.Position = table[3].Offset + (table[3].Length / 2);
            int old = stream.ReadByte();
            stream.Position--;
            stream.WriteByte((byte)~old);
        }

        Assert.Equal("recordingUnreadable", (await ProblemAsync(rig, Url(rig, 3.7))).GetProperty("code").GetString());
        await Eventually.TrueAsync(async () => (await ProblemAsync(rig, Url(rig, 3.7))).TryGetProperty("cause", out var cause) && cause.GetString() == "damaged");
        using var behind = await rig.Http.GetAsync(Url(rig, 4.5));
        Assert.Equal(PlaybackRig.Start.AddSeconds(4), CapturedAt(behind));
    }

    [Fact]
    public async Task A_ticket_is_for_its_camera_its_time_and_for_playback()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 100);
        string within = rig.Sign(PlaybackRig.Start.AddSeconds(1), PlaybackRig.Start.AddSeconds(2));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(rig, Url(rig, 1.5, within)));
        Assert.Equal("outsideTicket", (await ProblemAsync(rig, Url(rig, 2.5, within))).GetProperty("code").GetString());
        foreach (string other in (string[])[rig.Sign(kind: TicketKind.Snapshot), rig.Sign(camera: "other"), "x"])
        {
            Assert.Equal("ticketRequired", (await ProblemAsync(rig, Url(rig, 1.5, other))).GetProperty("code").GetString());
        }
    }

    [Theory]
    [InlineData("at")]
    [InlineData("at", "at=yesterday")]
    [InlineData("width", "at=2026-11-21T09:30:00Z", "width=9")]
    [InlineData("width", "at=2026-11-21T09:30:00Z", "width=wide")]
    [InlineData("stream", "at=2026-11-21T09:30:00Z", "stream=..")]
    public async Task What_cannot_be_meant_is_refused_with_the_name_of_the_parameter(string field, params string[] query)
    {
        await using var rig = await PlaybackRig.StartAsync();
        var problem = await ProblemAsync(rig, $"snapshot.jpg?{string.Join('&', query)}&ticket={rig.Ticket}");
        Assert.Equal(field, Assert.Single(problem.GetProperty("fields").EnumerateArray()).GetProperty("field").GetString());
    }

    [Fact]
    public async Task More_than_may_wait_are_told_to_come_again()
    {
        await using var rig = await PlaybackRig.StartAsync(new PlaybackOptions { MaxPicturesWaiting = 0 });
        await rig.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 50);
        using var answer = await rig.Http.GetAsync(Url(rig, 1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Fact]
    public async Task Those_who_ask_for_the_same_picture_share_it_and_what_is_kept_has_a_ceiling()
    {
        const int Ceiling = 250_000;
        await using var rig = await PlaybackRig.StartAsync(new PlaybackOptions { MaxPictureBytes = Ceiling });
        await rig.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 250);
        var same = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => rig.Http.GetByteArrayAsync(Url(rig, 1 + (i / 20.0)))));
        Assert.All(same, picture => Assert.Equal(same[0], picture));
        long all = 0;
        for (int second = 0; second < 10; second++)
        {
            all += (await rig.Http.GetByteArrayAsync(Url(rig, second))).Length;
            Assert.InRange(rig.Pictures.KeptBytes, 1, Ceiling);
        }

        Assert.True(all > Ceiling, $"{all} bytes are not enough to show it");
    }

    private static Vms.Containers.FragmentEntry[] Table(IReadOnlyList<SegmentRow> segments)
    {
        Assert.True(Vms.Containers.GopTable.TryDecode(segments[0].Gops.Span, out var table));
        return table;
    }

    private static string Url(PlaybackRig rig, double seconds, string? ticket = null) =>
        $"snapshot.jpg?at={PlaybackRig.Time(seconds)}&ticket={ticket ?? rig.Ticket}";

    private static DateTimeOffset CapturedAt(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return DateTimeOffset.Parse(Assert.Single(answer.Headers.GetValues("X-Vms-Captured-At")), CultureInfo.InvariantCulture);
    }

    private static async Task<HttpStatusCode> StatusAsync(PlaybackRig rig, string url)
    {
        using var answer = await rig.Http.GetAsync(url);
        return answer.StatusCode;
    }

    private static async Task<JsonElement> ProblemAsync(PlaybackRig rig, string url)
    {
        using var answer = await rig.Http.GetAsync(url);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    private static async Task<(int Width, int Height)> SizeAsync(PlaybackRig rig, string url)
    {
        using var directory = new TestDirectory();
        await File.WriteAllBytesAsync(directory["snapshot.jpg"], await rig.Http.GetByteArrayAsync(url));
        var picture = await FfProbe.InspectAsync(directory["snapshot.jpg"]);
        return (picture.Width, picture.Height);
    }
}
