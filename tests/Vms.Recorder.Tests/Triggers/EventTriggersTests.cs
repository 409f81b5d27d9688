using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Bus;
using Vms.Contracts;
using Vms.Recorder.Archive;
using Vms.Recorder.Tests.Support;
using Vms.Recorder.Triggers;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Triggers;

public sealed class EventTriggersTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public void Motion_and_what_analytics_and_others_tell_are_triggers_and_what_the_system_tells_of_itself_is_none()
    {
        Assert.Equal((RecordingClass.Motion, -5d, -5d), Read("motion", """{"at":"2026-11-21T09:29:55Z"}"""));
        Assert.Equal((RecordingClass.Event, -5d, -2d), Read("object.person", """{"at":"2026-11-21T09:29:55Z","endAt":"2026-11-21T09:29:58Z"}"""));
        Assert.Equal((RecordingClass.Event, -5d, -5d), Read("door.opened", """{"at":"2026-11-21T09:29:55Z","data":{"x":1}}"""));
        foreach (string own in new[] { "camera.offline", "recording.gap", "recording.manual", "storage.full", "retention.broken" })
        {
            Assert.Null(Read(own, """{"at":"2026-11-21T09:29:55Z"}"""));
        }

        Assert.Null(EventTriggers.Read("vms.events.site._.motion", """{"at":"2026-11-21T09:29:55Z"}"""u8, s_now, s_now));
        Assert.Null(EventTriggers.Read("vms.events.site", "{}"u8, s_now, s_now));
        Assert.Null(Read("motion", "[]"));
        Assert.Null(Read("motion", "{"));
        Assert.Null(Read("motion", "{}"));
        Assert.Null(Read("motion", new string(' ', 70_000)));
    }

    [Fact]
    public void A_time_that_cannot_be_is_not_believed()
    {
        Assert.Null(Read("motion", """{"at":"2026-11-21T09:19:00Z"}"""));                                                                  // long gone
        Assert.Equal((RecordingClass.Motion, 0d, 0d), Read("motion", """{"at":"2027-01-01T00:00:00Z"}"""));                                // to come
        Assert.Equal((RecordingClass.Motion, -60d, 3600d), Read("motion", """{"at":"2026-11-21T09:29:00Z","endAt":"2027-01-01T00:00:00Z"}"""));
    }

    [Fact]
    public void An_event_that_goes_on_for_hours_and_is_told_again_stays_a_trigger()
    {
        Assert.Equal((RecordingClass.Event, -3605d, -5d), Read("object.car", """{"at":"2026-11-21T04:00:00Z","endAt":"2026-11-21T09:29:55Z"}"""));
        Assert.Equal((RecordingClass.Event, -3600d, 60d), Read("object.car", """{"at":"2026-11-21T04:00:00Z","endAt":"2026-11-21T09:31:00Z"}"""));
    }

    [Fact]
    public void What_goes_on_is_a_trigger_for_a_minute_after_each_word_of_it_and_ends_with_its_end()
    {
        Assert.Equal((RecordingClass.Motion, -5d, 60d), Read("motion", """{"id":"a","at":"2026-11-21T09:29:55Z","ongoing":true}"""));
        Assert.Equal((RecordingClass.Motion, -3600d, 60d), Read("motion", """{"id":"a","at":"2026-11-21T07:00:00Z","ongoing":true}"""));
        Assert.Equal((RecordingClass.Motion, -5d, -1d), Read("motion", """{"id":"a","at":"2026-11-21T09:29:55Z","endAt":"2026-11-21T09:29:59Z","ongoing":false}"""));
    }

    [Fact]
    public void A_later_word_stands_in_the_book_instead_of_the_one_before_and_another_time_is_another_event()
    {
        long now = UnixTime.ToMicroseconds(s_now);
        var begun = EventTriggers.Read("vms.events.site.cam1.motion", """{"id":"a","at":"2026-11-21T09:29:55Z","ongoing":true}"""u8, s_now, s_now)!;
        var ended = EventTriggers.Read("vms.events.site.cam1.motion", """{"id":"a","at":"2026-11-21T09:29:55Z","endAt":"2026-11-21T09:30:00Z"}"""u8, s_now, s_now)!;
        var other = EventTriggers.Read("vms.events.site.cam1.motion", """{"id":"a","at":"2026-11-21T09:29:50Z"}"""u8, s_now, s_now)!;
        var book = TriggerBook.FromBytes(TriggerBook.Empty.With([other, begun], now).ToBytes()).With([ended], now);
        Assert.Equal([other, ended], book.Of("cam1", "main"));
        Assert.Equal(ended, book.Find(begun));
    }

    [Fact]
    public void What_waited_on_the_bus_went_on_for_a_minute_after_it_was_said_and_not_after_it_is_heard()
    {
        Assert.Equal((RecordingClass.Motion, -300d, -180d), Read("motion", """{"id":"a","at":"2026-11-21T09:25:00Z","ongoing":true}""", storedAt: -240));
        Assert.Equal((RecordingClass.Motion, -720d, -600d), Read("motion", """{"id":"a","at":"2026-11-21T09:18:00Z","ongoing":true}""", storedAt: -660));
        Assert.Null(Read("motion", """{"id":"a","at":"2026-11-21T09:18:00Z","ongoing":true}""", storedAt: -661));
        Assert.Equal((RecordingClass.Motion, -5d, 60d), Read("motion", """{"id":"a","at":"2026-11-21T09:29:55Z","ongoing":true}""", storedAt: 30));    // a clock that is ahead
    }

    [Fact]
    public void An_end_counts_at_any_age_where_its_event_is_known_and_what_was_said_before_it_does_not_open_the_event_again()
    {
        long now = UnixTime.ToMicroseconds(s_now);
        var begun = Told("""{"id":"a","at":"2026-11-21T09:19:20Z","ongoing":true}""", storedAt: -600);
        var renewed = Told("""{"id":"a","at":"2026-11-21T09:19:20Z","ongoing":true}""", storedAt: -590);
        var ended = Told("""{"id":"a","at":"2026-11-21T09:19:20Z","endAt":"2026-11-21T09:19:45Z"}""", storedAt: -580);
        var resumed = Told("""{"id":"a","at":"2026-11-21T09:19:20Z","ongoing":true}""", storedAt: -10);
        Assert.True(ended.UntilUs < now - TriggerBook.OldestUs);

        Assert.Empty(TriggerBook.Empty.NewsIn([ended], now));
        Assert.Equal([ended], TriggerBook.Empty.NewsIn([begun, ended, renewed], now));
        Assert.Equal([ended], TriggerBook.Empty.With([begun], now).NewsIn([ended], now));
        var book = TriggerBook.FromBytes(TriggerBook.Empty.With([ended], now).ToBytes());
        Assert.Empty(book.NewsIn([begun, renewed, ended], now));
        Assert.Equal([resumed], book.NewsIn([resumed], now));

        Assert.Empty(TriggerBook.Empty.With([renewed], now).NewsIn([begun], now));      // delivered again, too late
        Assert.True(TriggerBook.Empty.With([begun], now).IsProlongedBy(renewed));
        Assert.False(TriggerBook.Empty.With([begun], now).IsProlongedBy(ended));
        Assert.False(TriggerBook.Empty.IsProlongedBy(begun));
    }

    [Fact]
    public void The_book_keeps_what_may_be_wanted_yet_and_no_more()
    {
        long now = UnixTime.ToMicroseconds(s_now);
        var book = TriggerBook.Empty;
        for (int i = 0; i < 500; i++)
        {
            book = book.With([new Happening("cam1", RecordingClass.Motion, now + (i * 1_000_000L), now + (i * 1_000_000L))], now);
        }

        var kept = TriggerBook.FromBytes(book.ToBytes()).Of("cam1", "main").ToList();
        Assert.Equal(32, kept.Count);
        Assert.Equal((now, now + 499_000_000L), (kept.Min(k => k.FromUs), kept.Max(k => k.UntilUs)));
        book = book.With([new Happening("cam2", RecordingClass.Manual, now, now + 60_000_000, "why", "ada", "main")], now + 3_600_000_000);
        Assert.Empty(book.Of("cam1", "main"));
        Assert.Equal("ada", book.ManualOf("cam2", "main", now)!.By);
        Assert.Null(book.ManualOf("cam2", "main", now + 60_000_000));
        Assert.Null(book.ManualOf("cam2", "sub", now));
        Assert.True(book.HasEndedManual("cam2", "main", now + 60_000_000));
        Assert.False(book.WithoutEndedManual("cam2", "main", now + 60_000_000).HasEndedManual("cam2", "main", now + 60_000_000));
        Assert.Null(book.WithoutManual("cam2", "main", now + 1).ManualOf("cam2", "main", now + 2));
        Assert.Throws<InvalidDataException>(() => TriggerBook.FromBytes([1, 2, 3]));
    }

    [Fact]
    public async Task Motion_on_the_bus_is_recorded_also_when_it_was_published_while_the_recorder_was_away()
    {
        await using var nats = await PrivateNats.StartAsync();
        await using var rig = await new RecorderRig(settings: $"--VMS_NATS={nats.Url}").StartAsync();
        await using var bus = new BusConnection(new BusOptions { Url = nats.Url, ClientName = "test" }, NullLogger<BusConnection>.Instance, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var running = bus.RunAsync(stop.Token);
        var start = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 60);
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), start);
        await rig.RecordAsync("cam1", segmentSeconds: 600, adjust: s => (s.Mode, s.PreRollSeconds, s.PostRollSeconds) = ("motion", 2, 2));
        feed.Append(20 * Footage.FramesPerSecond);

        // The consumer begins with what comes after it.
        await Eventually.TrueAsync(async () =>
        {
            await PublishAsync(bus, start.AddSeconds(10));
            return rig.StatusOf("cam1")!.RecordingClass == "motion" || rig.Files("cam1").Count > 0;
        });
        await rig.StopAsync();
        await PublishAsync(bus, start.AddSeconds(18));
        feed.Append(5 * Footage.FramesPerSecond);
        await rig.StartAsync();
        await Eventually.TrueAsync(() => rig.Ledgers.Of("cam1", "main").Written.LastSequence >= 20 * Footage.FramesPerSecond);
        await rig.StopAsync();
        var counters = rig.Counters("cam1");
        Assert.Equal([.. Frames(8, 12), .. Frames(16, 20)], counters);
        await stop.CancelAsync();
        await running;
    }

    private static IEnumerable<long> Frames(int from, int to) => Enumerable.Range(from * 25, (to - from) * 25).Select(n => (long)n);

    private static Task<PublishAck> PublishAsync(BusConnection bus, DateTimeOffset at) => bus.JetStream.PublishAsync(
        BusLayout.EventSubject("site1", "cam1", "motion"), Encoding.UTF8.GetBytes($$"""{"id":"{{Guid.NewGuid()}}","type":"motion","at":"{{at:O}}"}"""), null, CancellationToken.None);

    private static Happening Told(string json, double storedAt) =>
        EventTriggers.Read("vms.events.site.cam1.motion", Encoding.UTF8.GetBytes(json), s_now.AddSeconds(storedAt), s_now)!;

    private static (RecordingClass Kind, double From, double Until)? Read(string type, string json, double storedAt = 0) =>
        EventTriggers.Read($"vms.events.site.cam1.{type}", Encoding.UTF8.GetBytes(json), s_now.AddSeconds(storedAt), s_now) is { CameraId: "cam1" } h
            ? (h.Kind, (h.FromUs - UnixTime.ToMicroseconds(s_now)) / 1e6, (h.UntilUs - UnixTime.ToMicroseconds(s_now)) / 1e6)
            : null;
}
