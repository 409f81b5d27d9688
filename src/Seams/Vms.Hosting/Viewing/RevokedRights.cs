using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Vms.Hosting;

/// <summary>
/// The rights that were taken away while something issued before could still be alive, as control told them last. They stand on the plane's own disk: a plane
/// that starts alone refuses what it refused before. Any thread.
/// </summary>
public sealed partial class RevokedRights
{
    /// <summary>Control makes its list coarser before there are more.</summary>
    public const int Max = 10_000;

    private readonly DesiredStateStore<RevocationList> _store;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private volatile Index _current = new(new RevocationList(IsWhole: true, RevocationMark.None, []));

    /// <param name="plane">Whose list it is: planes of one installation have their state in one folder.</param>
    public RevokedRights(PlaneOptions options, NodeKey key, TimeProvider time, ILogger<RevokedRights> logger, string plane)
    {
        _time = time;
        _store = new DesiredStateStore<RevocationList>(options, key, plane + "-revocations", list => JsonSerializer.SerializeToUtf8Bytes(list), Read);
        if (_store.Load(out var unreadable) is { } list)
            _current = new Index(list);
        if (unreadable is not null)
            Log.Unreadable(logger, unreadable);
    }

    /// <summary>Something was taken away; raised after it counts.</summary>
    public event Action? Applied;

    public RevocationMark Mark => _current.List.Mark;

    /// <summary>Whether the viewer has lost the right since they were let in.</summary>
    /// <param name="cameraId">Null: none in particular; only what holds for all cameras counts.</param>
    public bool Takes(Viewer viewer, ViewingRight right, string? cameraId)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        var index = _current;
        return (viewer.AccountId is { } account && index.ByAccount.TryGetValue(account, out var own) && Takes(own, viewer, right, cameraId))
            || Takes(index.OfEverybody, viewer, right, cameraId);
    }

    /// <summary>Takes rights away. A list that is older than what is applied, or the same, changes nothing.</summary>
    /// <returns>What is applied then.</returns>
    /// <exception cref="TooManyRevocationsException">Nothing was changed.</exception>
    /// <exception cref="IOException">It counts, and could not be written down: the mark is the one before.</exception>
    public RevocationMark Apply(RevocationList list)
    {
        ArgumentNullException.ThrowIfNull(list);
        lock (_gate)
        {
            var before = _current.List;
            if (!list.IsWhole && list.Mark.Generation <= before.Mark.Generation)
                return before.Mark;
            var now = _time.GetUtcNow();
            var items = (list.IsWhole ? [] : before.Items).Concat(list.Items).Where(r => r.Until > now).DistinctBy(r => r.Generation).ToList();
            if (items.Count > Max)
                throw new TooManyRevocationsException();
            _current = new Index(new RevocationList(IsWhole: true, before.Mark, items));
            Applied?.Invoke();
            var written = new RevocationList(IsWhole: true, list.Mark, items);
            _store.Save(written);
            _current = new Index(written);
            return list.Mark;
        }
    }

    private static bool Takes(Entry[] entries, Viewer viewer, ViewingRight right, string? cameraId)
    {
        foreach (var (revocation, cameras) in entries)
        {
            if ((revocation.Rights & right) != 0
                && (revocation.SignInId is { } signIn ? viewer.SignInId == signIn : viewer.RightsAsOf < revocation.NotBefore)
                && (cameras is null || (cameraId is not null && cameras.Contains(cameraId))))
                return true;
        }

        return false;
    }

    private static RevocationList Read(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<RevocationList>(bytes) ?? throw new InvalidDataException("no list");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private sealed class Index(RevocationList list)
    {
        public RevocationList List => list;

        public FrozenDictionary<Guid, Entry[]> ByAccount { get; } = list.Items.Where(r => r.AccountId is not null)
            .GroupBy(r => r.AccountId!.Value, Entry.Of).ToFrozenDictionary(g => g.Key, g => g.ToArray());

        public Entry[] OfEverybody { get; } = [.. list.Items.Where(r => r.AccountId is null).Select(Entry.Of)];
    }

    private readonly record struct Entry(Revocation Revocation, FrozenSet<string>? Cameras)
    {
        public static Entry Of(Revocation revocation) => new(revocation, revocation.CameraIds?.ToFrozenSet(StringComparer.Ordinal));
    }

    private static partial class Log
    {
        [LoggerMessage(6061, LogLevel.Error, "The list of rights that were taken away could not be read and is set aside as {Path}: until control has told it again, tickets count for what they say")]
        public static partial void Unreadable(ILogger logger, string path);
    }
}
