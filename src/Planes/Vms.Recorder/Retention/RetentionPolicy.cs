namespace Vms.Recorder.Retention;

/// <summary>How long and how much of one stream is kept.</summary>
/// <param name="MaxAge">Zero: no limit by age.</param>
/// <param name="MaxBytes">Zero: no limit by size.</param>
internal readonly record struct RetentionPolicy(TimeSpan MaxAge, long MaxBytes);

/// <summary>Why a segment was deleted. The names stand in the journal, the index and the log.</summary>
internal static class DeletionReason
{
    public const string Age = "age";
    public const string Size = "size";
    public const string Headroom = "headroom";
    public const string DiskFull = "diskFull";
    public const string Requested = "requested";

    /// <summary>The file was not there: nobody decided anything. Leads to no deletion when it comes back.</summary>
    public const string Missing = "missing";

    /// <summary>The deletion before it failed and the file is still there: as if nobody had decided anything.</summary>
    public const string Kept = "kept";

    /// <summary>Did somebody decide that the file goes?</summary>
    public static bool IsDecision(string reason) => reason is not (Missing or Kept);
}
