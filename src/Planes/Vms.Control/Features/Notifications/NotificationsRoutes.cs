using Vms.Control.Integrations.Push;
using Vms.Control.Outbox;

namespace Vms.Control.Features.Notifications;

/// <summary>Everything under /api/notifications: how one's own account is told.</summary>
internal static class NotificationsRoutes
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<VapidKeys>();
        services.AddSingleton<PushSender>();
        services.AddSingleton<Notifier>();
        services.AddSingleton<IOutboxChannel, PushChannel>();
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        var notifications = app.MapGroup("/api/notifications").WithTags("Notifications").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
        Preferences.Map(notifications);
        PushSubscriptions.Map(notifications);
        TestNotification.Map(notifications);
    }
}
