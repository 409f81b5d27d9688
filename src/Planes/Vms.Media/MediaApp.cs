using System.Runtime;
using Vms.Hosting;
using Vms.Hosting.Events;
using Vms.Media.Conversion;
using Vms.Media.Egress;
using Vms.Media.Ingest;
using Vms.Media.Ingest.Replay;
using Vms.Media.Metadata;
using Vms.Media.Pipelines;
using Vms.Media.Snapshots;
using Vms.Media.Streams;
using Vms.StreamLog;

namespace Vms.Media;

/// <summary>Puts the media plane together. Cameras are pulled first, from the state on disk; bus and viewers come after.</summary>
internal static class MediaApp
{
    public static WebApplication Build(string[] args)
    {
        GCSettings.LatencyMode = GCLatencyMode.SustainedLowLatency;     // no blocking collection while viewers watch
        var plane = PlaneHost.CreateBuilder("media", args, o => o.MediaPort);
        var services = plane.Services;

        services.AddSingleton(new IngestOptions { Addresses = new CameraAddresses(plane.Options) });
        services.AddSingleton(s => AdmissionOptions.From(s.GetRequiredService<IConfiguration>()));
        services.AddSingleton(s => StreamLogDirectory.ForData(plane.Options.DataDirectory, s.GetRequiredService<ILogger<StreamLogDirectory>>()));
        services.AddSingleton<StreamRegistry>();
        services.AddSingleton(s => IIngestLoop.Create(
            s.GetRequiredService<IngestOptions>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ProgressMonitor>()));
        services.AddSingleton(s => new LogMemory(s.GetRequiredService<AdmissionOptions>().MaxLogBytes));
        services.AddSingleton<MetadataFeed>();
        services.AddSingleton<PipelineResources>();
        services.AddSingleton<PipelineTable>().AddHostedService(s => s.GetRequiredService<PipelineTable>());
        services.AddSingleton<StreamProbes>();
        services.AddSingleton<PipelineMetrics>();
        services.AddConversions();
        services.AddLiveEgress();
        services.AddSnapshots();
        services.AddFootage();

        if (plane.Options.Nats is { } nats)
            AddBus(services, nats);

        var app = plane.Build();
        app.Services.GetRequiredService<PipelineMetrics>();
        app.MapPipelines();
        app.MapLiveEgress();
        app.MapSnapshots();
        app.MapConversions();
        app.MapFootage();
        return app;
    }

    private static void AddBus(IServiceCollection services, string nats)
    {
        services.AddPlaneBus("media", nats);
        services.AddHostedService<StreamStatusPublisher>();
        services.AddEventOutbox("media-events", "media", "vms_media_events_dropped_total", "vms_media_events_waiting_bytes");
        services.AddSingleton<MediaEvents>();
        services.AddHostedService<EventSender>();
        services.AddHostedService<CameraEvents>();
        services.AddHostedService<MetadataReader>();
    }
}
