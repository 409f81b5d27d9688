namespace Vms.Recorder.Retention;

/// <summary>How long and how much of one stream is kept.</summary>
/// <param name="MinAge">What is younger goes only when the pool has no other room. Zero: no such promise.</param>
/// <param name="MaxAge">Zero: no limit by age.</param>
/// <param name="MaxBytes">Zero: no limit by size.</param>
internal readonly record struct RetentionPolicy(TimeSpan MinAge, TimeSpan MaxAge, long MaxBytes);

/// <summary>Why a segment is deleted, as it stands in the journal.</summary>
/// <param name="Reason">One of <see cref="DeletionReason"/>.</param>
/// <param name="Rule">The rule with its numbers.</param>
/// <param name="By">Who: a user, or the rules themselves.</param>
internal readonly record struct DeletionCause(string Reason, string Rule, string By = DeletionCause.Rules)
{
    public const string Rules = "retention";
}

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
