using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.FrontDoor;
using Vms.Control.Integrations;
using Vms.Control.Integrations.RabbitMq;
using Vms.Hosting;

namespace Vms.Control.Features.Integrations;

/// <summary>GET and PUT /api/integrations/rabbitmq: the operator's RabbitMQ.</summary>
internal static class RabbitMqIntegration
{
    private const int MaxNameLength = 64;

    private static readonly RabbitMqSettings s_fallback = new() { Port = RabbitMqLink.DefaultPort };

    public static void Map(RouteGroupBuilder integrations)
    {
        integrations.MapGet("/rabbitmq", Get).WithName("GetRabbitMq").WithSummary("Show RabbitMQ's settings and how the connection to it is.").Needs(Permissions.SystemWrite, Scope.Tenant);
        integrations.MapPut("/rabbitmq", Put).WithName("SetRabbitMq").WithSummary("Set the RabbitMQ whose queues get detections, states of cameras and notifications.").Needs(Permissions.SystemWrite, Scope.Tenant)
            .ChecksVersion().ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);
    }

    private static Task<Ok<IntegrationView<RabbitMqSettings>>> Get(IntegrationEdits edits, RabbitMqLink link, CancellationToken cancellationToken) =>
        edits.GetAsync(RabbitMqSettings.Kind, s_fallback, () => link.State, cancellationToken);

    private static Task<Results<Ok<IntegrationView<RabbitMqSettings>>, ProblemHttpResult>> Put(
        IntegrationRequest<RabbitMqSettings> request, HttpContext context, IntegrationEdits edits, RabbitMqLink link, CancellationToken cancellationToken) =>
        edits.PutAsync(RabbitMqSettings.Kind, s_fallback, request, Check, () => link.State, context, cancellationToken);

    private static void Check(RabbitMqSettings wanted, List<FieldProblem> problems)
    {
        if (string.IsNullOrEmpty(wanted.VirtualHost) || wanted.VirtualHost.Length > MaxNameLength || wanted.VirtualHost.Any(char.IsControl))
            problems.Add(new FieldProblem("settings.virtualHost", "invalidValue", $"Use 1 to {MaxNameLength} printable characters; RabbitMQ's own is /"));
        if (string.IsNullOrEmpty(wanted.QueuePrefix) || wanted.QueuePrefix.Length > MaxNameLength || !wanted.QueuePrefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
            problems.Add(new FieldProblem("settings.queuePrefix", "invalidValue", $"Use 1 to {MaxNameLength} letters, digits and . - _"));
    }
}
