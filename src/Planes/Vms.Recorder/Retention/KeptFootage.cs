using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Vms.Codecs;
using Vms.Contracts.Recorder;
using Vms.Hosting;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Retention;

/// <summary>
/// What control wants kept, as it said last. Stands in the pool, beside what it keeps: it goes where the disk goes, and is there before
/// control and the database are. While it is not known, nobody knows what may be deleted, and nothing is. Any thread; changes one after
/// the other.
/// </summary>
internal sealed partial class KeptFootage
{
    public const int MaxRanges = 20_000;

    private const string FileName = "kept";
    private const int HeaderBytes = 4;      // CRC-32C of what follows

    private readonly string _path;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private volatile Snapshot? _applied;
    private volatile bool _confirmed;
    private KeptRanges? _written;       // what the pool says

    private KeptFootage(string path, ILogger logger)
    {
        _path = path;
        _logger = logger;
    }

    /// <summary>The list; null while it is not known.</summary>
    public KeptRanges? Applied => _applied?.List;

    /// <summary>Control has said since the start that this is what it wants kept. Until then the list is as old as the recorder was away.</summary>
    public bool IsConfirmed => _confirmed;

    /// <summary>Cameras of which something is to be kept.</summary>
    public IEnumerable<string> Cameras => _applied?.ByCamera.Keys ?? [];

    public static KeptFootage Open(ArchiveLayout layout, ILogger logger)
    {
        var kept = new KeptFootage(Path.Combine(layout.IndexPath, FileName), logger);
        kept.Load();
        return kept;
    }

    /// <summary>Replaces the list. What is new in it holds at once, also when it cannot be written down.</summary>
    /// <returns>False when a newer generation is applied, or another list of the same number.</returns>
    /// <exception cref="IOException">It holds until the process ends; whoever sent it has to send it again.</exception>
    public bool Apply(KeptRanges list)
    {
        lock (_gate)
        {
            if (Confirm(list.Generation, list.ListId))
            {
                return true;
            }

            if (_applied is { List.Generation: var known } && known >= list.Generation)
            {
                return false;
            }

            try
            {
                PrivateFiles.Replace(_path, Encode(list));
                _written = list;
                _applied = Snapshot.Of(list);
                _confirmed = true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not yet as good as said: the generation stays behind, so that it is sent again.
                var both = list.Clone();
                both.Generation = _written?.Generation ?? 0;
                both.ListId = _written?.ListId ?? "";
                both.Ranges.Add(_written?.Ranges ?? []);
                _applied = Snapshot.Of(both);
                _confirmed = true;
                Log.NotWritten(_logger, _path, e.Message);
                throw;
            }

            Log.Applied(_logger, list.Generation, list.Ranges.Count);
            return true;
        }
    }

    /// <summary>Control wants this list kept.</summary>
    /// <returns>Whether it is the one that is applied.</returns>
    public bool Confirm(long generation, string listId)
    {
        bool isApplied = IsApplied(generation, listId);
        _confirmed |= isApplied;
        return isApplied;
    }

    public bool IsApplied(long generation, string listId) =>
        _applied is { List: var list } && list.Generation == generation && list.ListId == listId;

    /// <summary>What keeps a stretch of a camera's recordings; the strongest, where several do.</summary>
    /// <param name="now">Bookmarks keep for a time only.</param>
    public Protection Of(string cameraId, DateTimeOffset from, DateTimeOffset to, DateTimeOffset now)
    {
        if (_applied is not { } applied)
        {
            return Protection.Unknown;
        }

        var strongest = Protection.None;
        foreach (var range in applied.ByCamera.GetValueOrDefault(cameraId) ?? [])
        {
            if (range.From >= to)
            {
                break;      // the others begin later still
            }

            if (range.To > from && range.Until > now && range.Kind > strongest)
            {
                strongest = range.Kind;
            }
        }

        return strongest;
    }

    /// <summary>The ranges of a camera, by their beginning.</summary>
    public IReadOnlyList<KeptStretch> RangesOf(string cameraId) => _applied?.ByCamera.GetValueOrDefault(cameraId) ?? [];

    private void Load()
    {
        try
        {
            if (!TryDecode(File.ReadAllBytes(_path), out var list))
            {
                Log.Unreadable(_logger, _path, "it is damaged");
                return;
            }

            _written = list;
            _applied = Snapshot.Of(list);
        }
        catch (FileNotFoundException)
        {
            Log.NotKnownYet(_logger);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Unreadable(_logger, _path, e.Message);
        }
    }

    private static byte[] Encode(KeptRanges list)
    {
        byte[] bytes = new byte[HeaderBytes + list.CalculateSize()];
        list.WriteTo(bytes.AsSpan(HeaderBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Crc32C.Of(bytes.AsSpan(HeaderBytes)));
        return bytes;
    }

    private static bool TryDecode(byte[] bytes, [NotNullWhen(true)] out KeptRanges? list)
    {
        list = null;
        if (bytes.Length < HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Crc32C.Of(bytes.AsSpan(HeaderBytes)))
        {
            return false;
        }

        try
        {
            list = KeptRanges.Parser.ParseFrom(bytes.AsSpan(HeaderBytes));
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    private sealed record Snapshot(KeptRanges List, IReadOnlyDictionary<string, KeptStretch[]> ByCamera)
    {
        public static Snapshot Of(KeptRanges list) => new(
            list, list.Ranges.GroupBy(r => r.CameraId).ToDictionary(c => c.Key, c => c.Select(KeptStretch.Of).OrderBy(r => r.From).ToArray()));
    }

    private static partial class Log
    {
        [LoggerMessage(3340, LogLevel.Information, "Footage to be kept: list {Generation} with {Ranges} ranges is applied")]
        public static partial void Applied(ILogger logger, long generation, int ranges);

        [LoggerMessage(3341, LogLevel.Information, "It is not known yet what is to be kept; nothing is deleted until control has said so")]
        public static partial void NotKnownYet(ILogger logger);

        [LoggerMessage(3342, LogLevel.Error, "The list of what is to be kept cannot be read from {Path} ({Reason}); nothing is deleted until control has sent it again")]
        public static partial void Unreadable(ILogger logger, string path, string reason);

        [LoggerMessage(3343, LogLevel.Error, "The list of what is to be kept cannot be written to {Path} ({Reason}); it holds until the recorder ends, control sends it again")]
        public static partial void NotWritten(ILogger logger, string path, string reason);
    }
}

/// <summary>One kept range in the recorder's own words.</summary>
/// <param name="Until">The end of time for what is kept as long as it is in the list.</param>
internal readonly record struct KeptStretch(Protection Kind, DateTimeOffset From, DateTimeOffset To, DateTimeOffset Until)
{
    public static KeptStretch Of(KeptRange range) => new(
        range.Kind switch
        {
            "bookmark" => Protection.Bookmark,
            "clip" => Protection.Clip,
            _ => Protection.Hold,       // what a newer control calls otherwise is kept, too
        },
        DateTimeOffset.FromUnixTimeMilliseconds(range.FromUnixMs),
        DateTimeOffset.FromUnixTimeMilliseconds(range.ToUnixMs),
        range.UntilUnixMs == 0 ? DateTimeOffset.MaxValue : DateTimeOffset.FromUnixTimeMilliseconds(range.UntilUnixMs));
}
