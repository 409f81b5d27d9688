using Vms.Ai.Analysis;
using Vms.Ai.Crashes;
using Vms.Ai.Decoding;
using Vms.Ai.Detectors;
using Vms.Ai.Events;
using Vms.Ai.Motion;
using Vms.Ai.Status;
using Vms.Hosting;
using Vms.Hosting.Events;
using Vms.StreamLog;

namespace Vms.Ai;

/// <summary>Puts the AI plane together.</summary>
internal static class AiApp
{
    /// <summary>Where the bus is looked for when nobody says: the plane works without one.</summary>
    private const string DefaultNats = "nats://127.0.0.1:4222";

    internal static WebApplication Build(string[] args)
    {
        var plane = PlaneHost.CreateBuilder("ai", args);
        var services = plane.Services;
        services.AddSingleton(s => StreamLogDirectory.ForData(plane.Options.DataDirectory, s.GetRequiredService<ILogger<StreamLogDirectory>>()));
        services.AddSingleton(s => new DesiredStateStore<DesiredAnalyses>(
            s.GetRequiredService<PlaneOptions>(), s.GetRequiredService<NodeKey>(), "analyses", d => d.ToBytes(), DesiredAnalyses.FromBytes));
        services.AddEventOutbox("analysis-events", AnalyticsEvent.FromAnalytics, "vms_analysis_events_lost_total", "vms_analysis_events_waiting_bytes");
        services.AddSingleton<AnalysisEvents>();
        services.AddSingleton<LiveBoxes>();
        services.AddSingleton<GridHandover>();
        services.AddSingleton<HeadHandover>();
        services.AddSingleton<LoadControl>();
        services.AddSingleton<Suspects>();
        services.AddSingleton<DecodeCrashes>();
        services.AddSingleton<LeftOutEvents>();
        services.AddSingleton<PresetWatch>();
        services.AddSingleton<StageTimes>();
        services.AddSingleton<PlateReader>();
        services.AddSingleton<FaceDetector>();
        services.AddSingleton(s => ObjectDetection.Of(s.GetRequiredService<DetectorPool>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<AnalysisParts>();
        services.AddSingleton<DrainLoop>();
        services.AddSingleton<AnalysisRegistry>();
        services.AddSingleton<AnalysisMetrics>();
        services.AddSingleton<AiPlaneService>();
        services.AddDetectors(plane.Web.Configuration, plane.Options);
        services.AddPlaneBus("ai", plane.Options.Nats ?? DefaultNats);
        services.AddHostedService<EventSender>();
        services.AddHostedService(s => s.GetRequiredService<PresetWatch>());
        services.AddHostedService<AnalysisHost>();
        services.AddHostedService<StatusPublisher>();

        var app = plane.Build();
        app.Services.GetRequiredService<AnalysisMetrics>();
        app.Services.GetRequiredService<DetectorMetrics>();
        AiPlaneService.Map(app);
        return app;
    }
}
