using Vms.Contracts.Recorder;
using Vms.Recorder.Tests.Support;
using Vms.Rpc;

namespace Vms.Recorder.Tests.Recordings;

public sealed class RecorderPlaneTests
{
    private static readonly RpcCallOptions s_call = new(TimeSpan.FromSeconds(60));

    [Fact]
    public async Task A_generation_applied_changes_nothing_an_older_one_is_refused_a_newer_one_replaces()
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var channel = ChannelTo(rig);
        await StartAsync(channel, Spec(generation: 5, segmentSeconds: 60));
        await StartAsync(channel, Spec(generation: 5, segmentSeconds: 900));
        var refused = await Assert.ThrowsAsync<RpcException>(() => StartAsync(channel, Spec(generation: 4, segmentSeconds: 60)));
        Assert.Equal(RpcStatus.FailedPrecondition, refused.Status);
        await StartAsync(channel, Spec(generation: 6, segmentSeconds: 60));
        var recording = Assert.Single((await ListAsync(channel)).Recordings);
        Assert.Equal(6, recording.Generation);
        Assert.Equal("waiting", recording.State);
        Assert.Equal("streamLogMissing", recording.Reason);
    }

    [Theory]
    [InlineData("../etc", "main", "continuous", "fmp4")]
    [InlineData("cam1", "", "continuous", "fmp4")]
    [InlineData("cam1", "main", "sometimes", "fmp4")]
    [InlineData("cam1", "main", "continuous", "avi")]
    public async Task What_makes_no_sense_is_an_invalid_argument(string camera, string stream, string mode, string format)
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var channel = ChannelTo(rig);
        var spec = new RecordingSpec { CameraId = camera, Stream = stream, Mode = mode, Format = format, Generation = 1 };
        Assert.Equal(RpcStatus.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => StartAsync(channel, spec))).Status);
        Assert.Empty((await ListAsync(channel)).Recordings);
    }

    [Fact]
    public async Task Recordings_start_again_without_control_and_a_stopped_one_stays_stopped()
    {
        await using var rig = await new RecorderRig().StartAsync();
        using (var channel = ChannelTo(rig))
        {
            await StartAsync(channel, Spec(generation: 1, segmentSeconds: 60));
            var other = Spec(generation: 1, segmentSeconds: 60);
            other.CameraId = "cam2";
            await StartAsync(channel, other);
            await channel.UnaryAsync(
                Method("StopRecording"),
                new StopRecordingRequest { CameraId = "cam2", Stream = "main", Generation = 2 },
                StopRecordingReply.Parser,
                s_call,
                CancellationToken.None);
        }

        await rig.StopAsync();
        await rig.StartAsync();
        using var again = ChannelTo(rig);
        var states = (await ListAsync(again)).Recordings.ToDictionary(r => r.CameraId, r => r.State);
        Assert.Equal("waiting", states["cam1"]);
        Assert.False(states.TryGetValue("cam2", out string? state) && state != "stopped");
    }

    [Fact]
    public async Task Deleting_an_archive_tells_how_much_went()
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1");
        feed.Append(700);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopRecordingAsync("cam1");
        var files = rig.Files("cam1");
        long bytes = files.Sum(f => new FileInfo(f).Length);
        using var channel = ChannelTo(rig);
        var early = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(
            Method("DeleteArchive"), new DeleteArchiveRequest { CameraId = "cam1", KeptGeneration = 1, KeptListId = "of a hold on its way" },
            DeleteArchiveReply.Parser, s_call, CancellationToken.None));
        Assert.Equal(RpcStatus.FailedPrecondition, early.Status);
        Assert.Equal(files, rig.Files("cam1"));
        var reply = await channel.UnaryAsync(
            Method("DeleteArchive"), new DeleteArchiveRequest { CameraId = "cam1", KeptGeneration = 1 }, DeleteArchiveReply.Parser, s_call, CancellationToken.None);
        Assert.Equal(files.Count, reply.Segments);
        Assert.Equal(bytes, reply.Bytes);
        Assert.Empty(rig.Files("cam1"));
        Assert.Empty((await ListAsync(channel)).Recordings);
    }

    [Fact]
    public async Task A_file_that_is_being_written_is_left_and_said_to_be()
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1");
        feed.Append(50);
        await rig.WrittenAsync("cam1", feed);
        using var channel = ChannelTo(rig);
        var reply = await channel.UnaryAsync(
            Method("DeleteArchive"), new DeleteArchiveRequest { CameraId = "cam1", KeptGeneration = 1 }, DeleteArchiveReply.Parser, s_call, CancellationToken.None);
        Assert.Equal((0, 1), (reply.Segments, reply.FilesLeft));
        Assert.True(Assert.Single((await ListAsync(channel)).Recordings).Runs);
        Assert.Single(rig.Files("cam1"));
    }

    private static RecordingSpec Spec(long generation, int segmentSeconds) => new()
    {
        CameraId = "cam1",
        Stream = "main",
        Mode = "continuous",
        Format = "fmp4",
        SegmentSeconds = segmentSeconds,
        Generation = generation,
    };

    private static RpcChannel ChannelTo(RecorderRig rig) => new(new Uri($"unix://{Path.Combine(rig.Run, "planes", "recorder.rpc.sock")}"));

    private static string Method(string name) => "vms.recorder.v1.RecorderPlane/" + name;

    private static Task<StartRecordingReply> StartAsync(RpcChannel channel, RecordingSpec spec) =>
        channel.UnaryAsync(Method("StartRecording"), spec, StartRecordingReply.Parser, s_call, CancellationToken.None);

    private static Task<RecordingList> ListAsync(RpcChannel channel) =>
        channel.UnaryAsync(Method("ListRecordings"), new ListRecordingsRequest(), RecordingList.Parser, s_call, CancellationToken.None);
}
