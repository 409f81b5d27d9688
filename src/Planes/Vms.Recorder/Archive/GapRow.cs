using System.Text.Json;
using Vms.Codecs;

namespace Vms.Recorder.Archive;

/// <summary>A stretch of wall time that a recording should cover and does not, with its cause.</summary>
/// <param name="Open">The outage goes on; <paramref name="To"/> is now.</param>
internal sealed record GapRow(
    Guid Id, string CameraId, string Stream, DateTimeOffset From, DateTimeOffset To, GapCause Cause, bool Open, int Version)
{
    /// <summary>Nobody wanted it recorded: time on the books, and no loss.</summary>
    public bool IsIntended => Intended(Cause);

    public static bool Intended(GapCause cause) => cause is GapCause.Disabled or GapCause.Schedule or GapCause.NoTrigger;

    /// <summary>The cause as events, metrics and the API spell it: <c>cameraOffline</c>.</summary>
    public static string NameOf(GapCause cause) => JsonNamingPolicy.CamelCase.ConvertName(cause.ToString());
}
