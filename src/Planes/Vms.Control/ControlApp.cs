using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Vms.Control.Audit;
using Vms.Control.Auth;
using Vms.Control.Auth.Oidc;
using Vms.Control.Data;
using Vms.Control.Devices.Onvif;
using Vms.Control.Events;
using Vms.Control.Features.Alarms;
using Vms.Control.Features.ApiKeys;
using Vms.Control.Features.Audit;
using Vms.Control.Features.Bookmarks;
using Vms.Control.Features.CameraGroups;
using Vms.Control.Features.Cameras;
using Vms.Control.Features.Clips;
using Vms.Control.Features.Dashboard;
using Vms.Control.Features.Detections;
using Vms.Control.Features.Device;
using Vms.Control.Features.Discovery;
using Vms.Control.Features.Events;
using Vms.Control.Features.Exports;
using Vms.Control.Features.Footage;
using Vms.Control.Features.Health;
using Vms.Control.Features.Holds;
using Vms.Control.Features.Integrations;
using Vms.Control.Features.Integrity;
using Vms.Control.Features.Jobs;
using Vms.Control.Features.Layouts;
using Vms.Control.Features.Limits;
using Vms.Control.Features.Live;
using Vms.Control.Features.LiveFeed;
using Vms.Control.Features.Notifications;
using Vms.Control.Features.Nvrs;
using Vms.Control.Features.Outbox;
using Vms.Control.Features.PlateLists;
using Vms.Control.Features.Ptz;
using Vms.Control.Features.Recording;
using Vms.Control.Features.Roles;
using Vms.Control.Features.Rules;
using Vms.Control.Features.Sensors;
using Vms.Control.Features.Servers;
using Vms.Control.Features.Session;
using Vms.Control.Features.Sessions;
using Vms.Control.Features.Setup;
using Vms.Control.Features.Sites;
using Vms.Control.Features.Tenancy;
using Vms.Control.Features.Tickets;
using Vms.Control.Features.Tree;
using Vms.Control.Features.TwoFactor;
using Vms.Control.Features.UserGroups;
using Vms.Control.Features.Users;
using Vms.Control.Features.Webhooks;
using Vms.Control.FrontDoor;
using Vms.Control.FrontDoor.Limits;
using Vms.Control.Jobs;
using Vms.Control.Outbox;
using Vms.Control.Reconciliation;
using Vms.Control.Viewing;
using Vms.Control.Web;
using Vms.Hosting;
using Vms.Hosting.Events;
using Vms.Postgres;

namespace Vms.Control;

/// <summary>Puts the control plane together.</summary>
internal static class ControlApp
{
    /// <summary>Of requests and answers. The deepest is the tree with groups within groups: two levels each, at most sixteen of them; the API document comes close.</summary>
    private const int MaxJsonDepth = 64;

    /// <summary>Keeps idle feeds open through proxies, and notices browsers that vanished.</summary>
    private static readonly TimeSpan s_feedPing = TimeSpan.FromSeconds(15);

    /// <exception cref="ValidationException">A setting is missing or out of range.</exception>
    /// <exception cref="PlaneLockTakenException">Control already runs on this data directory.</exception>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? adjust = null)
    {
        var plane = PlaneHost.CreateBuilder("control", args, publicPort: o => o.HttpPort, securePort: o => o.Door.HttpsPort);
        AddServices(plane);
        adjust?.Invoke(plane.Services);
        var app = plane.Build();
        _ = app.Services.GetRequiredService<OidcSignIn>();      // a wrong setting is said at the start, not at the first sign-in

        Door.Use(app);
        app.UseExceptionHandler();
        app.UseStatusCodePages(ApiErrors.WriteStatusAsync);
        app.Use(app.Services.GetRequiredService<WebClient>().ServeAsync);
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = s_feedPing, KeepAliveTimeout = s_feedPing });
        app.UseAuthentication();
        app.Use(app.Services.GetRequiredService<RateLimits>().GuardAsync);
        app.Use(app.Services.GetRequiredService<Metrics>().GuardAsync);
        app.UseAuthorization();
        CrossOrigin.RefuseForms(app);
        app.Use(app.Services.GetRequiredService<IdempotentCreates>().AnswerOnceAsync);

        CompleteSetup.Map(app);
        SessionRoutes.Map(app);
        TwoFactorRoutes.Map(app);
        SessionsRoutes.Map(app);
        UsersRoutes.Map(app);
        LocalUsers.Map(app);
        UserGroupsRoutes.Map(app);
        RolesRoutes.Map(app);
        ApiKeysRoutes.Map(app);
        CamerasRoutes.Map(app);
        DiscoveryRoutes.Map(app);
        NvrsParts.Map(app);
        DeviceParts.Map(app);
        BookmarksRoutes.Map(app);
        ClipsRoutes.Map(app);
        HoldsRoutes.Map(app);
        ListAudit.Map(app);
        ExportAudit.Map(app);
        VerifyAudit.Map(app);
        ManualRecordingRoutes.Map(app);
        FootageParts.Map(app);
        SitesRoutes.Map(app);
        CameraGroupsRoutes.Map(app);
        GetTree.Map(app);
        TenantsRoutes.Map(app);
        JobsRoutes.Map(app);
        LayoutsRoutes.Map(app);
        ServersRoutes.Map(app);
        OutboxRoutes.Map(app);
        WebhooksRoutes.Map(app);
        IntegrationsRoutes.Map(app);
        SensorsRoutes.Map(app);
        NotificationsRoutes.Map(app);
        GetIntegrityKey.Map(app);
        IssueTicket.Map(app);
        StartLive.Map(app);
        CheckViewer.Map(app);
        OpenFeed.Map(app);
        ListEvents.Map(app);
        GetEvent.Map(app);
        ReportEvent.Map(app);
        GetEventPicture.Map(app);
        RulesRoutes.Map(app);
        AlarmsRoutes.Map(app);
        DetectionsRoutes.Map(app);
        PlateListsRoutes.Map(app);
        ExportsRoutes.Map(app);
        GetDashboard.Map(app);
        PlaneHealth.Map(app);
        Infrastructure.Map(app);
        StreamingStatus.Map(app);
        AiStatus.Map(app);
        ListModels.Map(app);
        FrontDoorRoutes.Map(app);
        ApiDocument.Map(app);
        return app;
    }

    private static void AddServices(PlaneHost plane)
    {
        var services = plane.Services;
        var postgres = plane.Options.Postgres ?? throw new ValidationException("VMS_POSTGRES is not set; expected a connection string");
        services.AddSingleton(_ => PostgresDataSource.Create(postgres, "vms-control"));   // a factory: what the container makes it also disposes
        services.AddSingleton<DatabaseSchema>().AddBackgroundWork<DatabaseStartup>();
        services.AddSingleton<FirstStart>();
        services.AddSingleton<AuditKey>();
        services.AddSingleton<AuditHeads>();
        services.AddSingleton<AuditVerification>();
        services.AddSingleton<AuditSealing>().AddDatabaseWork<AuditSealing>();
        services.AddSingleton<DemoCameras>();

        services.AddSingleton<AccessTokens>();
        services.AddSingleton<SignIns>();
        services.AddSingleton<RightsState>().AddDatabaseWork<RightsState>();
        services.AddSingleton<ApiKeyUses>().AddDatabaseWork<ApiKeyUses>();
        services.AddSingleton<SecondFactors>();
        services.AddSingleton<LocalUsers.Change>();
        services.AddSingleton<Accounts>();
        services.AddSingleton<SetupLink>();
        services.AddSingleton<OidcSignIn>();
        services.AddSingleton<OidcAccounts>();
        services.AddSingleton<LoginThrottle>();
        services.AddSingleton(_ => TicketSigner.LoadOrCreate(plane.Options));
        // Not AddAuthentication: that brings data protection with a key ring of its own, for cookies that nobody here uses.
        services.AddWebEncoders();
        services.AddAuthenticationCore(o =>
        {
            o.DefaultScheme = CredentialHandler.SchemeName;
            o.AddScheme<CredentialHandler>(CredentialHandler.SchemeName, displayName: null);
        });
        services.AddAuthorization(Needs.Configure);
        services.AddSingleton<IAuthorizationHandler, NeedsHandler>();

        ViewingParts.Add(services);
        services.AddSingleton<ObservedState>();
        services.AddSingleton<CameraStates>();
        services.AddSingleton<DesiredState>().AddDatabaseWork<DesiredState>();

        services.AddBackgroundWork<MediaReconciler>();
        services.AddBackgroundWork<RecorderReconciler>();
        services.AddBackgroundWork<AiReconciler>();
        services.AddDatabaseWork<ArchiveDeletions>();
        services.AddSingleton<ExportJobs>().AddDatabaseWork<ExportJobs>();
        services.AddSingleton<KeptRangesReconciler>().AddDatabaseWork<KeptRangesReconciler>();

        var nats = plane.Options.Nats ?? throw new ValidationException("VMS_NATS is not set; expected nats://host:port");
        services.AddPlaneBus("control", nats);
        services.AddEventOutbox("control-events", "control", "vms_control_events_dropped_total", "vms_control_events_waiting_bytes");
        services.AddBackgroundWork<EventSender>();
        services.AddBackgroundWork<StatusWatch>();
        services.AddSingleton<EventStore>();
        services.AddSingleton<OwnEvents>();
        services.AddSingleton<LifeMark>();
        services.AddSingleton<IOutboxChannel, BusChannel>();
        services.AddSingleton<LostEvents>();
        services.AddSingleton<EventCounts>();
        services.AddDatabaseWork<EventConsumer>();
        services.AddSingleton(EventDays.Of(plane.Web.Configuration));
        services.AddSingleton<EventPictures>();
        services.AddDatabaseWork<EventMonths>();
        RuleParts.Add(services);
        services.AddSingleton(HealthOptions.Of(plane.Web.Configuration));
        services.AddDatabaseWork<HealthWatch>();

        services.AddSingleton<FeedMetrics>();
        services.AddSingleton<FeedHub>();
        services.AddSingleton<Signalling>();
        services.AddSingleton<MediaConversion>();
        services.AddSingleton<ManualRecorder>();
        services.AddSingleton<CameraStateFeed>().AddBackgroundWork<CameraStateFeed>();
        services.AddSingleton<TracksFeed>().AddBackgroundWork<TracksFeed>();
        services.AddSingleton<PtzPositions>().AddBackgroundWork<PtzPositions>();
        services.AddSingleton<TreeFeed>();
        services.AddSingleton<UsageLimitRows>();
        services.AddSingleton<LiveStreamLimit>();
        services.AddSingleton<LayoutEdits>();
        services.AddSingleton<JobFeed>();
        services.AddSingleton<IJobKind, IndexCheckJob>();
        services.AddSingleton<IJobKind, CameraImportJob>();
        services.AddSingleton<MoveFootageJob>();
        services.AddSingleton<IJobKind>(s => s.GetRequiredService<MoveFootageJob>());
        FootageParts.Add(services);
        services.AddSingleton<JobRunner>().AddDatabaseWork<JobRunner>();
        OutboxParts.Add(services);
        WebhooksRoutes.Add(services);
        IntegrationsRoutes.Add(services);
        SensorsRoutes.Add(services);
        NotificationsRoutes.Add(services);
        services.AddSingleton<AnalysisModels>();
        services.AddSingleton<AnalyticsTrial>();
        services.AddSingleton<CameraEdits>();
        services.AddSingleton<Alerts>();
        services.AddSingleton<RecorderStorage>();
        services.AddSingleton<Infrastructure>();

        services.AddSingleton(new DiscoveryOptions());
        services.AddSingleton(provider => new OnvifClientOptions { Refusal = provider.GetRequiredService<CameraAddresses>().Refusal });
        services.AddSingleton<IJobKind, ScanJob>();
        OnboardingParts.Add(services);
        NvrsParts.Add(services);
        DeviceParts.Add(services);

        ServerParts.Add(services);
        services.AddSingleton<Planes>();
        Door.Add(services);
        services.AddSingleton<IdempotencyStore>();
        services.AddSingleton<IdempotentCreates>();
        services.AddSingleton<WebClient>();
        services.AddSingleton<Metrics>();
        plane.Web.Logging.AddFilter(typeof(CredentialHandler).FullName, LogLevel.Warning);
        ApiDocument.Add(services);
        services.AddProblemDetails();
        services.AddExceptionHandler<LimitErrors>();
        services.AddExceptionHandler<ApiErrors>();
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(o =>
        {
            o.SerializerOptions.MaxDepth = MaxJsonDepth;
            o.SerializerOptions.ReadCommentHandling = JsonCommentHandling.Disallow;
            o.SerializerOptions.Converters.Add(new UtcTimeConverter());
        });
    }
}
