using Vms.Hosting.Decoding;
using Vms.Recorder.Pictures;
using Vms.Recorder.Playback;

namespace Vms.Recorder.ReadBack;

/// <summary>
/// Has the first picture of a recorded fragment decoded, by the child that makes stills, too: the recorder itself decodes nothing that a camera
/// sent (docs/design/snapshots.md). Any thread.
/// </summary>
internal sealed class KeyframeDecoder(KeyframeDecoding decoding)
{
    /// <summary>The picture comes back this small: all that counts is that there is one.</summary>
    private const int Width = 16;
    private const int Quality = 1;

    /// <param name="stored">What was read back. Borrowed until the call comes back.</param>
    /// <returns>Good, undecodable, or not decoded: nobody could look at it.</returns>
    public async Task<ReadBackVerdict> DecodeAsync(FreshFragment fragment, ReadOnlyMemory<byte> stored, CancellationToken cancellationToken)
    {
        try
        {
            await decoding.ToJpegAsync(fragment.Segment.Tracks[0], stored, fragment.Segment.Path, Width, Quality, cancellationToken);
            return ReadBackVerdict.Good;
        }
        catch (PictureException e)
        {
            return new ReadBackVerdict(e.IsRejected ? ReadBackResult.Undecodable : ReadBackResult.NotDecoded, e.Message);
        }
        catch (RecordingUnreadableException)
        {
            return new ReadBackVerdict(ReadBackResult.Undecodable, "it begins with no keyframe");
        }
    }
}
