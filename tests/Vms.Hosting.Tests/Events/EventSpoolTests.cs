using System.Text;
using Vms.Hosting.Events;
using Vms.Testing;

namespace Vms.Hosting.Tests.Events;

public sealed class EventSpoolTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    [Fact]
    public async Task Events_come_out_in_order_and_again_until_they_are_done()
    {
        using EventSpool spool = Open();
        for (int i = 0; i < 5; i++)
            Assert.True(spool.Append(EventOf(i)));
        Assert.Equal("0", (await spool.NextAsync(default)).MessageId);
        Assert.Equal("0", (await spool.NextAsync(default)).MessageId);
        Assert.Equal(["0", "1", "2", "3", "4"], await TakeAsync(spool, 5));
        Task<SpooledEvent> next = spool.NextAsync(default);
        Assert.False(next.IsCompleted);
        spool.Append(EventOf(5));
        Assert.Equal("5", (await next.WaitAsync(TimeSpan.FromSeconds(10))).MessageId);
    }

    [Fact]
    public async Task What_was_not_done_is_there_after_a_restart_and_what_was_is_not()
    {
        using (EventSpool first = Open())
        {
            for (int i = 0; i < 100; i++)
                first.Append(EventOf(i));
            await TakeAsync(first, 40);
        }

        using (EventSpool second = Open())
        {
            second.Append(EventOf(100));
            Assert.Equal(Enumerable.Range(40, 61).Select(i => $"{i}"), await TakeAsync(second, 61));
            Assert.Equal(0, second.Lost);
        }

        using EventSpool third = Open();
        third.Append(EventOf(101));
        Assert.Equal(["101"], await TakeAsync(third, 1));
    }

    [Fact]
    public async Task What_waits_is_there_after_lives_that_had_nothing_to_tell()
    {
        foreach (int life in (int[])[0, 1])
        {
            using EventSpool spool = Open();
            spool.Append(EventOf(life));
            await TakeAsync(spool, 1);
        }

        using (EventSpool silent = Open())
            Assert.False(silent.NextAsync(default).IsCompleted);       // reads to the end, and removes what was read
        using (EventSpool told = Open())
            told.Append(EventOf(2));
        using EventSpool last = Open();
        Assert.Equal(["2"], await TakeAsync(last, 1));
    }

    [Fact]
    public async Task A_torn_record_ends_its_file_and_nothing_else()
    {
        using (EventSpool first = Open())
        {
            first.Append(EventOf(0));
            first.Append(EventOf(1));
        }

        string file = Directory.GetFiles(_directory.Path, "*.spool").Single();
        using (var torn = new FileStream(file, FileMode.Open))
            torn.SetLength(torn.Length - 3);
        using EventSpool second = Open();
        second.Append(EventOf(2));
        Assert.Equal(["0", "2"], await TakeAsync(second, 2));
    }

    [Fact]
    public async Task Above_its_size_the_oldest_go_and_are_counted()
    {
        using EventSpool spool = new(_directory.Path, segmentBytes: 4096, maxBytes: 20_000);
        for (int i = 0; i < 1000; i++)
            spool.Append(EventOf(i));
        Assert.InRange(spool.Bytes, 8_000, 25_000);
        int left = 1000 - (int)spool.Lost;
        Assert.InRange(left, 50, 400);
        Assert.Equal(Enumerable.Range(1000 - left, left).Select(i => $"{i}"), await TakeAsync(spool, left));
    }

    [Fact]
    public void What_is_larger_than_any_event_is_refused_and_counted()
    {
        using EventSpool spool = Open();
        Assert.False(spool.Append(new SpooledEvent("s", "m", new byte[300_000])));
        Assert.Equal(1, spool.Lost);
    }

    [Fact]
    public async Task Who_was_given_the_oldest_may_still_send_it_and_it_is_not_among_the_lost()
    {
        using EventSpool spool = new(_directory.Path, segmentBytes: 4096, maxBytes: 20_000);
        spool.Append(EventOf(0));
        SpooledEvent given = await spool.NextAsync(default);
        for (int i = 1; i < 1000; i++)
            spool.Append(EventOf(i));
        spool.Done(given);
        int left = 999 - (int)spool.Lost;
        Assert.Equal(Enumerable.Range(1000 - left, left).Select(i => $"{i}"), await TakeAsync(spool, left));
        Assert.False(spool.TryNext(out _));
    }

    [Fact]
    public void A_loss_is_remembered_over_a_restart_until_it_was_told_and_what_came_since_is_the_next()
    {
        DateTimeOffset noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        using (EventSpool first = Open())
        {
            first.Append(TooLarge(noon));
            first.Append(TooLarge(noon.AddSeconds(5)));
            Assert.Equal(new SpoolLoss(2, noon, noon.AddSeconds(5)), first.Loss);
        }

        using (EventSpool second = Open())
        {
            SpoolLoss loss = second.Loss!;
            Assert.Equal(new SpoolLoss(2, noon, noon.AddSeconds(5)), loss);
            second.Append(TooLarge(noon.AddSeconds(9)));
            second.Told(loss);
            Assert.Equal(1, second.Lost);
        }

        using EventSpool third = Open();
        Assert.Equal(new SpoolLoss(1, noon.AddSeconds(5), noon.AddSeconds(9)), third.Loss);
        third.Told(third.Loss!);
        Assert.Null(third.Loss);

        static SpooledEvent TooLarge(DateTimeOffset at) => new("s", "m", Encoding.UTF8.GetBytes($$"""{"at":"{{at:O}}","more":"{{new string('x', 300_000)}}"}"""));
    }

    [Fact]
    public async Task The_position_of_an_older_version_is_read()
    {
        using (EventSpool first = Open())
        {
            for (int i = 0; i < 3; i++)
                first.Append(EventOf(i));
            await TakeAsync(first, 2);
        }

        using (var position = new FileStream(_directory["position"], FileMode.Open))
            position.SetLength(16);     // it knew of no losses
        using EventSpool second = Open();
        Assert.Null(second.Loss);
        Assert.Equal(["2"], await TakeAsync(second, 1));
    }

    [Fact]
    public async Task Whoever_deletes_its_files_loses_what_was_in_them_and_nothing_else()
    {
        using EventSpool spool = Open();
        spool.Append(EventOf(0));
        Directory.Delete(_directory.Path, recursive: true);
        Assert.False(spool.TryNext(out _));
        Assert.True(spool.Append(EventOf(1)));
        Assert.Equal(["1"], await TakeAsync(spool, 1));
    }

    [Fact]
    public void Who_tells_after_the_end_disturbs_nobody()
    {
        EventSpool spool = Open();
        spool.Dispose();
        Assert.False(spool.Append(EventOf(0)));
        Assert.False(spool.TryNext(out _));
    }

    public void Dispose() => _directory.Dispose();

    private EventSpool Open() => new(_directory.Path, segmentBytes: 1000);

    private static SpooledEvent EventOf(int i) => new("vms.events.s.c.motion", $"{i}", Encoding.UTF8.GetBytes($"event {i} with some words in it"));

    private static async Task<List<string>> TakeAsync(EventSpool spool, int count)
    {
        var taken = new List<string>();
        for (int i = 0; i < count; i++)
        {
            SpooledEvent next = await spool.NextAsync(default).WaitAsync(TimeSpan.FromSeconds(10));
            taken.Add(next.MessageId);
            spool.Done(next);
        }

        return taken;
    }
}
