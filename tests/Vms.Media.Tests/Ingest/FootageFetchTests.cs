using Vms.Contracts.Media;
using Vms.Media.Ingest.Replay;
using Vms.Testing.FakeCamera;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Ingest;

/// <summary>What a camera has recorded, fetched over real sockets. Frame n of its recording was captured n / 25 s behind <see cref="Start"/>; a keyframe is every 25th.</summary>
public sealed class FootageFetchTests
{
    private const int Rate = 25;

    private static readonly DateTimeOffset Start = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Every_picture_of_a_stretch_comes_once_with_the_time_it_was_recorded_at()
    {
        await using var camera = await CameraAsync(new FakeRecording { Start = Start });

        var (footage, code) = await FetchAsync(camera, 60.5, 70);

        Assert.Null(code);
        Assert.Equal((640, 360), (footage[0].Track.Width, footage[0].Track.Height));
        var samples = Samples(footage);
        Assert.Equal(Enumerable.Range(60 * Rate, samples.Count), samples.Select(FrameOf));
        Assert.InRange(FrameOf(samples[^1]), 70 * Rate, (72 * Rate) - 1);
        Assert.All(samples, s => Assert.InRange(s.CaptureUnixUs - CapturedUs(FrameOf(s)), -2, 2));
        Assert.All(samples, s => Assert.Equal(FrameOf(s) % Rate == 0, s.Keyframe));
        Assert.Equal([samples[0]], samples.Where(s => s.Discontinuity));
        Assert.Equal(1, camera.Camera(1).Plays);
    }

    [Fact]
    public async Task The_devices_clock_is_put_right_both_ways()
    {
        var offset = TimeSpan.FromMinutes(-37);
        await using var camera = await CameraAsync(new FakeRecording { Start = Start, ClockOffset = offset });

        var (footage, code) = await FetchAsync(camera, 60, 62, offset: offset);

        Assert.Null(code);
        Assert.All(Samples(footage), s => Assert.InRange(s.CaptureUnixUs - CapturedUs(FrameOf(s)), -2, 2));
        Assert.Equal(60 * Rate, FrameOf(Samples(footage)[0]));
    }

    [Fact]
    public async Task A_hole_of_the_devices_recording_is_told_and_what_follows_has_its_own_times()
    {
        await using var camera = await CameraAsync(new FakeRecording { Start = Start, Holes = [1560..1710] });

        var samples = Samples((await FetchAsync(camera, 60, 75)).Footage);

        Assert.Equal([1500, 1725], samples.Where(s => s.Discontinuity).Select(FrameOf));
        Assert.DoesNotContain(samples, s => FrameOf(s) is >= 1560 and < 1725);
        Assert.All(samples, s => Assert.InRange(s.CaptureUnixUs - CapturedUs(FrameOf(s)), -2, 2));
    }

    [Fact]
    public async Task Times_of_keyframes_are_enough()
    {
        await using var camera = await CameraAsync(new FakeRecording { Start = Start, TellsTimesOfKeyframes = true });
        var samples = Samples((await FetchAsync(camera, 60, 65)).Footage);
        Assert.True(samples.Count > 5 * Rate);
        Assert.All(samples, s => Assert.InRange(s.CaptureUnixUs - CapturedUs(FrameOf(s)), -2, 2));
    }

    [Fact]
    public async Task A_recorder_that_knows_ranges_and_not_the_replay_feature_is_asked_without_it()
    {
        await using var camera = await CameraAsync(new FakeRecording { Start = Start, LacksFeature = true });
        var (footage, code) = await FetchAsync(camera, 60, 62);
        Assert.Null(code);
        Assert.True(Samples(footage).Count >= 2 * Rate);
        Assert.Equal(2, camera.Camera(1).Plays);
    }

    [Fact]
    public async Task Of_a_device_that_has_only_a_part_that_part_comes()
    {
        await using var camera = await CameraAsync(new FakeRecording { Start = Start, Frames = 62 * Rate });
        var (footage, code) = await FetchAsync(camera, 60, 61.5);
        Assert.Null(code);
        Assert.Equal(60 * Rate, FrameOf(Samples(footage)[0]));
        Assert.Equal((62 * Rate) - 1, FrameOf(Samples(footage)[^1]));
    }

    [Fact]
    public async Task What_came_before_a_device_died_is_good()
    {
        await using var camera = await CameraAsync(new FakeRecording { Start = Start, BreaksAfter = 100 });
        var (footage, code) = await FetchAsync(camera, 60, 90);
        Assert.Equal(FootageFetchException.BrokeOff, code);
        Assert.InRange(Samples(footage).Count, 1, 100);
    }

    [Fact]
    public async Task A_device_that_sends_reports_and_no_more_pictures_is_given_up()
    {
        await using var camera = await CameraAsync(new FakeRecording { Start = Start, SilentAfter = 100 });
        var (footage, code) = await FetchAsync(camera, 60, 90);
        Assert.Equal(FootageFetchException.BrokeOff, code);
        Assert.InRange(Samples(footage).Count, 90, 100);
    }

    /// <summary>Device, seconds asked for, what is said of it.</summary>
    public static TheoryData<FakeRecording, double, string> Refusals => new()
    {
        { new FakeRecording { Start = Start, TellsNoTimes = true }, 60, FootageFetchException.NoTimes },
        { new FakeRecording { Start = Start, PlaysLater = TimeSpan.FromHours(-2) }, 3 * 3600, FootageFetchException.WrongTimes },
        { new FakeRecording { Start = Start, Frames = 250 }, 60, FootageFetchException.NoFootage },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task A_device_that_gives_nothing_of_use_is_told_apart(FakeRecording recording, double from, string expected)
    {
        ArgumentNullException.ThrowIfNull(recording);
        await using var camera = await CameraAsync(recording);
        Assert.Equal(expected, (await FetchAsync(camera, from, from + 10)).Code);
    }

    [Fact]
    public async Task Refused_credentials_are_told_apart_and_tried_once()
    {
        await using var camera = await CameraAsync(new FakeRecording { Start = Start }, RtspAuthentication.DigestMd5);
        Assert.Equal(FootageFetchException.BadCredentials, (await FetchAsync(camera, 60, 62, password: "wrong")).Code);
        Assert.Equal(1, camera.Camera(1).WrongPasswords);
        Assert.Null((await FetchAsync(camera, 60, 62, password: "secret")).Code);
    }

    /// <summary>How a recorder reports while it plays, and whether that is of use.</summary>
    public static TheoryData<FakeRecording, string, double> ByUrl => new()
    {
        { new FakeRecording { Start = Start, PlaysByUrl = true }, "basic", 0 },
        { new FakeRecording { Start = Start, PlaysByUrl = true, Zone = TimeSpan.FromHours(8), ClockOffset = TimeSpan.FromMinutes(-37) }, "basic", -37 },
        { new FakeRecording { Start = Start, PlaysByUrl = true, Zone = TimeSpan.FromHours(-3.5), ReportsSendingTimes = true }, "underscores", 0 },
        { new FakeRecording { Start = Start, PlaysByUrl = true, ReportsRecordedTimes = true }, "underscores", 0 },
    };

    [Theory, MemberData(nameof(ByUrl))]
    public async Task A_recorder_whose_address_carries_the_range_gives_it_and_its_beginning_is_the_time_of_the_first_picture(FakeRecording recording, string form, double offsetMinutes)
    {
        ArgumentNullException.ThrowIfNull(recording);
        await using var camera = await CameraAsync(recording);
        var offset = TimeSpan.FromMinutes(offsetMinutes);

        var (footage, code) = await FetchAsync(camera, 60, 70, offset, change: r => ByUrlOf(r, form, recording.Zone));

        Assert.Null(code);
        var samples = Samples(footage);
        Assert.Equal(Enumerable.Range(60 * Rate, samples.Count), samples.Select(FrameOf));
        Assert.InRange(FrameOf(samples[^1]), 70 * Rate, (72 * Rate) - 1);
        Assert.All(samples, s => Assert.InRange(s.CaptureUnixUs - CapturedUs(FrameOf(s)), -20, 20));
        Assert.Equal([samples[0]], samples.Where(s => s.Discontinuity));
    }

    [Fact]
    public async Task A_report_behind_the_first_picture_says_that_the_recorder_began_before_what_it_was_asked_for()
    {
        var early = TimeSpan.FromSeconds(-0.4);
        await using var camera = await IngestRig.CameraAsync(o => o with
        {
            Recording = new FakeRecording { Start = Start + early, PlaysByUrl = true, ReportsRecordedTimes = true, ReportsBehind = true },
            SideTracks = [SideTrack.PcmA],
        });
        var (footage, code) = await FetchAsync(camera, 60, 70, change: r => ByUrlOf(r, "basic", TimeSpan.Zero));

        Assert.Null(code);
        var samples = Samples(footage);
        Assert.Equal(Enumerable.Range(60 * Rate, samples.Count), samples.Select(FrameOf));
        Assert.True(samples[^1].CaptureUnixUs >= UnixUs(Start.AddSeconds(70)));
        Assert.All(samples, s => Assert.InRange(s.CaptureUnixUs - CapturedUs(FrameOf(s)) - (long)early.TotalMicroseconds, -20, 20));
        Assert.Equal([samples[0]], samples.Where(s => s.Discontinuity));
        // Its sound, of which nobody reports, begins with it.
        var sound = footage.First(f => f.Sample is { TrackId: 1 }).Sample;
        Assert.InRange(sound.CaptureUnixUs - samples[0].CaptureUnixUs, -50_000, 150_000);
    }

    [Fact]
    public async Task A_hole_that_only_sender_reports_tell_of_puts_the_times_right_where_they_do()
    {
        await using var camera = await CameraAsync(new FakeRecording { Start = Start, PlaysByUrl = true, ReportsRecordedTimes = true, Holes = [1560..1710] });
        var samples = Samples((await FetchAsync(camera, 60, 75, change: r => ByUrlOf(r, "basic", TimeSpan.Zero))).Footage);
        Assert.Equal([1500, 1725], samples.Where(s => s.Discontinuity).Select(FrameOf));
        Assert.All(samples, s => Assert.InRange(s.CaptureUnixUs - CapturedUs(FrameOf(s)), -20, 20));
    }

    [Fact]
    public async Task A_recorder_that_has_nothing_at_such_an_address_has_nothing_of_the_time()
    {
        await using var camera = await CameraAsync(new FakeRecording { Start = Start, PlaysByUrl = true, Frames = 250 });
        Assert.Equal(FootageFetchException.NoFootage, (await FetchAsync(camera, 60, 70, change: r => ByUrlOf(r, "basic", TimeSpan.Zero))).Code);
        Assert.Equal(FootageFetchException.ProtocolViolation, (await FetchAsync(camera, 60, 70, change: r => ByUrlOf(r, "unheard", TimeSpan.Zero))).Code);
    }

    /// <summary>Sound, by address, samples a packet.</summary>
    public static TheoryData<SideTrack, bool, int> Sounds => new()
    {
        { SideTrack.PcmA, false, 1 },
        { SideTrack.Opus, false, 1 },
        { SideTrack.Aac, false, 2 },
        { SideTrack.PcmA, true, 1 },
        { SideTrack.Aac, true, 2 },
    };

    [Theory, MemberData(nameof(Sounds))]
    public async Task Its_sound_comes_with_the_pictures_and_with_the_times_of_its_own(SideTrack track, bool byUrl, int samplesAPacket)
    {
        ArgumentNullException.ThrowIfNull(track);
        await using var camera = await IngestRig.CameraAsync(o => o with { Recording = new FakeRecording { Start = Start, PlaysByUrl = byUrl }, SideTracks = [SideTrack.Speex, track] });

        var (footage, code) = await FetchAsync(camera, 60, 70, change: r =>
        {
            if (byUrl)
                ByUrlOf(r, "basic", TimeSpan.Zero);
        });

        Assert.Null(code);
        Assert.Equal([0, 1], footage.Where(f => f.Track is not null).Select(f => f.Track.Id));
        var sound = footage.Select(f => f.Sample).OfType<FootageSample>().Where(s => s.TrackId == 1).ToList();
        double sampleUs = 1e6 * track.TicksPerPacket / track.ClockRate / samplesAPacket;
        Assert.InRange(sound.Count * sampleUs, 9.5e6, 12e6);
        Assert.Equal([sound[0]], sound.Where(s => s.Discontinuity));
        // Sample n was recorded n samples behind the start; where the address alone says when, to within a packet.
        Assert.All(sound, s => Assert.InRange(
            s.CaptureUnixUs - UnixUs(Start) - (SideTrack.NumberOf(s.Payload.Span) * sampleUs), byUrl ? -2 * sampleUs * samplesAPacket : -2, 2));
        Assert.True(Samples(footage).Count >= 10 * Rate);
    }

    [Fact]
    public async Task Sound_without_times_is_left_out_and_the_pictures_come()
    {
        await using var camera = await IngestRig.CameraAsync(o => o with { Recording = new FakeRecording { Start = Start, TellsNoTimesOfSound = true }, SideTracks = [SideTrack.PcmA] });
        var (footage, code) = await FetchAsync(camera, 60, 62);
        Assert.Null(code);
        Assert.Equal([0], footage.Where(f => f.Track is not null).Select(f => f.Track.Id));
        Assert.True(Samples(footage).Count >= 2 * Rate);
    }

    private static void ByUrlOf(FetchFootageRequest request, string form, TimeSpan zone)
    {
        request.Url += "?channel=1&starttime={from}&endtime={to}";
        request.UrlTimes = form;
        request.UrlZoneOffsetUs = (long)zone.TotalMicroseconds;
    }

    private static async Task<FakeCameraServer> CameraAsync(FakeRecording recording, RtspAuthentication authentication = RtspAuthentication.None) =>
        await IngestRig.CameraAsync(o => o with { Recording = recording, Authentication = authentication });

    private static async Task<(List<Footage> Footage, string? Code)> FetchAsync(
        FakeCameraServer camera, double from, double to, TimeSpan offset = default, string password = "secret", Action<FetchFootageRequest>? change = null)
    {
        var request = new FetchFootageRequest
        {
            CameraId = "c1",
            Url = camera.UrlOf(1),
            Username = "admin",
            Password = password,
            FromUnixUs = UnixUs(Start.AddSeconds(from)),
            ToUnixUs = UnixUs(Start.AddSeconds(to)),
            ClockOffsetUs = (long)offset.TotalMicroseconds,
        };
        change?.Invoke(request);
        var all = new List<Footage>();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await foreach (var footage in new FootageFetch(request, IngestRig.Fast, TimeProvider.System).RunAsync(deadline.Token))
                all.Add(footage);
            return (all, null);
        }
        catch (FootageFetchException e)
        {
            return (all, e.Code);
        }
    }

    private static List<FootageSample> Samples(List<Footage> footage) => [.. footage.Select(f => f.Sample).OfType<FootageSample>().Where(s => s.TrackId == 0)];

    private static int FrameOf(FootageSample sample) => (int)FrameStamp.FindAll(sample.Payload.Span).Single().Frame;

    private static long CapturedUs(int frame) => UnixUs(Start) + (frame * 1_000_000L / Rate);

    private static long UnixUs(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
