using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Control.Integrations;
using Vms.Control.Integrations.Mail;
using Vms.Control.Integrations.Mqtt;
using Vms.Control.Integrations.RabbitMq;
using Vms.Control.Outbox;

namespace Vms.Control.Features.Integrations;

/// <summary>Everything under /api/integrations: services of the operator's that this installation connects to.</summary>
internal static class IntegrationsRoutes
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<IntegrationStore>();
        services.AddSingleton<IntegrationMetrics>();
        services.AddSingleton<IntegrationEdits>();
        services.AddSingleton<EventTap>();
        services.AddSingleton<CommandRunner>();
        services.AddSingleton<MqttCameraStates>();
        services.AddSingleton<MqttCommands>();
        services.AddSingleton<MqttLink>().AddDatabaseWork<MqttLink>();
        services.AddSingleton<IOutboxChannel, MqttChannel>();
        services.AddSingleton<RabbitMqLink>().AddDatabaseWork<RabbitMqLink>();
        services.AddSingleton<MailSender>();
        services.AddSingleton<IOutboxChannel, MailChannel>();
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        var integrations = app.MapGroup("/api/integrations").WithTags("Integrations").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503).TellsVersion();
        MqttIntegration.Map(integrations);
        RabbitMqIntegration.Map(integrations);
        SmtpIntegration.Map(integrations);
    }
}
