using Vms.Contracts.Media;
using Vms.Media.Ingest;
using Vms.Media.Streams;
using Vms.Testing;
using Vms.Testing.FakeCamera;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Ingest;

public sealed class PullingTests
{
    /// <summary>Transport, portable implementation, wire-paced.</summary>
    public static TheoryData<Transport, bool, bool> Ways => new()
    {
        { Transport.Tcp, false, false },
        { Transport.Tcp, false, true },
        { Transport.Tcp, true, true },
        { Transport.Udp, false, false },
        { Transport.Udp, false, true },
        { Transport.Udp, true, true },
        { Transport.Auto, false, false },
    };

    [Theory, MemberData(nameof(Ways))]
    public async Task Every_frame_comes_exactly_once(Transport transport, bool portable, bool wirePaced)
    {
        await using var server = await IngestRig.CameraAsync(o => o with { WirePaced = wirePaced });
        await using var rig = new IngestRig(IngestRig.Fast with { Portable = portable });
        var pipeline = rig.Pull(server.UrlOf(1), s => s.Transport = transport);
        using var log = new LogReading(pipeline);

        await log.UntilCountAsync(50);

        log.AssertGapless();
        Assert.True(log.Samples[0].Header.IsKeyframe);
        Assert.Equal(PullStateKind.Online, pipeline.State.Kind);
        Assert.Equal(0, pipeline.Counters.LostPackets);
        Assert.Equal(0, pipeline.Counters.MalformedPackets);
        var track = Assert.Single(pipeline.Live.Tracks);
        Assert.Equal((640, 360), (track.Width, track.Height));
    }

    /// <summary>What a camera does differently; every frame comes all the same.</summary>
    public static TheoryData<string> Quirks => new()
    {
        nameof(FakeCameraFaults.RtpBeforePlayReply),
        nameof(FakeCameraFaults.NoMarker),
        nameof(FakeCameraFaults.NoParameterSetsInSdp),
        nameof(FakeCameraFaults.NoParameterSetsInBand),
        nameof(FakeCameraFaults.NoSenderReports),
        nameof(FakeCameraFaults.RefuseUdp),
    };

    [Theory, MemberData(nameof(Quirks))]
    public async Task A_camera_with_a_quirk_is_pulled_all_the_same(string quirk)
    {
        await using var server = await IngestRig.CameraAsync();
        typeof(FakeCameraFaults).GetProperty(quirk)!.SetValue(server.Camera(1).Faults, true);
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);

        await log.UntilCountAsync(30);

        // What overtakes the answer to PLAY is one frame; the camera then waits for its next keyframe without a hole in its numbers.
        if (quirk == nameof(FakeCameraFaults.RtpBeforePlayReply) && log.Samples[1].Stamp.Frame > log.Samples[0].Stamp.Frame + 1)
            log.Samples.RemoveAt(0);
        log.AssertGapless();
        Assert.True(log.Samples[0].Header.IsKeyframe);
    }

    [Fact]
    public async Task A_stream_that_starts_in_the_middle_of_a_GOP_begins_with_its_first_keyframe()
    {
        await using var server = await IngestRig.CameraAsync(o => o with { StartAnywhere = true });
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);

        await log.UntilCountAsync(30);

        log.AssertGapless();
        Assert.True(log.Samples[0].Header.IsKeyframe);
        Assert.False(log.Samples[0].Header.IsDiscontinuity);
    }

    [Fact]
    public async Task A_camera_that_refuses_TCP_is_pulled_over_UDP()
    {
        await using var server = await IngestRig.CameraAsync();
        server.Camera(1).Faults.RefuseTcp = true;
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);

        await log.UntilCountAsync(10);

        log.AssertGapless();
    }

    [Fact]
    public async Task A_transport_that_was_chosen_is_not_switched()
    {
        await using var server = await IngestRig.CameraAsync();
        server.Camera(1).Faults.RefuseUdp = true;
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1), s => s.Transport = Transport.Udp);

        await IngestRig.UntilAsync(pipeline, PullStateKind.Offline, PullReason.ProtocolViolation);

        Assert.Contains("UDP", pipeline.State.Detail, StringComparison.Ordinal);
        Assert.Equal(0, server.Camera(1).Plays);
    }

    [Fact]
    public async Task The_capture_time_follows_the_wall_clock()
    {
        await using var server = await IngestRig.CameraAsync();
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);

        await log.UntilCountAsync(30);

        long nowUs = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks / 10;
        long sinceSentUs = (FrameStamp.NowNs - log.Samples[^1].Stamp.SentNs) / 1000;
        Assert.InRange(log.Samples[^1].Header.CaptureTimeUs, nowUs - sinceSentUs - 500_000, nowUs - sinceSentUs + 500_000);
    }

    [Fact]
    public async Task Stopping_says_TEARDOWN_and_leaves_the_log()
    {
        await using var server = await IngestRig.CameraAsync();
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);
        await log.UntilCountAsync(5);

        await rig.StopAsync(pipeline);

        await Eventually.TrueAsync(() => server.Camera(1).Teardowns == 1);
        Assert.NotNull(pipeline.Live.TryOpenReader());
        Assert.False(rig.Shared.Streams.TryGet("c1", "main", out _));
    }

    [Fact]
    public async Task Many_cameras_share_the_threads()
    {
        await using var server = await IngestRig.CameraAsync(o => o with { Cameras = 12 });
        await using var rig = new IngestRig();
        var pipelines = Enumerable.Range(1, 12).Select(n => rig.Pull(server.UrlOf(n))).ToList();
        var logs = pipelines.Select(p => new LogReading(p)).ToList();

        foreach (var log in logs)
            await log.UntilCountAsync(40);

        Assert.Equal(Enumerable.Range(1, 12), logs.Select(l => l.Samples[0].Stamp.Camera));
        foreach (var log in logs)
        {
            log.AssertGapless();
            log.Dispose();
        }
    }

    [Fact]
    public async Task Subscribers_are_woken_after_each_pass_that_appended()
    {
        await using var server = await IngestRig.CameraAsync();
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        var signal = new CountingSignal();
        pipeline.Live.Subscribe(signal);

        await Eventually.TrueAsync(() => signal.Count >= 20);
        pipeline.Live.Unsubscribe(signal);

        Assert.True(signal.Count <= pipeline.Counters.Samples);
        Assert.Equal("ingest 1", signal.Thread);
    }

    private sealed class CountingSignal : ISampleSignal
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public bool IsUrgent => true;

        public string? Thread { get; private set; }

        public void Signal()
        {
            Thread = System.Threading.Thread.CurrentThread.Name;
            Interlocked.Increment(ref _count);
        }
    }
}
