using Microsoft.Extensions.DependencyInjection.Extensions;
using Vms.Hosting;
using Vms.Hosting.Decoding;
using Vms.Hosting.Transcoding;
using Vms.Recorder.Archive;
using Vms.Recorder.Motion;
using Vms.Recorder.Pictures;
using Vms.Recorder.Playback.Samples;

namespace Vms.Recorder.Playback;

/// <summary>All operations of playback. The same paths stand behind control's front door and on the recorder's own port.</summary>
internal static class PlaybackRoutes
{
    public static IServiceCollection AddPlayback(this IServiceCollection services)
    {
        services.AddViewing("recorder");
        services.TryAddSingleton(new PlaybackOptions());
        services.AddSingleton<FragmentReader>();
        services.AddSingleton<PlaybackMetrics>();
        services.AddSingleton<BodySender>();
        services.AddSingleton<TranscodeSlots>();
        services.AddSingleton<Transcoders>();
        services.AddSingleton<PieceConversion>();
        services.TryAddSingleton(new PreviewOptions());
        services.AddSingleton(s => new PictureDecoding("vms-recorder", s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<PictureDecoding>>()));
        services.AddSingleton<KeyframeDecoding>();
        services.AddSingleton<PlaybackSegments>();
        services.AddSingleton<GopSearch>();
        services.AddSingleton<SampleConnections>();
        services.AddSingleton<KeyframeSearch>();
        services.AddSingleton<PictureCache>();
        services.AddSingleton<RecordedStills>();
        services.AddSingleton<PreviewMetrics>();
        services.AddSingleton<PreviewMaker>();
        services.TryAddSingleton(new MotionOptions());
        services.AddSingleton<MotionMetrics>();
        services.AddSingleton<HandedGrids>();
        services.AddSingleton<MotionSearches>();
        return services.AddCors();
    }

    public static void MapPlayback(this WebApplication app)
    {
        app.UseCors();
        app.UseWebSockets();
        app.MapViewing();
        var camera = app.MapGroup("/api/cameras/{id}")
            .RequireTicket(TicketKind.Playback)
            .AddEndpointFilter(AnswerWhenIndexIsAway)
            // The UI may come from another origin than this port. No cookies: the ticket is the right to look.
            .RequireCors(cors => cors.AllowAnyOrigin().WithMethods("GET", "HEAD").WithHeaders("Authorization", "Range", "If-Range", "If-None-Match")
                .WithExposedHeaders("Content-Range", "Content-Length", "Content-Disposition", "Accept-Ranges", "ETag", PictureAnswer.CapturedAtHeader));
        string[] read = ["GET", "HEAD"];
        camera.MapMethods("/timeline", read, GetTimeline.Handle);
        camera.MapMethods("/playback/index.m3u8", read, GetPlaylist.Handle);
        camera.MapMethods("/playback/{segmentId}/init.mp4", read, GetPlaybackMedia.HandleInit);
        camera.MapMethods("/playback/{segmentId}/{fragments}.m4s", read, GetPlaybackMedia.HandleMedia);
        camera.MapMethods("/playback/{segmentId}/h264/{fragments}/init.mp4", read, GetConvertedMedia.HandleInit);
        camera.MapMethods("/playback/{segmentId}/h264/{fragments}/media.m4s", read, GetConvertedMedia.HandleMedia);
        camera.MapMethods("/playback/manifest.mpd", read, GetManifest.Handle);
        camera.MapMethods("/playback/{segmentId}/dash/{track}/init.mp4", read, GetDashMedia.HandleInit);
        camera.MapMethods("/playback/dash/{track}/{time}.m4s", read, GetDashMedia.HandleMedia);
        camera.MapGet("/playback/samples", GetSamples.Handle);
        camera.MapMethods("/clip.mp4", read, GetClip.Handle);
        camera.MapMethods("/snapshot.jpg", read, GetSnapshot.Handle);
        camera.MapMethods("/preview.jpg", read, GetPreview.Handle);
        camera.MapGet("/motion", GetMotion.Handle);
    }

    private static async ValueTask<object?> AnswerWhenIndexIsAway(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (IndexUnavailableException e)
        {
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, IndexUnavailableException.Code, "The archive index is not available", e.Message);
        }
    }
}
