using System.Globalization;

namespace Vms.Bus;

/// <summary>
/// A key-value bucket. Reads are direct gets of the last value; writes are acknowledged and repeated across reconnects like
/// every JetStream publish. Any thread.
/// </summary>
public sealed class KeyValueBucket
{
    private static readonly TimeSpan s_readTimeout = TimeSpan.FromSeconds(5);

    private readonly BusConnection _bus;
    private readonly KvConfig _config;
    private readonly TimeProvider _time;

    internal KeyValueBucket(BusConnection bus, KvConfig config, TimeProvider time)
    {
        CheckName(config.Name);
        _bus = bus;
        _config = config;
        _time = time;
    }

    public string Name => _config.Name;

    /// <summary>The current value; null when there is none.</summary>
    /// <exception cref="BusException">No answer.</exception>
    public async Task<KvEntry?> GetAsync(string key, CancellationToken cancellationToken)
    {
        CheckKey(key);
        var entry = await ReadLastAsync(key, cancellationToken);
        return entry is { Operation: KvOperation.Put } ? entry : null;
    }

    /// <summary>Writes whatever was there before. Returns the new revision.</summary>
    /// <exception cref="BusException">As <see cref="JetStream.PublishAsync(string, ReadOnlyMemory{byte}, string?, CancellationToken)"/>.</exception>
    public async Task<ulong> PutAsync(string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        CheckKey(key);
        return (await _bus.JetStream.PublishAsync(SubjectOf(Name, key), value, null, cancellationToken)).Sequence;
    }

    /// <summary>Writes only if the key has no value. Returns the revision; null when somebody else was there first.</summary>
    /// <exception cref="BusException">As <see cref="PutAsync"/>.</exception>
    public async Task<ulong?> CreateAsync(string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        if (await UpdateAsync(key, value, expectedRevision: 0, cancellationToken) is { } revision) return revision;

        // A deleted key keeps a marker, and the marker has a revision.
        var last = await ReadLastAsync(key, cancellationToken);
        return last is { Operation: KvOperation.Delete or KvOperation.Purge }
            ? await UpdateAsync(key, value, last.Revision, cancellationToken)
            : null;
    }

    /// <summary>Writes only over this revision. Returns the new one; null when somebody else wrote meanwhile.</summary>
    /// <exception cref="BusException">As <see cref="PutAsync"/>.</exception>
    public Task<ulong?> UpdateAsync(string key, ReadOnlyMemory<byte> value, ulong expectedRevision, CancellationToken cancellationToken) =>
        WriteAsync(key, value, expectedRevision, [], cancellationToken);

    /// <summary>Deletes the key; where a revision is given, only that one. False when somebody else wrote meanwhile.</summary>
    /// <exception cref="BusException">As <see cref="PutAsync"/>.</exception>
    public async Task<bool> DeleteAsync(string key, ulong? expectedRevision, CancellationToken cancellationToken) =>
        await WriteAsync(key, default, expectedRevision, new BusHeaders { { "KV-Operation", "DEL" } }, cancellationToken) is not null;

    /// <summary>Deletes the key and all its revisions.</summary>
    /// <exception cref="BusException">As <see cref="PutAsync"/>.</exception>
    public Task PurgeAsync(string key, CancellationToken cancellationToken) =>
        WriteAsync(key, default, null, new BusHeaders { { "KV-Operation", "PURGE" }, { "Nats-Rollup", "sub" } }, cancellationToken);

    /// <summary>The keys that have a value. <paramref name="filter"/> as in <see cref="WatchAsync"/>.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync(string filter, CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        await foreach (var entry in new KvWatch(_bus, this, filter, _config.MaxAge, headersOnly: true, _time).RunAsync(cancellationToken))
        {
            if (entry.Operation is KvOperation.InitialDone) break;
            if (entry.Operation is KvOperation.Put) keys.Add(entry.Key);
            else keys.Remove(entry.Key);
        }

        return keys;
    }

    /// <summary>
    /// The values there are, then <see cref="KvOperation.InitialDone"/> once, then every change until the token fires. Goes on
    /// across reconnects: the latest value of each key is never missed (values in between may be), a key that went away
    /// meanwhile is reported as Expired. Keys that expire by the bucket's time to live are reported too.
    /// </summary>
    /// <param name="filter">A key, or a pattern with <c>*</c> (one token) and <c>&gt;</c> (the rest); empty: all keys.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    public IAsyncEnumerable<KvEntry> WatchAsync(string filter, CancellationToken cancellationToken) =>
        new KvWatch(_bus, this, filter, _config.MaxAge, headersOnly: false, _time).RunAsync(cancellationToken);

    internal static string StreamOf(string bucket) => "KV_" + bucket;

    internal static string SubjectOf(string bucket, string key) => $"$KV.{bucket}.{key}";

    /// <summary>The last entry of the key, markers included; null when there is none.</summary>
    internal async Task<KvEntry?> ReadLastAsync(string key, CancellationToken cancellationToken)
    {
        var reply = await _bus.RequestAsync(
            $"$JS.API.DIRECT.GET.{StreamOf(Name)}.{SubjectOf(Name, key)}", default, null, s_readTimeout, cancellationToken);
        if (reply.Status == 404) return null;
        if (reply.Status != 0) throw new BusException(BusErrorKind.Refused, $"Get of '{key}': {reply.Status} {reply.StatusText}.");

        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return ulong.TryParse(reply.Headers?["Nats-Sequence"], NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            && DateTimeOffset.TryParse(reply.Headers["Nats-Time-Stamp"], CultureInfo.InvariantCulture, utc, out var writtenAt)
            ? new KvEntry(key, reply.Payload, revision, writtenAt, KvEntry.OperationOf(reply.Headers))
            : throw new BusException(BusErrorKind.ProtocolViolation, $"Get of '{key}': the answer has no sequence and time.");
    }

    private async Task<ulong?> WriteAsync(
        string key, ReadOnlyMemory<byte> value, ulong? expectedRevision, BusHeaders headers, CancellationToken cancellationToken)
    {
        CheckKey(key);
        if (expectedRevision is { } revision)
            headers.Add("Nats-Expected-Last-Subject-Sequence", revision.ToString(CultureInfo.InvariantCulture));
        try
        {
            return (await _bus.JetStream.PublishAsync(SubjectOf(Name, key), value, headers, null, cancellationToken)).Sequence;
        }
        catch (BusException e) when (e.ApiError == JetStreamError.WrongLastSequence)
        {
            return null;
        }
    }

    private static void CheckName(string name)
    {
        var valid = name.Length is > 0 and <= 128;
        foreach (var c in name) valid &= char.IsAsciiLetterOrDigit(c) || c is '-' or '_';
        if (!valid) throw new ArgumentException($"'{name}' is not a bucket name.", nameof(name));
    }

    private static void CheckKey(string key)
    {
        var valid = key.Length is > 0 and <= 512 && key[0] != '.' && key[^1] != '.' && !key.Contains("..", StringComparison.Ordinal);
        foreach (var c in key) valid &= char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '/' or '=' or '.';
        if (!valid) throw new ArgumentException($"'{key}' is not a key.", nameof(key));
    }
}
