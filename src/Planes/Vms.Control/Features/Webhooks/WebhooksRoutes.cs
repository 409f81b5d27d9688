using Vms.Control.FrontDoor;
using Vms.Control.Integrations;
using Vms.Control.Integrations.Webhooks;
using Vms.Control.Outbox;

namespace Vms.Control.Features.Webhooks;

/// <summary>Everything under /api/webhooks.</summary>
internal static class WebhooksRoutes
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton(s => OutgoingOptions.From(s.GetRequiredService<IConfiguration>()));
        services.AddSingleton<OutgoingAddresses>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<IOutboxChannel, WebhookChannel>();
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        var webhooks = app.MapGroup("/api/webhooks").WithTags("Webhooks").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503).TellsVersion();
        ListWebhooks.Map(webhooks);
        GetWebhook.Map(webhooks);
        AddWebhook.Map(webhooks);
        PatchWebhook.Map(webhooks);
        DeleteWebhook.Map(webhooks);
        RenewWebhookSecret.Map(webhooks);
        TestWebhook.Map(webhooks);
    }
}
