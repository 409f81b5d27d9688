using System.Text.Json;
using Vms.Hosting;

namespace Vms.Control.Features.Limits;

/// <summary>What a tenant, or one site of it, may use of the installation. Null: as much as there is.</summary>
/// <param name="CamerasPerLayout">Of the tenant, or of the site, in one layout.</param>
/// <param name="Sessions">People signed in at the same time; of a tenant alone.</param>
/// <param name="LiveStreamsPerUser">Cameras, of the tenant or of the site, that one person watches at the same time; both streams of one count once.</param>
internal sealed record UsageLimits(int? CamerasPerLayout = null, int? Sessions = null, int? LiveStreamsPerUser = null)
{
    public const int Max = 100_000;

    public static UsageLimits None { get; } = new();

    /// <param name="ofSite">Then there is no limit of sessions: nobody signs in at a site.</param>
    public static UsageLimits Check(UsageLimits? wanted, bool ofSite, List<FieldProblem> problems)
    {
        foreach (var (field, value) in (IEnumerable<(string, int?)>)
            [("camerasPerLayout", wanted?.CamerasPerLayout), ("sessions", wanted?.Sessions), ("liveStreamsPerUser", wanted?.LiveStreamsPerUser)])
        {
            if (value is < 1 or > Max)
                problems.Add(new FieldProblem("limits." + field, "outOfRange", $"Use 1 to {Max}, or null for no limit"));
        }

        if (ofSite && wanted?.Sessions is not null)
            problems.Add(new FieldProblem("limits.sessions", "notOfSite", "People sign in to the tenant, not to a site: set it there"));
        return wanted ?? None;
    }

    public static UsageLimits Parse(string json) => JsonSerializer.Deserialize<UsageLimits>(json, JsonSerializerOptions.Web)!;

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}
