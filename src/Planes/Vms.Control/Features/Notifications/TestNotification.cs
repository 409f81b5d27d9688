using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Integrations.Push;

namespace Vms.Control.Features.Notifications;

/// <summary>POST /api/notifications/test: tells oneself, whatever the preferences say.</summary>
internal static class TestNotification
{
    /// <param name="Browsers">That were told by web push.</param>
    /// <param name="Errors">Why others were not.</param>
    public sealed record Result(int Browsers, IReadOnlyList<string> Errors);

    public static void Map(RouteGroupBuilder notifications) =>
        notifications.MapPost("/test", Handle).WithName(nameof(TestNotification)).WithSummary("Tell oneself something, to try it.").NeedsSignIn();

    private static async Task<Ok<Result>> Handle(HttpContext context, Notifier notifier, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (told, failures) = await notifier.TellAsync(
            Caller.Of(context).Principal!.Id, Guid.CreateVersion7(now).ToString(), now, new Notification("VMS", "This is a test.", "notification.test", null, null, "/"), always: true, cancellationToken);
        return TypedResults.Ok(new Result(told, failures));
    }
}
