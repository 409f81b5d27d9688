using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Control.Events;
using Vms.Control.Tests.Support;
using Vms.Rpc;
using Vms.Testing;

namespace Vms.Control.Tests.Features;

public sealed class RuleActionsTests : IAsyncLifetime
{
    private ControlWorld _world = null!;
    private FakeMedia _media = null!;
    private FakeRecorder _recorder = null!;
    private string _door = "";

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync();
        _media = new FakeMedia(_world.Options);
        _recorder = new FakeRecorder(_world.Options);
        await _media.StartAsync();
        await _recorder.StartAsync();
        _door = (await _world.AddCameraAsync("Door", new { subUrl = "rtsp://192.0.2.7/sub" })).Text("id")!;
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _media.DisposeAsync();
        await _recorder.DisposeAsync();
    }

    [Fact]
    public async Task A_snapshot_shows_the_main_stream_at_the_time_of_the_event()
    {
        using var feed = await FeedTests.OpenAsync(_world);
        var at = await HappenAsync(new { type = "snapshot" });
        var told = await FeedTests.UntilAsync(feed, m => m.Text("type") == "event" && m.Text("event.snapshotUrl") is not null);
        Assert.Equal(("main", at.ToUnixTimeMilliseconds()), _media.Snapshots.Select(s => (s.Stream, s.AtUnixMs)).Single());
        using var picture = await _world.Http.GetAsync(told.Text("event.snapshotUrl"));
        Assert.Equal([0xFF, 0xD8, (byte)'m'], await picture.Content.ReadAsByteArrayAsync());
        Assert.False(picture.Headers.Contains("X-Vms-Placeholder"));
        Assert.Equal("main", await _world.ScalarAsync("select snapshot ->> 'stream' from control.event where id = 'e'"));
        using var anonymous = _world.Anonymous();
        using var refused = await anonymous.GetAsync(told.Text("event.snapshotUrl"));
        await refused.ProblemAsync(401, "unauthenticated");
        var ticket = (await _world.Http.PostAsync("/api/tickets", new { kind = "playback", cameraIds = new[] { _door } })).Text("ticket");
        using var shown = await anonymous.GetAsync($"{told.Text("event.snapshotUrl")}&ticket={ticket}");
        Assert.True(shown.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Where_main_is_not_connected_it_is_the_small_picture_and_says_so()
    {
        _media.NoPictureOf = ["main"];
        await HappenAsync(new { type = "snapshot" });
        await Eventually.TrueAsync(async () => await _world.ScalarAsync("select snapshot ->> 'stream' from control.event where id = 'e'") as string == "sub");
        Assert.Equal((byte)'s', _recorder.EventPictures["e"][2]);
    }

    [Theory]
    [InlineData(1.5, "main")]
    [InlineData(5, "sub")]
    public async Task A_main_stream_that_is_pulled_for_it_counts_while_it_shows_the_moment_still(double seconds, string stream)
    {
        (_media.NoPictureOf, _media.PictureAfter) = (["main"], TimeSpan.FromSeconds(seconds));
        var at = await HappenAsync(new { type = "snapshot" });
        var told = await SnapshotAsync();
        Assert.Equal((stream, stream == "main" ? at.AddSeconds(seconds) : at), (told.Text("stream"), told.GetProperty("capturedAt").GetDateTimeOffset()));
    }

    [Fact]
    public async Task Where_there_is_no_other_picture_a_late_one_is_taken_and_says_how_late_it_is()
    {
        (_media.NoPictureOf, _media.PictureAfter) = (["main", "sub"], TimeSpan.FromSeconds(5));
        var at = await HappenAsync(new { type = "snapshot" });
        var told = await SnapshotAsync();
        Assert.Equal(("main", at.AddSeconds(5)), (told.Text("stream"), told.GetProperty("capturedAt").GetDateTimeOffset()));
        Assert.Null(told.Text("missing"));
    }

    [Fact]
    public async Task For_an_event_that_is_long_over_no_camera_is_pulled()
    {
        (_media.NoPictureOf, _media.PictureAfter) = (["main", "sub"], TimeSpan.FromSeconds(5));
        await HappenAsync([new { type = "snapshot" }], DateTimeOffset.UtcNow.AddMinutes(-1));
        Assert.Equal("noVideo", (await SnapshotAsync()).Text("missing"));
        Assert.All(_media.Snapshots, s => Assert.Equal(0, s.UntilUnixMs));
    }

    [Fact]
    public async Task What_media_has_no_more_of_main_comes_from_the_archive()
    {
        _media.NoPictureOf = ["main"];
        _recorder.Stills = ["main"];
        var at = await HappenAsync(new { type = "snapshot" });
        await Eventually.TrueAsync(async () => await _world.ScalarAsync("select snapshot ->> 'stream' from control.event where id = 'e'") as string == "main");
        Assert.Equal((byte)'a', _recorder.EventPictures["e"][2]);
        Assert.Equal(at.AddMilliseconds(-40).ToUnixTimeMilliseconds(), DateTimeOffset.Parse(
            (string)(await _world.ScalarAsync("select snapshot ->> 'capturedAt' from control.event where id = 'e'"))!, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds());
        Assert.Null(await _world.ScalarAsync("select snapshot ->> 'missing' from control.event where id = 'e'") as string);
    }

    [Fact]
    public async Task While_the_archive_is_busy_the_small_stream_s_picture_is_taken()
    {
        _media.NoPictureOf = ["main"];
        _recorder.IsArchiveBusy = true;
        await HappenAsync(new { type = "snapshot" });
        await Eventually.TrueAsync(async () => await _world.ScalarAsync("select snapshot ->> 'stream' from control.event where id = 'e'") as string == "sub");
    }

    [Fact]
    public async Task Where_nothing_is_to_be_seen_the_placeholder_says_why()
    {
        _media.NoPictureOf = ["main", "sub"];
        await HappenAsync(new { type = "snapshot" });
        await Eventually.TrueAsync(async () => await _world.ScalarAsync("select snapshot ->> 'missing' from control.event where id = 'e'") as string == "noVideo");
        using var picture = await _world.Http.GetAsync((await _world.Http.GetJsonAsync("/api/events?type=door.opened")).Text("items.0.snapshotUrl"));
        Assert.Equal(["noVideo"], picture.Headers.GetValues("X-Vms-Placeholder"));
    }

    [Fact]
    public async Task A_recording_begins_before_the_event_and_stands_in_the_audit()
    {
        await Eventually.TrueAsync(() => _recorder.Recordings.ContainsKey($"{_door}.main"));
        var at = await HappenAsync(new { type = "record", seconds = 45, preRoll = 7 });
        await Eventually.TrueAsync(() => _recorder.Manual.ContainsKey(_door));
        var started = _recorder.Manual[_door];
        Assert.Equal((45, 7, at.ToUnixTimeMilliseconds(), "Rule: door.opened", "rule:Rule"), (started.Seconds, started.PreRollSeconds, started.AtUnixMs, started.Reason, started.By));
        await Eventually.TrueAsync(async () => await _world.ScalarAsync($"select actor from control.audit where action = 'recording.started' and subject = '{_door}'") as string == "rule:Rule");
    }

    [Fact]
    public async Task A_bookmark_is_made_once_and_keeps_the_footage()
    {
        await HappenAsync(new { type = "bookmark", title = "Door opened" });
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync("/api/bookmarks")).GetProperty("items").GetArrayLength() == 1);
        Assert.Equal(1L, await _world.ScalarAsync("select count(*) from control.kept_range where kind = 'bookmark'"));
        Assert.Equal("Door opened", (await _world.Http.GetJsonAsync("/api/bookmarks")).Text("items.0.title"));
    }

    [Fact]
    public async Task What_moves_or_switches_is_not_done_when_it_is_too_late()
    {
        await HappenAsync([new { type = "ptz", preset = "1" }, new { type = "relay", relay = "1" }], DateTimeOffset.UtcNow.AddMinutes(-10));
        await Eventually.TrueAsync(async () => (long)(await _world.ScalarAsync("select count(*) from control.outbox where state = 'dead' and last_error like '%older than 2 minutes%'"))! == 2);
    }

    [Theory]
    [InlineData(RpcStatus.FailedPrecondition, "This picture is encrypted, and the server does not have its key")]
    [InlineData(RpcStatus.DataLoss, "This picture is damaged")]
    public async Task A_still_that_does_not_open_says_why(RpcStatus status, string why)
    {
        await HappenAsync(new { type = "snapshot" });
        await SnapshotAsync();
        _recorder.EventPictureRefusal = status;
        using var answer = await _world.Http.GetAsync((await _world.Http.GetJsonAsync("/api/events?type=door.opened")).Text("items.0.snapshotUrl"));
        Assert.Equal(why, (await answer.ProblemAsync(404, "pictureUnreadable")).Text("title"));
    }

    /// <summary>What the API says of the still, once there is one.</summary>
    private async Task<JsonElement> SnapshotAsync()
    {
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync("/api/events?type=door.opened")).Text("items.0.snapshotUrl") is not null);
        return (await _world.Http.GetJsonAsync("/api/events?type=door.opened")).GetProperty("items")[0].GetProperty("snapshot");
    }

    private Task<DateTimeOffset> HappenAsync(object action) => HappenAsync([action], DateTimeOffset.UtcNow);

    private async Task<DateTimeOffset> HappenAsync(object[] actions, DateTimeOffset at)
    {
        at = DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());
        await _world.Http.PostAsync("/api/rules", new { name = "Rule", when = new { types = new[] { "door.opened" } }, actions }, 201);
        await _world.Services.GetRequiredService<EventStore>().AddAsync([new BusEvent("e", "door.opened", _door, "default", at, null, "test", JsonSerializer.Serialize(new { }))], default);
        return at;
    }
}
