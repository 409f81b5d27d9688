using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Tests.Playback;
using Vms.Recorder.Tests.Support;
using Vms.Rpc;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Pictures;

/// <summary>Stills for events that the stream log no longer knows: the very picture of the moment, out of the archive.</summary>
public sealed class RecordedStillsTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.97, 24)]
    [InlineData(3.5, 87)]
    [InlineData(9.99, 249)]
    public async Task The_picture_of_the_moment_is_shown_and_not_the_keyframe_before_it(double seconds, int frame)
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await VideoFootage.LoadAsync(FootageSpec.Small), 0, 250);      // a keyframe a second
        await AssertShowsAsync(rig, seconds, frame);
    }

    [Fact]
    public async Task H265_is_decoded_forward_too()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await VideoFootage.LoadAsync(FootageSpec.SmallH265), 0, 100);
        await AssertShowsAsync(rig, 2.5, 62);
    }

    [Theory]
    [InlineData(1.0, 25)]
    [InlineData(1.055, 26)]
    [InlineData(1.1, 27)]
    [InlineData(1.135, 28)]
    [InlineData(1.5, 37)]
    [InlineData(1.97, 49)]
    public async Task Where_pictures_are_reordered_it_is_the_last_that_was_shown_by_then(double seconds, int frame)
    {
        var footage = await VideoFootage.LoadAsync(FootageSpec.Small with { Name = "small-pyramid", BFrames = 3 });
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(footage, await FfProbe.DisplayOrderAsync(footage.Path), 75);
        await AssertShowsAsync(rig, seconds, frame);
    }

    [Fact]
    public async Task Where_nothing_is_recorded_there_is_none()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await VideoFootage.LoadAsync(FootageSpec.Small), 0, 50);
        Assert.Null(await rig.Stills.AtAsync(rig.Camera, "main", PlaybackRig.Start.AddSeconds(-5), 640, CancellationToken.None));
        Assert.Null(await rig.Stills.AtAsync(rig.Camera, "main", PlaybackRig.Start.AddSeconds(5), 640, CancellationToken.None));
        Assert.Null(await rig.Stills.AtAsync(rig.Camera, "sub", PlaybackRig.Start.AddSeconds(1), 640, CancellationToken.None));
    }

    [Fact]
    public async Task The_recorder_gives_control_the_picture_of_what_it_is_just_recording()
    {
        await using var rig = await new RecorderRig(await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync(), settings: "--VMS_PREVIEW_SECONDS=0").StartAsync();
        await Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available);
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), TimeProvider.System.GetUtcNow().AddSeconds(-30));
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(25 * 5);
        await rig.WrittenAsync("cam1", feed);
        using var channel = new RpcChannel(new Uri("unix://" + Path.Combine(rig.Run, "planes", "recorder.rpc.sock")));
        var at = feed.Start.AddSeconds(2.5);
        var still = await TakeAsync(channel, at);
        Assert.InRange(at.ToUnixTimeMilliseconds() - still.CapturedAtUnixMs, 0, 45);
        Assert.Equal([0xFF, 0xD8], still.Jpeg.Take(2));
        var none = await Assert.ThrowsAsync<RpcException>(() => TakeAsync(channel, feed.Start.AddMinutes(-10)));
        Assert.Equal(RpcStatus.NotFound, none.Status);
        Assert.StartsWith("noRecording:", none.Detail, StringComparison.Ordinal);
    }

    private static Task<RecordedStill> TakeAsync(RpcChannel channel, DateTimeOffset at) => channel.UnaryAsync(
        "vms.recorder.v1.RecorderPlane/TakeRecordedStill",
        new TakeRecordedStillRequest { CameraId = "cam1", Stream = "main", AtUnixMs = at.ToUnixTimeMilliseconds() },
        RecordedStill.Parser, TimeSpan.FromSeconds(60), CancellationToken.None);

    private static async Task AssertShowsAsync(PlaybackRig rig, double seconds, int frame)
    {
        var still = await rig.Stills.AtAsync(rig.Camera, "main", PlaybackRig.Start.AddSeconds(seconds), 640, CancellationToken.None);
        Assert.NotNull(still);
        Assert.Equal(PlaybackRig.Start.AddSeconds(frame / 25.0), still.Value.CapturedAt, TimeSpan.FromMilliseconds(1));
        using var directory = new TestDirectory();
        await File.WriteAllBytesAsync(directory["still.jpg"], still.Value.Picture.Bytes.ToArray());
        Assert.Equal([frame], await FfProbe.FrameNumbersAsync(directory["still.jpg"]));
    }
}
