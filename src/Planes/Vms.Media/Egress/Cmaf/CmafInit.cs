using Vms.Codecs;

namespace Vms.Media.Egress.Cmaf;

/// <summary>What a player needs before the first sample of a track table.</summary>
/// <param name="Message">The init segment; shared by whoever keeps it.</param>
/// <param name="Codecs">RFC 6381, for playlists, manifests and MSE.</param>
internal sealed record CmafInit(CmafMessage Message, string Codecs, TrackInfo Video);

/// <summary>One access unit as all viewers get it.</summary>
/// <param name="DecodeTicks">90 kHz, on the timeline of its init segment, as <paramref name="PresentationTicks"/>.</param>
/// <param name="DurationTicks">As far as it is known before the next sample.</param>
internal readonly record struct CmafChunk(
    CmafMessage Message, long DecodeTicks, long PresentationTicks, int DurationTicks, long CaptureTimeUs, bool IsDiscontinuity)
{
    public bool IsKeyframe => Message.IsKeyframe;
}
