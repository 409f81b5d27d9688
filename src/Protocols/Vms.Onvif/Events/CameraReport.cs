using System.Security.Cryptography;
using System.Text;

namespace Vms.Onvif.Events;

/// <summary>What a camera reports about its scene: that something began, goes on, is over, or has just happened.</summary>
/// <param name="Id">The same happening always has the same one, from its beginning to its end.</param>
/// <param name="At">When it began.</param>
/// <param name="EndAt">Null while it goes on, and for what has no length.</param>
/// <param name="Ongoing">It goes on; said again every <see cref="CameraReports.Renewal"/>.</param>
/// <param name="Topic">As the camera calls it.</param>
/// <param name="Source">Which of the camera's sources, rules or objects.</param>
public sealed record CameraReport(Guid Id, string Type, DateTimeOffset At, DateTimeOffset? EndAt, bool Ongoing, string Topic, string Source)
{
    private const int MaxSource = 512;

    internal static CameraReport Of(string cameraId, EventMeaning meaning, Notification notification, DateTimeOffset at)
    {
        // Two objects that cross a line in one picture are two events; two rules that see one motion are one.
        string source = notification.Source.Length > MaxSource ? notification.Source[..MaxSource] : notification.Source;
        string name = $"{meaning.Type}/{cameraId}/{at.UtcTicks}{(meaning.State is null ? "/" + source : "")}";
        var id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16));
        return new(id, meaning.Type, at, null, meaning.State is not null, notification.Topic, source);
    }
    /// <summary>Under which the report is published: a message that is sent twice counts once, and that something goes on is another message each time it is said.</summary>
    /// <param name="saidAt">Any number that is another the next time.</param>
    public string MessageIdOf(long saidAt) => this switch
    {
        { EndAt: not null } => $"{Id}/end",
        { Ongoing: true } => $"{Id}/{saidAt}",
        _ => Id.ToString(),
    };
}
