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

    private static async Task<FakeCameraServer> CameraAsync(FakeRecording recording, RtspAuthentication authentication = RtspAuthentication.None) =>
        await IngestRig.CameraAsync(o => o with { Recording = recording, Authentication = authentication });

    private static async Task<(List<Footage> Footage, string? Code)> FetchAsync(
        FakeCameraServer camera, double from, double to, TimeSpan offset = default, string password = "secret")
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

    private static List<FootageSample> Samples(List<Footage> footage) => [.. footage.Select(f => f.Sample).OfType<FootageSample>()];

    private static int FrameOf(FootageSample sample) => (int)FrameStamp.FindAll(sample.Payload.Span).Single().Frame;

    private static long CapturedUs(int frame) => UnixUs(Start) + (frame * 1_000_000L / Rate);

    private static long UnixUs(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
