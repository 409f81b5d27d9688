using System.Globalization;
using Vms.Control.Federation;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Servers;

/// <summary>An installation as the API shows it; never its API key.</summary>
/// <param name="Address">Null for this one: whoever asks is there.</param>
/// <param name="PinnedCertificateSha256">64 hex digits; null: a certificate has to be one that this machine trusts.</param>
/// <param name="State">here online unreachable refused; as of CheckedAt.</param>
/// <param name="StateCode">Why it is not online: notCheckedYet timedOut unreachable badAnswer certificateNotTrusted apiKeyRefused apiKeyTooPowerful keyUnreadable addressNotAllowed.</param>
/// <param name="Cameras">How many are seen with its API key; of this one, how many the caller sees.</param>
internal sealed record ServerView(
    string Id, string Name, string? Address, string? PinnedCertificateSha256, string State, string? StateCode, string? StateDetail, DateTimeOffset? CheckedAt,
    string? Version, int? Cameras, long Generation) : IVersioned
{
    string IVersioned.Version => Generation.ToString(CultureInfo.InvariantCulture);

    public static ServerView Of(ServerRow row, ServerState state) => new(
        row.Id, row.Name, ServerRules.TextOf(row.Address), row.CertificateSha256, state.State, state.Code, state.Detail, state.CheckedAt, state.Version, state.Cameras,
        row.Generation);
}
