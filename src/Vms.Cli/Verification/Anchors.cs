using Vms.Containers.Integrity;

namespace Vms.Cli.Verification;

/// <summary>Signed heads that were kept outside of the archive: what they vouch for must be in it, unless all of it is newer.</summary>
internal sealed class Anchors
{
    private static readonly TimeSpan s_longestFetched = TimeSpan.FromMinutes(15);

    private readonly List<(StreamHead Head, DateTimeOffset AnchoredAt)> _heads = [];

    public static Anchors None { get; } = new();

    public int Count => _heads.Count;

    /// <param name="path">An anchor record, or a folder of them.</param>
    /// <param name="to">Heads from behind this are left out.</param>
    /// <exception cref="InvalidDataException">It cannot be relied on; the message is for the user.</exception>
    public static Anchors At(string path, IntegrityKeys? keys, DateTimeOffset to)
    {
        if (keys is null)
            throw new InvalidDataException("an anchor record says nothing without the public key");
        string[] files = File.Exists(path) ? [path] : Directory.Exists(path) ? Directory.GetFiles(path, "*.jws") : [];
        if (files.Length == 0)
            throw new InvalidDataException($"there is no anchor record at {path}");
        var anchors = new Anchors();
        foreach (string file in files)
        {
            try
            {
                var record = AnchorRecord.Read(File.ReadAllText(file), keys);
                anchors._heads.AddRange(record.Heads.Where(h => h.Until <= to).Select(h => (h, record.At)));
            }
            catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
            {
                throw new InvalidDataException($"{file}: {e.Message}", e);
            }
        }

        return anchors;
    }

    public IEnumerable<byte[]> ChainsOf(RecordedFiles stream) => Of(stream).Select(known => Convert.FromHexString(known.Head.Chain));

    /// <param name="oldest">When the oldest of what is left was recorded.</param>
    public IEnumerable<Finding> Missing(RecordedFiles stream, ChainVerifier verifier, DateTimeOffset? oldest) =>
        from known in Of(stream)
        where !MayBeDeleted(stream, known.Head, oldest) && !verifier.HasSeen(Convert.FromHexString(known.Head.Chain))
        orderby known.Head.Until
        select new Finding(
            FindingKind.Missing, known.Head.Until, "anchor", $"what was put down on {known.AnchoredAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC as the newest recording is not there");

    /// <summary>What was fetched from a device is deleted by when it was recorded, whatever its place in the order: a segment of it ends so much behind its beginning at most.</summary>
    private static bool MayBeDeleted(RecordedFiles stream, StreamHead head, DateTimeOffset? oldest) => stream.IsFromDevice && head.Until - s_longestFetched <= oldest;

    /// <summary>Heads that none of these can be compared with.</summary>
    public int Unmatched(IReadOnlyList<RecordedFiles> streams) => _heads.Count - streams.Sum(s => Of(s).Count());

    /// <summary>Of this stream, and not of segments older than all of its files: those retention may have deleted.</summary>
    private IEnumerable<(StreamHead Head, DateTimeOffset AnchoredAt)> Of(RecordedFiles stream) =>
        _heads.Where(known => $"{known.Head.CameraId}/{known.Head.Stream}" == stream.Source && known.Head.SegmentId >= stream.Files[0].Id);
}
