using System.Threading.Channels;
using Vms.Testing.Servers;
using static Vms.Bus.Tests.BusConnectionTests;

namespace Vms.Bus.Tests;

/// <summary>Key-value buckets on a real nats-server.</summary>
public sealed class KeyValueTests : IAsyncLifetime
{
    private static readonly KvConfig s_status = new() { Name = "stream_status" };

    private PrivateNats _nats = null!;
    private TestBus _bus = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _nats = await PrivateNats.StartAsync();
        _bus = await TestBus.ConnectAsync(_nats);
    }

    public async ValueTask DisposeAsync()
    {
        await _bus.DisposeAsync();
        await _nats.DisposeAsync();
    }

    [Fact]
    public async Task A_value_is_read_back_with_its_revision_and_time()
    {
        var bucket = await _bus.JetStream.EnsureBucketAsync(s_status, Ct);
        Assert.Null(await bucket.GetAsync("cam.main", Ct));
        var first = await bucket.PutAsync("cam.main", Bytes("online"), Ct);
        var second = await bucket.PutAsync("cam.main", Bytes("offline"), Ct);
        Assert.True(second > first);

        var entry = await bucket.GetAsync("cam.main", Ct);
        Assert.Equal(("offline", second, KvOperation.Put), (entry!.Text, entry.Revision, entry.Operation));
        Assert.InRange(entry.WrittenAt, TimeProvider.System.GetUtcNow().AddMinutes(-1), TimeProvider.System.GetUtcNow().AddMinutes(1));

        await _bus.JetStream.EnsureBucketAsync(s_status with { History = 5 }, Ct);
        Assert.Equal("offline", (await bucket.GetAsync("cam.main", Ct))!.Text);
    }

    [Fact]
    public async Task Several_buckets_in_memory_fit_into_a_small_server()
    {
        for (var i = 0; i < 5; i++)
        {
            var bucket = await _bus.JetStream.EnsureBucketAsync(new KvConfig { Name = "b" + i, Storage = StreamStorage.Memory }, Ct);
            await bucket.PutAsync("k", Bytes("v"), Ct);
        }
    }

    [Fact]
    public async Task A_bucket_the_server_has_no_room_for_is_refused_and_not_waited_for()
    {
        var refused = await Assert.ThrowsAsync<BusException>(() => _bus.JetStream.EnsureBucketAsync(
            new KvConfig { Name = "huge", Storage = StreamStorage.Memory, MaxBytes = 1L << 40 }, Ct));
        Assert.Equal(BusErrorKind.Refused, refused.Kind);
    }

    [Fact]
    public async Task Create_and_update_let_exactly_one_writer_win()
    {
        var bucket = await _bus.JetStream.EnsureBucketAsync(s_status, Ct);
        var created = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => bucket.CreateAsync("lease", Bytes("owner" + i), Ct)));
        var revision = Assert.Single(created, r => r is not null)!.Value;
        Assert.Null(await bucket.CreateAsync("lease", Bytes("late"), Ct));

        var updated = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => bucket.UpdateAsync("lease", Bytes("renewed" + i), revision, Ct)));
        var renewed = Assert.Single(updated, r => r is not null)!.Value;
        Assert.Equal(renewed, (await bucket.GetAsync("lease", Ct))!.Revision);

        Assert.False(await bucket.DeleteAsync("lease", revision, Ct));
        Assert.True(await bucket.DeleteAsync("lease", renewed, Ct));
        Assert.Null(await bucket.GetAsync("lease", Ct));
        Assert.NotNull(await bucket.CreateAsync("lease", Bytes("next"), Ct));
        await bucket.PurgeAsync("lease", Ct);
        Assert.Null(await bucket.GetAsync("lease", Ct));
        Assert.NotNull(await bucket.CreateAsync("lease", Bytes("again"), Ct));
    }

    [Fact]
    public async Task Keys_lists_what_has_a_value()
    {
        var bucket = await _bus.JetStream.EnsureBucketAsync(s_status, Ct);
        Assert.Empty(await bucket.KeysAsync("", Ct));
        for (var i = 0; i < 600; i++) await bucket.PutAsync($"cam{i}.main", Bytes("x"), Ct);
        await bucket.PutAsync("cam1.sub", Bytes("x"), Ct);
        await bucket.DeleteAsync("cam0.main", null, Ct);
        Assert.Equal(600, (await bucket.KeysAsync("", Ct)).Count);
        Assert.Equal(["cam1.main", "cam1.sub"], (await bucket.KeysAsync("cam1.*", Ct)).Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a.*")]
    [InlineData(">")]
    [InlineData(".a")]
    [InlineData("ä")]
    public async Task What_is_no_key_is_refused(string key)
    {
        var bucket = await _bus.JetStream.EnsureBucketAsync(s_status, Ct);
        await Assert.ThrowsAsync<ArgumentException>(() => bucket.PutAsync(key, default, Ct));
    }

    [Fact]
    public async Task A_value_above_the_buckets_ceiling_is_refused()
    {
        var bucket = await _bus.JetStream.EnsureBucketAsync(s_status with { MaxValueBytes = 1000 }, Ct);
        var refused = await Assert.ThrowsAsync<BusException>(() => bucket.PutAsync("k", new byte[2000], Ct));
        Assert.Equal(BusErrorKind.Refused, refused.Kind);
    }

    [Fact]
    public async Task A_watch_gives_the_values_then_the_marker_then_the_changes()
    {
        var bucket = await _bus.JetStream.EnsureBucketAsync(s_status, Ct);
        await bucket.PutAsync("a.main", Bytes("1"), Ct);
        await bucket.PutAsync("a.main", Bytes("2"), Ct);
        await bucket.PutAsync("b.main", Bytes("3"), Ct);
        await bucket.PutAsync("gone.main", Bytes("4"), Ct);
        await bucket.DeleteAsync("gone.main", null, Ct);

        await using var all = new Watching(bucket, "");
        await using var one = new Watching(bucket, "b.*");
        Assert.Equal(["Put a.main 2", "Put b.main 3", "InitialDone"], await all.NextAsync(3));
        Assert.Equal(["Put b.main 3", "InitialDone"], await one.NextAsync(2));

        await bucket.PutAsync("a.main", Bytes("5"), Ct);
        await bucket.DeleteAsync("b.main", null, Ct);
        await bucket.PurgeAsync("a.main", Ct);
        Assert.Equal(["Put a.main 5", "Delete b.main", "Purge a.main"], await all.NextAsync(3));
        Assert.Equal(["Delete b.main"], await one.NextAsync(1));
    }

    [Fact]
    public async Task A_watch_of_an_empty_bucket_gives_the_marker_at_once()
    {
        var bucket = await _bus.JetStream.EnsureBucketAsync(s_status, Ct);
        await using var watching = new Watching(bucket, "");
        Assert.Equal(["InitialDone"], await watching.NextAsync(1));
    }

    [Fact]
    public async Task Values_expire_and_the_watch_says_so()
    {
        var bucket = await _bus.JetStream.EnsureBucketAsync(s_status with { MaxAge = TimeSpan.FromSeconds(2) }, Ct);
        await bucket.PutAsync("dies", Bytes("1"), Ct);
        await using var watching = new Watching(bucket, "");
        Assert.Equal(["Put dies 1", "InitialDone"], await watching.NextAsync(2));

        using var refresh = new PeriodicTimer(TimeSpan.FromMilliseconds(400));
        var expired = watching.NextWhereAsync(e => e.StartsWith("Expired", StringComparison.Ordinal));
        while (!expired.IsCompleted)
        {
            await bucket.PutAsync("lives", Bytes("2"), Ct);
            await refresh.WaitForNextTickAsync(Ct);
        }

        Assert.Equal("Expired dies", await expired);
        Assert.Null(await bucket.GetAsync("dies", Ct));
        Assert.NotNull(await bucket.GetAsync("lives", Ct));
    }

    [Fact]
    public async Task A_watch_survives_a_restart_without_missing_the_latest_value_or_repeating_a_known_one()
    {
        var bucket = await _bus.JetStream.EnsureBucketAsync(s_status, Ct);
        await bucket.PutAsync("same", Bytes("1"), Ct);
        await bucket.PutAsync("changes", Bytes("1"), Ct);
        await bucket.PutAsync("deleted", Bytes("1"), Ct);
        await using var watcher = await TestBus.ConnectAsync(_nats, o => o with { ReconnectDelayMin = TimeSpan.FromSeconds(2), ReconnectDelayMax = TimeSpan.FromSeconds(2) });
        await using var watching = new Watching(await watcher.JetStream.EnsureBucketAsync(s_status, Ct), "");
        Assert.Equal(4, (await watching.NextAsync(4)).Count);

        // The watcher reconnects a second or two later than the writer: it misses these changes while they happen.
        await _nats.RestartAsync();
        await bucket.PutAsync("changes", Bytes("2"), Ct);
        await bucket.PutAsync("changes", Bytes("3"), Ct);
        await bucket.DeleteAsync("deleted", null, Ct);
        await bucket.PutAsync("new", Bytes("1"), Ct);

        Assert.Equal(["Delete deleted", "Put changes 3", "Put new 1"], (await watching.NextAsync(3)).Order());
        await bucket.PutAsync("same", Bytes("2"), Ct);
        Assert.Equal(["Put same 2"], await watching.NextAsync(1));
    }

    [Fact]
    public async Task A_watch_of_a_bucket_that_died_with_the_server_reports_the_loss_and_goes_on()
    {
        var config = s_status with { Storage = StreamStorage.Memory };
        var bucket = await _bus.JetStream.EnsureBucketAsync(config, Ct);
        await bucket.PutAsync("a", Bytes("1"), Ct);
        await bucket.PutAsync("b", Bytes("1"), Ct);
        await using var watching = new Watching(bucket, "");
        await watching.NextAsync(3);

        await _nats.RestartAsync();
        Assert.Equal(["Expired a", "Expired b"], (await watching.NextAsync(2)).Order());
        await bucket.PutAsync("a", Bytes("2"), Ct);
        Assert.Equal(["Put a 2"], await watching.NextAsync(1));
    }

    /// <summary>A watch being read into a list of words.</summary>
    private sealed class Watching : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Channel<string> _seen = Channel.CreateUnbounded<string>();
        private readonly Task _reading;

        public Watching(KeyValueBucket bucket, string filter) => _reading = ReadAsync(bucket, filter);

        public async Task<List<string>> NextAsync(int count)
        {
            var entries = new List<string>();
            while (entries.Count < count) entries.Add(await _seen.Reader.ReadAsync(Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Ct));
            return entries;
        }

        public async Task<string> NextWhereAsync(Func<string, bool> condition)
        {
            while (true)
            {
                var entry = (await NextAsync(1))[0];
                if (condition(entry)) return entry;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _reading;
            _stop.Dispose();
        }

        private async Task ReadAsync(KeyValueBucket bucket, string filter)
        {
            try
            {
                await foreach (var entry in bucket.WatchAsync(filter, _stop.Token))
                    await _seen.Writer.WriteAsync($"{entry.Operation} {entry.Key} {entry.Text}".Trim());
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // The test is over.
            }
        }
    }
}
