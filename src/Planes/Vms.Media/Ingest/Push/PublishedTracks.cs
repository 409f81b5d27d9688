using System.Diagnostics.CodeAnalysis;
using Vms.Rtsp;

namespace Vms.Media.Ingest.Push;

/// <summary>What is taken of a description that a publisher announces; the rest is set up, too, and not listened to: most publishers send all or
/// nothing.</summary>
/// <param name="Tracks">The video track first.</param>
/// <param name="Media">By track: its place in the description.</param>
/// <param name="LeftOut">Names of the others.</param>
internal sealed record PublishedTracks(IReadOnlyList<RtspTrack> Tracks, IReadOnlyList<int> Media, IReadOnlyList<string> LeftOut)
{
    /// <returns>False when there is no picture in it.</returns>
    public static bool TryChoose(SessionDescription description, [NotNullWhen(true)] out PublishedTracks? chosen)
    {
        chosen = null;
        if (VideoFormats.Encodings.Select(description.FirstVideo).FirstOrDefault(m => m is not null) is not { } video)
            return false;

        List<MediaDescription> media = [video];
        var leftOut = new List<string>();
        foreach (var other in description.Media.Where(m => m != video))
        {
            if (!other.IsVideo && media.Count < RtspSession.MaxTracks && TrackFormat.IsSupported(other))
                media.Add(other);
            else
                leftOut.Add(other.Encoding.Length > 0 ? other.Encoding : "an unnamed track");
        }

        List<MediaDescription> all = [.. description.Media];
        chosen = new([.. media.Select((m, i) => new RtspTrack(i, m))], [.. media.Select(m => all.FindIndex(a => ReferenceEquals(a, m)))], leftOut);
        return true;
    }

    /// <returns>Null when that section is not listened to.</returns>
    public int? TrackOf(int media)
    {
        for (int i = 0; i < Media.Count; i++)
        {
            if (Media[i] == media)
                return i;
        }

        return null;
    }
}
