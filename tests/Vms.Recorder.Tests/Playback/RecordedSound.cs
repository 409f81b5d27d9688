using Vms.Codecs;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Tests.Playback;

/// <summary>A microphone beside recorded footage, 20 ms a frame; it goes on where it was from one segment to the next.</summary>
/// <param name="frame">By number; frame 0 was captured at <see cref="PlaybackRig.Start"/>.</param>
/// <param name="lateMs">It arrives so long after the picture of the same moment; negative: before it.</param>
internal sealed class RecordedSound(TrackInfo track, Func<long, byte[]> frame, int lateMs)
{
    private const long FrameUs = 20_000;

    private long _next;

    public TrackInfo Track => track;

    /// <summary>Frames that are never recorded.</summary>
    public Predicate<long> IsLost { get; init; } = _ => false;

    /// <summary>16-bit samples that count: each is the number of itself.</summary>
    public static RecordedSound Counting(int lateMs, Predicate<long>? isLost = null) => new(
        new TrackInfo(1, CodecKind.L16, 8000, new byte[] { 1 }, 0, 0),
        number => [.. Enumerable.Range((int)number * 160, 160).SelectMany(sample => (byte[])[(byte)(sample >> 8), (byte)sample])],
        lateMs)
    {
        IsLost = isLost ?? (_ => false),
    };

    /// <summary>What has arrived with the picture of this capture time and was not there before.</summary>
    public IEnumerable<(SampleHeader Header, byte[] Payload)> ArrivedUntil(long captureUs)
    {
        long startUs = UnixTime.ToMicroseconds(PlaybackRig.Start);
        for (; (_next * FrameUs) + startUs + (lateMs * 1000) <= captureUs; _next++)
        {
            if (IsLost(_next)) continue;
            long pts = 77_777 + (_next * FrameUs * track.Timescale / 1_000_000);
            yield return (new SampleHeader(1, 0, GapCause.None, 1, pts, startUs + (_next * FrameUs)), frame(_next));
        }
    }
}
