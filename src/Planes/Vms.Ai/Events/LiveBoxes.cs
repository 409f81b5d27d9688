using System.Text.Json;
using System.Text.Json.Serialization;
using Vms.Ai.Detectors;
using Vms.Ai.Tracking;
using Vms.Bus;
using Vms.Contracts;

namespace Vms.Ai.Events;

/// <summary>Tells whoever listens now where the objects of a camera are, picture by picture; nothing is stored. Any thread.</summary>
internal sealed class LiveBoxes(BusConnection bus)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <param name="capturedUs">Of the picture that they were found in.</param>
    internal void Tell(string siteId, string cameraId, string stream, long capturedUs, IEnumerable<ObjectTrack> tracks)
    {
        if (bus.State != BusState.Connected)
            return;
        var boxes = tracks.Where(t => t.State == TrackState.Followed).Select(t => new LiveTrack(
            t.Id, t.Class, Math.Round(t.Score, 3), BoxOf(t.Box.Clipped()), !t.IsStationary)).ToArray();
        byte[] message = JsonSerializer.SerializeToUtf8Bytes(new LiveTracks(cameraId, stream, capturedUs, boxes), s_json);
        _ = PublishAsync(BusLayout.TracksSubject(siteId, cameraId), message);
    }

    internal static double[] BoxOf(Box box) =>
        [Math.Round(box.X, 4), Math.Round(box.Y, 4), Math.Round(box.Width, 4), Math.Round(box.Height, 4)];

    private async Task PublishAsync(string subject, byte[] message)
    {
        try
        {
            await bus.PublishAsync(subject, message, headers: null, replyTo: null, CancellationToken.None);
        }
        catch (BusException)
        {
            return;     // the next picture's come in a moment
        }
    }

    private sealed record LiveTracks(string CameraId, string Stream, long At, IReadOnlyList<LiveTrack> Tracks);

    private sealed record LiveTrack(string Id, string Class, double Confidence, IReadOnlyList<double> Box, bool Moving);
}
