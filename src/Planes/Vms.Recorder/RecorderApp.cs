using Vms.Hosting;
using Vms.Hosting.Events;
using Vms.Postgres;
using Vms.Recorder.Archive;
using Vms.Recorder.AtRest;
using Vms.Recorder.Events;
using Vms.Recorder.Exports;
using Vms.Recorder.Gaps;
using Vms.Recorder.Heads;
using Vms.Recorder.Import;
using Vms.Recorder.Integrity;
using Vms.Recorder.Motion;
using Vms.Recorder.Pictures;
using Vms.Recorder.Playback;
using Vms.Recorder.Pools;
using Vms.Recorder.ReadBack;
using Vms.Recorder.Recordings;
using Vms.Recorder.Retention;
using Vms.Recorder.Triggers;
using Vms.Recorder.Writing;
using Vms.StreamLog;

namespace Vms.Recorder;

/// <summary>Puts the recorder together.</summary>
internal static class RecorderApp
{
    /// <summary>Where the index is looked for when nobody says: tools and tests run without one.</summary>
    private const string NoDatabase = "Host=/nonexistent;Username=vms";

    /// <summary>What recorded files and anchor records say they were written by.</summary>
    public static string Software { get; } = $"vms {typeof(RecorderApp).Assembly.GetName().Version?.ToString(3)}";

    public static WebApplication Build(string[] args)
    {
        var plane = PlaneHost.CreateBuilder("recorder", args, o => o.PlaybackPort);
        var services = plane.Services;
        services.AddSingleton(RecorderOptions.From(plane.Web.Configuration));
        services.AddSingleton(PreviewOptions.From(plane.Web.Configuration));
        services.AddSingleton(StorageSettings.Load(plane.Options));
        services.AddSingleton(s => StoragePools.Open(
            plane.Options.RecordingsDirectory, s.GetRequiredService<StorageSettings>(), s.GetRequiredService<RecorderOptions>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => s.GetRequiredService<StoragePools>().Layout);
        services.AddSingleton<PoolMetrics>();
        services.AddSingleton<PoolMonitor>();
        services.AddSingleton(s => StreamLogDirectory.ForData(plane.Options.DataDirectory, s.GetRequiredService<ILogger<StreamLogDirectory>>()));

        services.AddSingleton(_ => PostgresDataSource.Create(plane.Options.Postgres ?? NoDatabase, "vms-recorder"));
        services.AddSingleton<IndexTables>();
        services.AddSingleton(s => IndexJournal.Open(s.GetRequiredService<ArchiveLayout>(), s.GetRequiredService<ILogger<IndexJournal>>()));
        services.AddSingleton<IndexApplier>();
        services.AddSingleton<ArchiveFolders>();
        services.AddSingleton<PoolIdentity>();
        services.AddSingleton<SegmentDamage>();
        services.AddSingleton<IndexRebuild>();
        services.AddSingleton<IndexCheck>();
        services.AddSingleton<ArchiveIndexService>();
        services.AddSingleton<ArchiveIndex>();

        services.AddSingleton(_ => IntegrityKey.LoadOrCreate(plane.Options));
        services.AddSingleton<AnchorStore>();
        services.AddSingleton<StorageKeys>();
        services.AddSingleton<PoolEncryptions>();
        services.AddSingleton<OpenSegments>();
        services.AddSingleton<GapLedger>();
        services.AddEventOutbox("recorder-events", RecorderEvents.Source, "vms_recorder_events_dropped_total", "vms_recorder_events_waiting_bytes");
        services.AddSingleton<RecorderEvents>();
        services.AddSingleton<RetentionPolicies>();
        services.AddSingleton(s => KeptFootage.Open(s.GetRequiredService<ArchiveLayout>(), s.GetRequiredService<ILogger<KeptFootage>>()));
        services.AddSingleton<UnfinishedExports>();
        services.AddSingleton<RetentionForecast>();
        services.AddSingleton<RetentionSweep>();
        services.AddSingleton<KeptRangesService>();
        services.AddSingleton<SegmentMover>();
        services.AddSingleton<PoolContents>();
        services.AddSingleton<FootageMove>();
        services.AddSingleton<FootageMoves>();
        services.AddSingleton<PoolWriters>();
        services.AddSingleton<DrainLoop>();
        services.AddSingleton<TailRecovery>();
        services.AddSingleton(s => new RecorderContext(
            s.GetRequiredService<ArchiveLayout>(),
            s.GetRequiredService<StreamLogDirectory>(),
            s.GetRequiredService<PoolWriters>(),
            s.GetRequiredService<OpenSegments>(),
            s.GetRequiredService<RecorderEvents>(),
            s.GetRequiredService<IntegrityKey>().Signer,
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<RecordingWriter>>())
        {
            ReservedBytes = s.GetRequiredService<PoolEncryptions>().ReservedBytes,
        });

        services.AddSingleton(s => new DesiredStateStore<DesiredRecordings>(
            s.GetRequiredService<PlaneOptions>(), s.GetRequiredService<NodeKey>(), "recordings", d => d.ToBytes(), DesiredRecordings.FromBytes));
        services.AddSingleton(s => new DesiredStateStore<TriggerBook>(
            s.GetRequiredService<PlaneOptions>(), s.GetRequiredService<NodeKey>(), "triggers", b => b.ToBytes(), TriggerBook.FromBytes));
        services.AddSingleton<ReadBackBook>();
        services.AddSingleton<RecordingRegistry>();
        services.AddSingleton<RecorderPlaneService>();
        services.AddSingleton<FootageImports>();
        services.AddSingleton<EventPictureService>();
        services.AddSingleton<GridKeeping>();
        services.AddHostedService<RecorderHost>();
        services.AddHostedService<Anchoring>();
        services.AddSingleton<KeyframeDecoder>();
        services.AddSingleton<CanaryReadBack>();
        services.AddHostedService(s => s.GetRequiredService<CanaryReadBack>());
        services.AddSingleton<CoverageAudit>();
        services.AddHostedService(s => s.GetRequiredService<CoverageAudit>());
        services.AddSingleton(s => new HeadStore(Path.Combine(plane.Options.StateDirectory, "heads"), s.GetRequiredService<ILogger<HeadStore>>()));
        services.AddSingleton<HeadService>();
        services.AddHostedService<HeadRetention>();
        services.AddPlayback();
        services.AddExports();
        if (plane.Options.Nats is { } nats)
        {
            AddBus(services, nats);
        }

        var app = plane.Build();
        RecorderPlaneService.Map(app);
        KeptRangesService.Map(app);
        ArchiveIndexService.Map(app);
        ExportService.Map(app);
        HeadService.Map(app);
        FootageImports.Map(app);
        FootageMoves.Map(app);
        EventPictureService.Map(app);
        RecordedStills.Map(app);
        app.MapPlayback();
        app.MapExports();
        return app;
    }

    private static void AddBus(IServiceCollection services, string nats)
    {
        services.AddPlaneBus("recorder", nats);
        services.AddHostedService<EventSender>();
        services.AddHostedService<RecordingStatusPublisher>();
        services.AddHostedService<EventTriggers>();
        services.AddHostedService<GridReceiver>();
        services.AddHostedService<HeadReceiver>();
    }
}
