using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Vms.Bus;

/// <summary>
/// One watch of a bucket. Reads through a short-lived pull consumer that begins with the last value of each key; when that is
/// lost (reconnect, server restart) a new one begins the same way and what is already known is left out. So a watch needs no
/// position that could be wrong after the server lost its data.
/// </summary>
internal sealed class KvWatch(BusConnection bus, KeyValueBucket bucket, string filter, TimeSpan maxAge, bool headersOnly, TimeProvider time)
{
    private const int Batch = 256;

    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_shortestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_requestTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_consumerLife = TimeSpan.FromMinutes(1);

    private readonly string _stream = KeyValueBucket.StreamOf(bucket.Name);
    private readonly string _subject = KeyValueBucket.SubjectOf(bucket.Name, filter.Length == 0 ? ">" : filter);
    private readonly int _keyStart = KeyValueBucket.SubjectOf(bucket.Name, "").Length;

    // Keys the reader knows a value of: revision, and when to look whether it expired (monotonic).
    private readonly Dictionary<string, (ulong Revision, long LookAt)> _known = [];

    private bool _catchingUp;
    private bool _announced;

    private TimeSpan Wait =>
        _catchingUp ? s_shortestWait
        : maxAge > TimeSpan.Zero ? TimeSpan.FromTicks(Math.Clamp(maxAge.Ticks / 4, s_shortestWait.Ticks, s_wait.Ticks))
        : s_wait;

    public async IAsyncEnumerable<KvEntry> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var (consumer, stored) = await CreateConsumerAsync(cancellationToken);
            try
            {
                var seen = new HashSet<string>();
                var alive = _catchingUp = true;
                if (stored == 0)
                    foreach (var entry in CaughtUp(seen))
                        yield return entry;

                while (alive)
                {
                    using var request = await PullRequest.SendAsync(bus, _stream, consumer, Batch, Wait, time, cancellationToken);
                    while (await request.NextAsync(cancellationToken) is { } message)
                    {
                        if (!JetStreamMessage.Delivery.TryParse(message.ReplyTo, out var delivery)) continue;

                        var current = EntryOf(message, delivery);
                        if (_catchingUp) seen.Add(current.Key);
                        if (Accept(current)) yield return current;
                        if (_catchingUp && delivery.Pending == 0)
                            foreach (var entry in CaughtUp(seen))
                                yield return entry;
                    }

                    alive = request.End is PullEnd.Complete or PullEnd.NoMessages;
                    if (_catchingUp && request.End is PullEnd.NoMessages)   // the rest expired while it was being read
                        foreach (var entry in CaughtUp(seen))
                            yield return entry;
                    if (alive && !_catchingUp)
                        foreach (var entry in await ExpiredAsync(cancellationToken))
                            yield return entry;
                }
            }
            finally
            {
                await DeleteConsumerAsync(consumer);
            }
        }
    }

    /// <summary>Creates the short-lived consumer, as soon as bus and bucket are there.</summary>
    private async Task<(string Name, ulong Stored)> CreateConsumerAsync(CancellationToken cancellationToken)
    {
        var settings = new ConsumerSettings
        {
            FilterSubject = _subject,
            DeliverPolicy = DeliverPolicy.LastPerSubject,
            AckPolicy = "none",
            HeadersOnly = headersOnly,
            MemStorage = true,
            InactiveThreshold = s_consumerLife,
        };
        var request = new CreateConsumerRequest(_stream, settings);
        var body = JsonSerializer.SerializeToUtf8Bytes(request, JetStreamJson.Default.CreateConsumerRequest);
        while (true)
        {
            await bus.WaitUntilConnectedAsync(cancellationToken);
            try
            {
                var answer = await bus.RequestAsync($"$JS.API.CONSUMER.CREATE.{_stream}", body, null, s_requestTimeout, cancellationToken);
                var reply = JetStream.Parse(answer, JetStreamJson.Default.CreateConsumerReply);
                JetStream.ThrowIf(reply.Error, "Watch of " + bucket.Name);
                return (reply.Name, reply.NumPending);
            }
            catch (BusException e) when (e.IsTransient || e.ApiError == JetStreamError.StreamNotFound)
            {
                await Task.Delay(s_retryDelay, time, cancellationToken);   // the server is starting, or the bucket is being declared
            }
        }
    }

    /// <summary>The values there are have been read: what is known and was not among them is gone.</summary>
    private List<KvEntry> CaughtUp(HashSet<string> seen)
    {
        _catchingUp = false;
        var entries = _known.Keys.Where(key => !seen.Contains(key)).Select(Gone).ToList();
        foreach (var entry in entries) _known.Remove(entry.Key);
        if (!_announced) entries.Add(KvEntry.InitialDone);
        _announced = true;
        return entries;
    }

    /// <summary>False: the reader knows this already, or it is the end of something the reader never saw.</summary>
    private bool Accept(KvEntry entry)
    {
        var known = _known.TryGetValue(entry.Key, out var last);
        if (entry.Operation is not KvOperation.Put) return _known.Remove(entry.Key);
        if (known && last.Revision == entry.Revision) return false;

        var age = time.GetUtcNow() - entry.WrittenAt;
        var left = TimeSpan.FromTicks(Math.Clamp((maxAge - age).Ticks, 0, maxAge.Ticks));   // clocks may differ: only a hint
        _known[entry.Key] = (entry.Revision, time.GetTimestamp() + ToTimestamp(left));
        return true;
    }

    /// <summary>
    /// The server removes old values without a word. So a key whose time should be over is looked up; it is expired only if the
    /// server says it is gone.
    /// </summary>
    private async Task<IReadOnlyList<KvEntry>> ExpiredAsync(CancellationToken cancellationToken)
    {
        if (maxAge <= TimeSpan.Zero) return [];

        var gone = new List<KvEntry>();
        var now = time.GetTimestamp();
        foreach (var (key, (revision, lookAt)) in _known.ToArray())
        {
            if (lookAt > now) continue;
            try
            {
                if (await bucket.ReadLastAsync(key, cancellationToken) is null && _known.Remove(key)) gone.Add(Gone(key));
                else _known[key] = (revision, now + ToTimestamp(s_shortestWait));
            }
            catch (BusException e) when (e.IsTransient)
            {
                break;   // the pull request will notice too
            }
        }

        return gone;
    }

    private async Task DeleteConsumerAsync(string consumer)
    {
        try
        {
            if (bus.State is BusState.Connected)   // else it goes by itself
                await bus.PublishAsync($"$JS.API.CONSUMER.DELETE.{_stream}.{consumer}", default, null, null, CancellationToken.None);
        }
        catch (BusException)
        {
            // It goes by itself after its inactive threshold.
        }
    }

    private KvEntry EntryOf(BusMessage message, JetStreamMessage.Delivery delivery) => new(
        message.Subject[_keyStart..], message.Payload, delivery.StreamSequence, delivery.StoredAt, KvEntry.OperationOf(message.Headers));

    private KvEntry Gone(string key) => new(key, default, 0, time.GetUtcNow(), KvOperation.Expired);

    private long ToTimestamp(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
