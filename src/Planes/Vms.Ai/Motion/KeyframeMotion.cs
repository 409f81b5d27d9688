using Vms.Hosting.Motion;
using Vms.Native.Ffmpeg;

namespace Vms.Ai.Motion;

/// <summary>
/// What changed from keyframe to keyframe of one stream, for the archive: the very comparison that the recorder makes of its segments, of keyframes that were
/// decoded anyway. It has nothing to do with the motion that events are made of: no masks, no sensitivity. One caller at a time.
/// </summary>
internal sealed class KeyframeMotion(Action<MotionGrid> tell)
{
    /// <summary>Of a camera that sends nothing but keyframes, no more of them are looked at.</summary>
    private const long ApartUs = 190_000;

    private readonly List<(long CapturedUs, LumaPicture Picture)> _held = [];      // in order of time

    /// <summary>Takes the keyframe that was decoded last.</summary>
    internal void Look(VideoDecoder decoder, long capturedUs)
    {
        if (_held.Count > 0 && capturedUs <= _held[^1].CapturedUs)
            _held.Clear();      // the clock was set back
        if (_held.Count > 0 && capturedUs - _held[^1].CapturedUs < ApartUs)
            return;
        if (decoder.ToLuma(PictureComparison.PictureWidth) is not { } picture)
            return;
        // Which of several within a second are compared depends on where a segment begins, which is not known here: each is, with the last ones far enough before it.
        for (int i = 0; i < _held.Count && capturedUs - _held[i].CapturedUs >= PictureComparison.LeastApartUs; i++)
            tell(PictureComparison.Compare(_held[i].Picture, _held[i].CapturedUs, picture, capturedUs, MotionSource.Analytics));
        _held.RemoveAll(h => capturedUs - h.CapturedUs >= PictureComparison.LeastApartUs);
        _held.Add((capturedUs, picture));
    }

    /// <summary>What comes does not continue what was seen.</summary>
    internal void Forget() => _held.Clear();
}
