using System.Collections.Concurrent;
using Vms.Hosting;
using Vms.Media.Streams;

namespace Vms.Media.Egress.Cmaf;

/// <summary>Somebody who fetches segments of one stream with one credential.</summary>
internal sealed class SegmentViewer(LiveStream stream, string transport, string user, DateTimeOffset openedAtUtc)
{
    private long _requests;
    private long _bytes;
    private long _lastUse;

    public LiveStream Stream => stream;

    /// <summary>hls or dash.</summary>
    public string Transport => transport;

    public string User => user;

    public DateTimeOffset OpenedAtUtc => openedAtUtc;

    public long Requests => Interlocked.Read(ref _requests);

    public long BytesSent => Interlocked.Read(ref _bytes);

    public long LastUse => Interlocked.Read(ref _lastUse);

    public void Use(long timestamp)
    {
        Interlocked.Increment(ref _requests);
        Interlocked.Exchange(ref _lastUse, timestamp);
        Watching?.Use(timestamp);
    }

    public void CountSent(int bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>Set once, before anybody else sees it.</summary>
    public Viewing? Viewing { get; set; }

    /// <summary>What stands in the book of who watched; set once, before anybody else sees it.</summary>
    public Watching? Watching { get; set; }

    /// <summary>The right was taken away: the next request is refused, an answer that goes on is cut off.</summary>
    public bool IsRevoked => Viewing?.IsRevoked == true;
}

/// <summary>
/// Who watches by HLS and DASH. A player asks ten times a second, so a ticket is verified once; and as with other ways of
/// watching, who watches already goes on when the ticket expires: it is enough that it asks again within a minute.
/// </summary>
/// <remarks>Any thread.</remarks>
internal sealed class SegmentViewers(TicketVerifier tickets, Viewings viewings, TimeProvider time)
{
    /// <summary>Remembered at a time; one more is turned away.</summary>
    public const int MaxViewers = 2000;

    /// <summary>Of them, by one user: a wall of many screens, and nobody keeps the others out.</summary>
    public const int MaxViewersOfUser = 500;

    /// <summary>Stable.</summary>
    public const string TooManyCode = "tooManyViewers";

    private static readonly TimeSpan s_remembered = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_present = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<Key, SegmentViewer> _viewers = new();

    /// <summary>Those who asked in the last seconds.</summary>
    public IReadOnlyList<SegmentViewer> Present => [.. _viewers.Values.Where(v => time.GetElapsedTime(v.LastUse) < s_present)];

    /// <summary>Whoever has come with this ticket before, within the last minute.</summary>
    public SegmentViewer? Known(string ticket, LiveStream stream, string transport)
    {
        if (!_viewers.TryGetValue(new Key(IsTicket: true, ticket, stream, transport), out var known) || known.IsRevoked || time.GetElapsedTime(known.LastUse) >= s_remembered)
            return null;
        known.Use(time.GetTimestamp());
        return known;
    }

    /// <summary>Whoever comes with a ticket in the URL's path.</summary>
    /// <param name="reason">When null comes back: the code of why, where it is not the ticket's fault.</param>
    /// <returns>Null: the ticket is not valid, its right was taken away, or there are too many.</returns>
    public SegmentViewer? Admit(string ticket, LiveStream stream, string transport, string? address, out string? reason)
    {
        reason = null;
        if (Known(ticket, stream, transport) is { } known)
            return known;

        return tickets.TryVerify(ticket, TicketKind.Live, stream.CameraId, out var valid)
            ? Enter(new Key(IsTicket: true, ticket, stream, transport), Viewer.Of(valid, address), out reason)
            : null;
    }

    /// <summary>Whoever was let in by a header.</summary>
    public SegmentViewer? Enter(Viewer viewer, LiveStream stream, string transport, out string? reason) =>
        Enter(new Key(IsTicket: false, viewer.User, stream, transport), viewer, out reason);

    private SegmentViewer? Enter(Key key, Viewer who, out string? reason)
    {
        reason = null;
        if (!_viewers.TryGetValue(key, out var viewer) || viewer.IsRevoked || time.GetElapsedTime(viewer.LastUse) >= s_remembered)
        {
            Forget();
            if (_viewers.Count >= MaxViewers || _viewers.Values.Count(v => v.User == who.User) >= MaxViewersOfUser)
            {
                reason = TooManyCode;
                return null;
            }

            var viewing = viewings.TryOpen(who, ViewingRight.Live, key.Stream.CameraId, end: static () => { });      // its next request finds out
            if (viewing is null)
            {
                reason = TicketGate.RevokedCode;
                return null;
            }

            var made = new SegmentViewer(key.Stream, key.Transport, who.User, time.GetUtcNow())
            {
                Viewing = viewing,
                Watching = viewings.Log.Enter(who, WatchKind.Live, key.Stream.CameraId, key.Stream.Name, key.Transport, stays: false),
            };
            viewer = _viewers.GetOrAdd(key, made);
            if (viewer != made)
                viewing.Dispose();      // two first requests at once
        }

        viewer.Use(time.GetTimestamp());
        return viewer;
    }

    private void Forget()
    {
        foreach (var (key, viewer) in _viewers)
        {
            if ((viewer.IsRevoked || time.GetElapsedTime(viewer.LastUse) >= s_remembered) && _viewers.TryRemove(KeyValuePair.Create(key, viewer)))
                viewer.Viewing?.Dispose();
        }
    }

    /// <param name="IsTicket">What a client sends as a ticket must never be taken for somebody who was let in by name.</param>
    private readonly record struct Key(bool IsTicket, string Credential, LiveStream Stream, string Transport);
}
