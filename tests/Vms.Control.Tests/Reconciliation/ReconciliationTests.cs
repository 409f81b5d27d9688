using Vms.Contracts.Media;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.Reconciliation;

public sealed class ReconciliationTests
{
    [Fact]
    public async Task A_camera_is_started_changed_and_stopped_on_every_plane()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var media = new FakeMedia(world.Options);
        await using var recorder = new FakeRecorder(world.Options);
        await media.StartAsync();
        await recorder.StartAsync();

        var id = (await world.AddCameraAsync("Door", new
        {
            mainUrl = "rtsp://u:pw@10.0.0.7/main",
            subUrl = "rtsp://10.0.0.7/sub",
            transport = "udp",
            recording = new { mode = "continuous", segmentSeconds = 30, retention = new { maxAgeDays = 2.5, maxBytes = 1000 } },
        })).Text("id")!;
        await Eventually.TrueAsync(() => media.Pipelines.Count == 2 && recorder.Recordings.Count == 1);
        var main = media.Pipelines[id + ".main"];
        Assert.Equal(("rtsp://10.0.0.7/main", "u", "pw", Transport.Udp, "default"), (main.Url, main.Username, main.Password, main.Transport, main.SiteId));
        var recording = recorder.Recordings[id + ".main"];
        Assert.Equal(("continuous", 30, 2.5, 1000L, "fmp4"), (recording.Mode, recording.SegmentSeconds, recording.MaxAgeDays, recording.MaxBytes, recording.Format));
        await StateAsync(world, id, "online", "recording");

        // A new name concerns the recorder, whose files bear it.
        await world.Http.PatchAsync($"/api/cameras/{id}", """{"name":"Gate"}""");
        // A new address of the sub stream concerns the sub stream alone.
        await world.Http.PatchAsync($"/api/cameras/{id}", """{"subUrl":"rtsp://10.0.0.7/sub2"}""");
        await Eventually.TrueAsync(() => media.Pipelines[id + ".sub"].Url.EndsWith("sub2", StringComparison.Ordinal));
        Assert.Equal((1L, 3L), (media.Pipelines[id + ".main"].Generation, media.Pipelines[id + ".sub"].Generation));
        Assert.Equal((2L, "Gate"), (recorder.Recordings[id + ".main"].Generation, recorder.Recordings[id + ".main"].CameraName));

        await world.Http.PatchAsync($"/api/cameras/{id}", """{"enabled":false}""");
        await Eventually.TrueAsync(() => media.Pipelines.IsEmpty && recorder.Recordings[id + ".main"].Mode == "off");   // retention goes on
        await StateAsync(world, id, "disabled", "off");

        (await world.Http.DeleteAsync($"/api/cameras/{id}?recordings=delete")).Dispose();
        await Eventually.TrueAsync(() => recorder.Calls.Contains("delete " + id));
        Assert.DoesNotContain($"stop {id}.main", recorder.Calls);   // it was off already
        await Eventually.TrueAsync(async () => (long)(await world.ScalarAsync("select count(*) from control.archive_deletion"))! == 0);
    }

    [Fact]
    public async Task A_recording_is_stopped_once_before_its_archive_is_removed()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var recorder = new FakeRecorder(world.Options);
        await recorder.StartAsync();
        var kept = (await world.AddCameraAsync("Kept")).Text("id")!;
        var removed = (await world.AddCameraAsync("Removed")).Text("id")!;
        await Eventually.TrueAsync(() => recorder.Recordings.Count == 2);
        (await world.Http.DeleteAsync($"/api/cameras/{kept}")).Dispose();
        (await world.Http.DeleteAsync($"/api/cameras/{removed}?recordings=delete")).Dispose();
        await Eventually.TrueAsync(() => recorder.Calls.Contains("delete " + removed) && recorder.Calls.Contains($"stop {kept}.main"));
        Assert.Equal([$"stop {removed}.main", "delete " + removed], recorder.Calls.Where(c => c.Contains(removed, StringComparison.Ordinal) && !c.StartsWith("start", StringComparison.Ordinal)));
        Assert.Equal("off", recorder.Recordings[kept + ".main"].Mode);   // remembered by the recorder, and not stopped again with every pass
        Assert.Single(recorder.Calls, $"stop {kept}.main");
    }

    [Fact]
    public async Task An_archive_of_which_files_are_left_is_asked_for_again()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var recorder = new FakeRecorder(world.Options) { FilesLeft = 1 };
        await recorder.StartAsync();
        var removed = (await world.AddCameraAsync("Removed")).Text("id")!;
        await Eventually.TrueAsync(() => recorder.Recordings.Count == 1);
        (await world.Http.DeleteAsync($"/api/cameras/{removed}?recordings=delete")).Dispose();
        await Eventually.TrueAsync(() => recorder.Calls.Contains("delete " + removed));

        recorder.FilesLeft = 0;
        await world.AddCameraAsync("Another");      // the next pass comes with the next change
        await Eventually.TrueAsync(async () => (long)(await world.ScalarAsync("select count(*) from control.archive_deletion"))! == 0);
        Assert.Equal(2, recorder.Calls.Count(c => c == "delete " + removed));
    }

    [Fact]
    public async Task A_plane_that_comes_late_or_comes_back_empty_gets_everything()
    {
        await using var world = await ControlWorld.StartAsync();
        var id = (await world.AddCameraAsync("Early")).Text("id")!;
        await StateAsync(world, id, "offline", "waiting");

        await using var media = new FakeMedia(world.Options);
        await media.StartAsync();
        await StateAsync(world, id, "online", "waiting");

        await media.StopAsync();
        await StateAsync(world, id, "offline", "waiting");
        media.Pipelines.Clear();
        media.Calls.Clear();
        await media.StartAsync();
        await StateAsync(world, id, "online", "waiting");
        Assert.Equal([$"start {id}.main 1"], media.Calls);
        Assert.Equal(2, world.Log.Lines.Count(l => l.Contains("Plane media answers", StringComparison.Ordinal)));   // once per change, not per try
        Assert.Equal(2, world.Log.Lines.Count(l => l.Contains("Plane media does not answer", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_nobody_wants_any_more_is_stopped()
    {
        await using var world = await ControlWorld.StartAsync();
        var id = (await world.AddCameraAsync("Kept")).Text("id")!;
        await using var media = new FakeMedia(world.Options);
        media.Pipelines["ghost.main"] = new PipelineSpec { CameraId = "ghost", Stream = "main", Generation = 7 };
        await media.StartAsync();
        await Eventually.TrueAsync(() => media.Pipelines.Keys.SequenceEqual([id + ".main"]));
        Assert.Contains("stop ghost.main", media.Calls);
    }

    [Fact]
    public async Task A_database_from_a_backup_wins_over_what_the_plane_holds()
    {
        await using var world = await ControlWorld.StartAsync();
        var id = (await world.AddCameraAsync("Restored")).Text("id")!;
        await using var media = new FakeMedia(world.Options);
        media.Pipelines[id + ".main"] = new PipelineSpec { CameraId = id, Stream = "main", Generation = 41, Url = "rtsp://old/x" };
        await media.StartAsync();
        await Eventually.TrueAsync(() => media.Pipelines[id + ".main"] is { Generation: 42, Url: "rtsp://10.0.0.7/main" });
    }

    [Fact]
    public async Task A_stream_that_a_plane_refuses_keeps_no_other_from_starting()
    {
        await using var world = await ControlWorld.StartAsync();
        var ids = new List<string>();
        foreach (var name in new[] { "a", "b", "c" })
            ids.Add((await world.AddCameraAsync(name)).Text("id")!);
        await using var media = new FakeMedia(world.Options);
        media.Refused[ids[1]] = true;
        await media.StartAsync();
        await Eventually.TrueAsync(() => media.Pipelines.Count == 2);
        await world.Log.WaitForAsync("no shared memory left", "the refusal is logged");

        media.Refused.Clear();
        await Eventually.TrueAsync(() => media.Pipelines.Count == 3);
        Assert.Equal(1, world.Log.Lines.Count(l => l.Contains("no shared memory left", StringComparison.Ordinal)));
    }

    private static Task StateAsync(ControlWorld world, string id, string state, string recording) => Eventually.TrueAsync(
        async () =>
        {
            var camera = await world.Http.GetJsonAsync($"/api/cameras/{id}");
            return camera.Text("state") == state && camera.Text("recording.state") == recording;
        },
        text: $"camera is {state}, recording {recording}");
}
