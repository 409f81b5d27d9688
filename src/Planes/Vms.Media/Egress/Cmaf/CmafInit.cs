using Vms.Codecs;

namespace Vms.Media.Egress.Cmaf;

/// <summary>What a player needs before the first sample of a track table. Made once, shared by whoever keeps it.</summary>
/// <param name="Video">The init segment of the video alone.</param>
/// <param name="Codecs">RFC 6381, of the video.</param>
/// <param name="Track">The video.</param>
/// <param name="Sound">Null: there is none that could be packaged.</param>
internal sealed record CmafInit(CmafMessage Video, string Codecs, TrackInfo Track, CmafSoundInit? Sound)
{
    /// <summary>The init segment of everything there is.</summary>
    public CmafMessage All => Sound?.Both ?? Video;

    public void Share()
    {
        Video.Share();
        Sound?.Both.Share();
        Sound?.Alone.Share();
    }

    public void Release()
    {
        Video.Release();
        Sound?.Both.Release();
        Sound?.Alone.Release();
    }
}

/// <param name="Both">The init segment of video and sound.</param>
/// <param name="Alone">That of the sound.</param>
/// <param name="Codecs">RFC 6381, of the sound.</param>
internal sealed record CmafSoundInit(CmafMessage Both, CmafMessage Alone, string Codecs);

/// <summary>One access unit as all viewers get it, or the sound in front of it, which has no times of its own here.</summary>
/// <param name="DecodeTicks">90 kHz, on the timeline of its init segment, as <paramref name="PresentationTicks"/>.</param>
/// <param name="DurationTicks">As far as it is known before the next sample.</param>
internal readonly record struct CmafChunk(
    CmafMessage Message, long DecodeTicks, long PresentationTicks, int DurationTicks, long CaptureTimeUs, bool IsDiscontinuity)
{
    public bool IsKeyframe => Message.IsKeyframe;
}
