using Vms.Codecs;
using Vms.Media.Ingest;
using Vms.StreamLog;

namespace Vms.Media.Tests.Ingest;

public sealed class RestartTests
{
    [Fact]
    public async Task A_restarted_plane_continues_the_log_with_a_marked_gap()
    {
        await using var server = await IngestRig.CameraAsync();
        await using var rig = new IngestRig();
        var first = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(first);
        await log.UntilCountAsync(30);
        await rig.StopAsync(first);
        log.ReadOn();
        int before = log.Samples.Count;

        // The second pipeline reads everything from disk: nothing but the log connects it with the first.
        var second = rig.Pull(server.UrlOf(1), s => s.CameraId = "c1");
        await log.UntilCountAsync(before + 30);

        var (last, next) = (log.Samples[before - 1], log.Samples[before]);
        Assert.Equal((last.Sequence + 1, GapCause.MediaRestart, true), (next.Sequence, next.Header.Cause, next.Header.IsKeyframe));
        Assert.Equal(last.Header.TracksVersion, next.Header.TracksVersion);
        double frames = (next.Header.Pts - last.Header.Pts) / 3600.0;
        Assert.InRange(frames, next.Stamp.Frame - last.Stamp.Frame - 3, next.Stamp.Frame - last.Stamp.Frame + 3);
        Assert.Equal(640, second.Live.Tracks[0].Width);
    }

    [Fact]
    public async Task What_is_known_of_the_tracks_is_known_again_before_the_camera_answers()
    {
        await using var server = await IngestRig.CameraAsync();
        await using var rig = new IngestRig();
        var first = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(first);
        await log.UntilCountAsync(5);
        await rig.StopAsync(first);
        server.Camera(1).Faults.StopAnswering = true;

        var second = rig.Pull(server.UrlOf(1), s => s.CameraId = "c1");

        await Testing.Eventually.TrueAsync(() => second.Live.Tracks.Count == 1);
    }

    [Fact]
    public async Task Removing_a_pipeline_closes_its_log()
    {
        await using var server = await IngestRig.CameraAsync();
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);
        await log.UntilCountAsync(5);
        using var reader = pipeline.Live.TryOpenReader()!;
        reader.SeekToEnd();

        await pipeline.RemoveAsync();

        ReadOutcome outcome;
        while ((outcome = reader.TryRead(out var lease)) == ReadOutcome.Sample)
            lease.Commit();
        Assert.Equal(ReadOutcome.Closed, outcome);
        Assert.Null(pipeline.Live.TryOpenReader());
        await rig.StopAsync(pipeline);
    }

    [Fact]
    public async Task What_is_told_of_the_cameras_own_analysis_changes_without_a_new_connection()
    {
        await using var server = await IngestRig.CameraAsync();
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);
        await log.UntilCountAsync(10);
        foreach (bool ignored in (bool[])[true, false])
        {
            var next = pipeline.Spec.Clone();
            (next.Generation, next.IgnoreCameraEvents) = (next.Generation + 1, ignored);
            int before = log.Samples.Count;
            pipeline.Replace(next);
            Assert.Equal((ignored, next.Generation), (pipeline.Live.LeavesCameraAnalysis, pipeline.Spec.Generation));
            await log.UntilCountAsync(before + 30);
        }

        Assert.Equal(1, server.Camera(1).Plays);
        Assert.All(log.Samples.Skip(1), s => Assert.Equal(GapCause.None, s.Header.Cause));
        await rig.StopAsync(pipeline);
    }

    [Fact]
    public async Task An_edit_keeps_log_and_stream()
    {
        await using var server = await IngestRig.CameraAsync(o => o with { Cameras = 2 });
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);
        await log.UntilCountAsync(10);

        pipeline.Replace(IngestRig.Spec(server.UrlOf(2), change: s => s.Generation = 2));
        await log.UntilAsync(() => log.Samples[^1].Stamp.Camera == 2, "frames of the other camera");

        Assert.True(log.Samples.First(s => s.Stamp.Camera == 2).Header.IsDiscontinuity);
        Assert.Single(rig.Shared.Streams.All);
    }

    [Fact]
    public async Task An_on_demand_stream_is_pulled_while_somebody_wants_it()
    {
        await using var server = await IngestRig.CameraAsync();
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1), s => s.OnDemand = true);
        await IngestRig.UntilAsync(pipeline, PullStateKind.Idle);
        Assert.Equal(0, server.Camera(1).Describes);

        var first = pipeline.Live.Demand();
        var second = pipeline.Live.Demand();
        await IngestRig.UntilAsync(pipeline, PullStateKind.Online);
        first.Dispose();
        first.Dispose();
        Assert.Equal(1, pipeline.Live.DemandCount);
        second.Dispose();
        await IngestRig.UntilAsync(pipeline, PullStateKind.Idle);

        await Testing.Eventually.TrueAsync(() => server.Camera(1).Teardowns == 1);
        using var log = new LogReading(pipeline);
        log.ReadOn();
        int before = log.Samples.Count;
        using var again = pipeline.Live.Demand();
        await log.UntilCountAsync(before + 1);
        Assert.Equal(GapCause.Disabled, log.Samples[before].Header.Cause);
    }
}
