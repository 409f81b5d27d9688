namespace Vms.Recorder.Archive;

/// <summary>How deep a check of the index looks; each level includes those before it.</summary>
internal enum IndexCheckLevel
{
    /// <summary>Each row has its file, each file its row.</summary>
    Presence,

    /// <summary>Files are as long as their row says, and begin with an init segment.</summary>
    Size,

    /// <summary>Each fragment is where its table says, and is what was written.</summary>
    Hash,
}

/// <summary>Index and files disagree, or a file is not what was written.</summary>
/// <param name="From">When the video begins; null where the finding is a folder.</param>
/// <param name="Path">Relative to the pool.</param>
/// <param name="Problem">One of the words below.</param>
/// <param name="Detail">For people.</param>
internal sealed record IndexFinding(string CameraId, string Stream, DateTimeOffset? From, string Path, string Problem, string Detail)
{
    public const string Missing = "missing";
    public const string NotIndexed = "notIndexed";
    public const string NotDeleted = "notDeleted";
    public const string TooShort = "tooShort";
    public const string Init = "init";
    public const string Table = "table";
    public const string Damaged = "damaged";
    public const string Unreadable = "unreadable";
}

/// <summary>How much a check has looked at so far.</summary>
internal sealed class IndexCheckCounts
{
    public long Segments { get; set; }

    public long Files { get; set; }

    public long Fragments { get; set; }
}
