using System.Globalization;
using Vms.Control.FrontDoor;
using Vms.Control.Integrations;

namespace Vms.Control.Features.Integrations;

/// <summary>A service's settings and how the connection to it is; never its password.</summary>
/// <param name="HasPassword">One is stored.</param>
/// <param name="State">off connecting connected failed; of a mail server as of the last message.</param>
/// <param name="StateError">Why it failed; null while it is connected.</param>
/// <param name="Sent">Messages that arrived there since control started.</param>
/// <param name="Refused">Messages that the service did not take since then, and that were left out.</param>
/// <param name="Refusal">Why the last of them was not taken; null: none was refused.</param>
internal sealed record IntegrationView<T>(
    T Settings, bool HasPassword, string State, DateTimeOffset StateSince, string? StateError, long Sent, long Refused, string? Refusal, long Generation) : IVersioned where T : ServiceSettings
{
    string IVersioned.Version => Generation.ToString(CultureInfo.InvariantCulture);

    public static IntegrationView<T> Of(Integration<T> integration, LinkState state) => new(
        integration.Settings, integration.SecretProtected is not null, integration.Settings.Enabled ? state.State : LinkState.Off, state.Since, state.Error, state.Sent, state.Refused, state.Refusal, integration.Generation);
}

/// <param name="Settings">All of them: what is absent has its default.</param>
/// <param name="Password">Absent or null: the stored one stays, as long as host, port and user do; empty: none.</param>
internal sealed record IntegrationRequest<T>(T? Settings, string? Password) where T : ServiceSettings;
