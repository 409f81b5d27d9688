using System.Globalization;
using Vms.Control.FrontDoor;
using Vms.Control.Integrations.Webhooks;

namespace Vms.Control.Features.Webhooks;

/// <summary>A webhook as the API shows it; never its secret.</summary>
/// <param name="TriedAt">When something was sent last; null: nothing was.</param>
/// <param name="TriedStatus">HTTP status of the answer to it; null: there was none.</param>
/// <param name="TriedError">Null: it was taken.</param>
internal sealed record WebhookView(
    string Id, string Name, string Url, bool Enabled, DateTimeOffset CreatedAt, DateTimeOffset? TriedAt, int? TriedStatus, string? TriedError, long Generation) : IVersioned
{
    string IVersioned.Version => Generation.ToString(CultureInfo.InvariantCulture);

    public static WebhookView Of(WebhookRow row) => new(
        row.Id, row.Name, row.Url, row.Enabled, row.CreatedAt, row.TriedAt, row.TriedStatus, row.TriedError, row.Generation);
}

/// <param name="Secret">For checking signatures. Keep it now: nothing shows it again.</param>
internal sealed record WebhookWithSecret(WebhookView Webhook, string Secret);
