using Vms.Codecs;

namespace Vms.Containers;

/// <summary>Where one stored fragment lies in its segment file and on the two clocks.</summary>
/// <param name="Offset">First byte of the fragment's `uuid` box in the file.</param>
/// <param name="Length">Bytes of `uuid` + `moof` + `mdat` and the `free` that fills the last block.</param>
/// <param name="StartTicks">Earliest presentation time in the fragment, 90 kHz media time of the segment.</param>
/// <param name="DurationTicks">Up to where the next fragment starts, as far as known when it was written; 90 kHz.</param>
/// <param name="SampleCount">Samples of all tracks.</param>
/// <param name="StartsWithKeyframe">Decoding can start at this fragment.</param>
/// <param name="CaptureTimeUs">Capture time of the first sample, UTC microseconds since 1970.</param>
public readonly record struct FragmentEntry(
    long Offset, int Length, long StartTicks, int DurationTicks, int SampleCount, bool StartsWithKeyframe, long CaptureTimeUs)
{
    public const int TicksPerSecond = MediaTime.VideoTimescale;

    public long EndOffset => Offset + Length;

    public long EndTicks => StartTicks + DurationTicks;
}
