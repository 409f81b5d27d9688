namespace Vms.Media.Egress.Cmaf;

/// <summary>Parts from one keyframe to another, about four seconds. Belongs to its window, under whose gate it is changed.</summary>
internal sealed class CmafSegment(long number, CmafRun run, bool isDiscontinuous, in CmafChunk first)
{
    public long Number => number;

    public CmafRun Run => run;

    public bool IsDiscontinuous => isDiscontinuous;

    public bool StartsWithKeyframe { get; } = first.IsKeyframe;

    public long StartDecodeTicks { get; } = first.DecodeTicks;

    public long StartPresentationTicks { get; } = first.PresentationTicks;

    public long CaptureTimeUs { get; } = first.CaptureTimeUs;

    public List<CmafPart> Parts { get; } = [];

    public long Bytes { get; private set; }

    /// <summary>Of the finished parts, 90 kHz.</summary>
    public long PartsTicks { get; private set; }

    /// <summary>Null while it grows.</summary>
    public long? DurationTicks { get; private set; }

    public bool IsGrowing => DurationTicks is null;

    public void Add(CmafPart part)
    {
        Parts.Add(part);
        Bytes += part.Bytes;
        PartsTicks += part.DurationTicks;
    }

    public void Finish(long durationTicks) => DurationTicks = durationTicks;

    public void Release()
    {
        foreach (var part in Parts)
            part.Release();
    }
}

/// <summary>Segments with one init segment, for which the timeline and the wall clock run side by side.</summary>
/// <param name="Number">Of its first segment; also names the run.</param>
/// <param name="InitNumber">Of the segment that the init segment is named after.</param>
/// <param name="StartTicks">Presentation time of its first picture, 90 kHz.</param>
/// <param name="StartCaptureUs">Capture time of the same.</param>
internal sealed record CmafRun(long Number, long InitNumber, CmafInit Init, long StartTicks, long StartCaptureUs)
{
    public string InitUri { get; } = $"init-{InitNumber}.mp4";

    /// <summary>By how much the wall clock is ahead of the capture times; set when a manifest first needs it, then kept.</summary>
    public long? LagUs { get; set; }
}
