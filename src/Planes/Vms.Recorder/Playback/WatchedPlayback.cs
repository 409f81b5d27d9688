using Vms.Hosting;

namespace Vms.Recorder.Playback;

/// <summary>Notes what of the past a viewer is shown. Pieces, pictures and reads of one viewer are one viewing: see <see cref="ViewingLog"/>.</summary>
internal static class WatchedPlayback
{
    public const string Hls = "hls";
    public const string Dash = "dash";
    public const string Clip = "clip";
    public const string Samples = "samples";
    public const string Preview = "preview";
    public const string Snapshot = "snapshot";

    /// <param name="stream">Null where it is not known.</param>
    /// <param name="from">Capture time of the first picture.</param>
    public static void Watch(this HttpContext context, string? stream, string transport, DateTimeOffset from, DateTimeOffset to)
    {
        if (HttpMethods.IsGet(context.Request.Method))      // who asks for the head alone sees nothing
        {
            context.Viewing().Watch(
                transport == Snapshot ? WatchKind.Snapshot : WatchKind.Playback, (string)context.GetRouteValue("id")!, stream, transport)?.Cover(from, to);
        }
    }
}
