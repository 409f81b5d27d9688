namespace Vms.Hosting;

/// <summary>Who watched what, as a plane tells it to control. Repeated until control has said that it is written down.</summary>
/// <param name="Sequence">Grows with each, within the plane's epoch.</param>
/// <param name="Id">Of the viewing: one that was told while it went on is told again at its end.</param>
/// <param name="Seconds">From the beginning to the last sign of the viewer.</param>
/// <param name="GoesOn">It is not over.</param>
/// <param name="IsCutOff">The plane ended in the middle of it: it lasted at least so long.</param>
/// <param name="Count">Connections and requests that it was made of.</param>
/// <param name="From">Of the past: the earliest that was shown.</param>
public sealed record ViewingReport(
    long Sequence, Guid Id, WatchKind Kind, Guid? AccountId, string User, string? TenantId, string? Address, string CameraId, string Stream, string Transport,
    DateTimeOffset BeganAt, double Seconds, bool GoesOn, bool IsCutOff, long Count, DateTimeOffset? From, DateTimeOffset? To);

/// <summary>What control asks for.</summary>
/// <param name="Epoch">As the plane told it last; null: never.</param>
/// <param name="After">Everything up to here is written down: the plane forgets it.</param>
public sealed record ViewingsRequest(Guid? Epoch, long After);

/// <param name="Epoch">Another one when the plane lost its disk: its numbers begin anew.</param>
/// <param name="Lost">So many viewings were not kept since the plane was set up, because there were too many at once or control was away for too long.</param>
/// <param name="HasMore">Ask again at once.</param>
public sealed record ViewingReports(Guid Epoch, IReadOnlyList<ViewingReport> Items, long Lost, bool HasMore);
