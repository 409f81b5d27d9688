using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.FrontDoor;
using Vms.Control.Integrations;
using Vms.Control.Integrations.Mqtt;
using Vms.Hosting;

namespace Vms.Control.Features.Integrations;

/// <summary>GET and PUT /api/integrations/mqtt: the operator's MQTT broker.</summary>
internal static partial class MqttIntegration
{
    private const int MaxPrefixLength = 64;
    private const int MaxTypes = 64;

    private static readonly MqttSettings s_fallback = new() { Port = MqttLink.DefaultPort };

    public static void Map(RouteGroupBuilder integrations)
    {
        integrations.MapGet("/mqtt", Get).WithName("GetMqtt").WithSummary("Show the MQTT broker's settings and how the connection to it is.").Needs(Permissions.SystemWrite, Scope.Tenant);
        integrations.MapPut("/mqtt", Put).WithName("SetMqtt").WithSummary("Set the MQTT broker that events are published to and commands come from.").Needs(Permissions.SystemWrite, Scope.Tenant)
            .ChecksVersion().ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);
    }

    private static Task<Ok<IntegrationView<MqttSettings>>> Get(IntegrationEdits edits, MqttLink link, CancellationToken cancellationToken) =>
        edits.GetAsync(MqttSettings.Kind, s_fallback, () => link.State, cancellationToken);

    private static Task<Results<Ok<IntegrationView<MqttSettings>>, ProblemHttpResult>> Put(
        IntegrationRequest<MqttSettings> request, HttpContext context, IntegrationEdits edits, MqttLink link, RightsState rights, CancellationToken cancellationToken) =>
        edits.PutAsync(MqttSettings.Kind, s_fallback, request, (wanted, problems) => Check(wanted, Caller.Of(context), rights, problems), () => link.State, context, cancellationToken);

    private static void Check(MqttSettings wanted, Caller caller, RightsState rights, List<FieldProblem> problems)
    {
        if (wanted.TopicPrefix is null || !MqttTopics.IsTopic(wanted.TopicPrefix, MaxPrefixLength))
            problems.Add(new FieldProblem("settings.topicPrefix", "invalidValue", $"Use a topic of at most {MaxPrefixLength} characters, without wildcards"));
        if (wanted.DiscoveryPrefix is null || !MqttTopics.IsTopic(wanted.DiscoveryPrefix, MaxPrefixLength))
            problems.Add(new FieldProblem("settings.discoveryPrefix", "invalidValue", $"Use a topic of at most {MaxPrefixLength} characters, without wildcards"));
        if (wanted.Types is null || wanted.Types.Count > MaxTypes || !wanted.Types.All(t => t is not null && TypePattern().IsMatch(t)))
            problems.Add(new FieldProblem("settings.types", "invalidValue", $"Use at most {MaxTypes} types as line.crossed or object.*"));
        if (wanted.CommandUserId is not { } userId)
            return;
        if (!Guid.TryParse(userId, out var id) || rights.Current?.Find(id) is not { IsApiKey: false } user || user.TenantId != caller.TenantId)
            problems.Add(new FieldProblem("settings.commandUserId", "userNotFound", "There is no such user"));
        else if (!caller.Rights.OnTenant.Covers(user.Rights.Anywhere))
            problems.Add(new FieldProblem("settings.commandUserId", "beyondOwnRights", "The user may do more than you may"));
    }

    [GeneratedRegex(@"^[a-z][A-Za-z0-9]{0,31}(\.[a-z][A-Za-z0-9]{0,31}){0,3}(\.\*)?\z")]
    private static partial Regex TypePattern();
}
