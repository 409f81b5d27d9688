using Vms.Containers.Integrity;

namespace Vms.Cli.Verification;

/// <summary>Signed heads that were kept outside of the archive: what they vouch for must be in it, unless all of it is newer.</summary>
internal sealed class Anchors
{
    private readonly List<(StreamHead Head, DateTimeOffset AnchoredAt)> _heads = [];

    public static Anchors None { get; } = new();

    /// <param name="path">An anchor record, or a folder of them.</param>
    /// <param name="to">Heads from behind this are left out.</param>
    /// <exception cref="FormatException">It cannot be relied on; the message is for the user.</exception>
    public static Anchors At(string path, IntegrityKeys? keys, DateTimeOffset to)
    {
        if (keys is null)
            throw new FormatException("an anchor record says nothing without the public key");
        string[] files = File.Exists(path) ? [path] : Directory.Exists(path) ? Directory.GetFiles(path, "*.jws") : [];
        if (files.Length == 0)
            throw new FormatException($"there is no anchor record at {path}");
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
                throw new FormatException($"{file}: {e.Message}", e);
            }
        }

        return anchors;
    }

    /// <param name="first">Where what was verified begins: retention may have deleted what is before.</param>
    public IEnumerable<Finding> Missing(RecordedFiles stream, ChainVerifier verifier, DateTimeOffset? first) =>
        from known in _heads
        let head = known.Head
        where stream.Name.EndsWith(Path.Combine(head.CameraId, head.Stream), StringComparison.Ordinal) && head.Until > first
            && !verifier.HasSeen(Convert.FromHexString(head.Chain))
        orderby head.Until
        select new Finding(
            FindingKind.Missing, head.Until, "anchor", $"what was put down on {known.AnchoredAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC as the newest recording is not there");
}
