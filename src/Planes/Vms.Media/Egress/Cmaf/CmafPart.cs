namespace Vms.Media.Egress.Cmaf;

/// <summary>About 200 ms of a segment, for all viewers: the chunks of whole samples. Its memory goes back with the last share.</summary>
/// <param name="chunks">Their shares become the part's.</param>
internal sealed class CmafPart(CmafMessage[] chunks, long durationTicks, bool isIndependent)
{
    private int _shares = 1;

    public IReadOnlyList<CmafMessage> Chunks => chunks;

    /// <summary>90 kHz.</summary>
    public long DurationTicks => durationTicks;

    /// <summary>Starts with a keyframe.</summary>
    public bool IsIndependent => isIndependent;

    public int Bytes { get; } = chunks.Sum(c => c.PayloadLength);

    /// <summary>Of the sound among them.</summary>
    public int SoundBytes { get; } = chunks.Sum(c => c.Kind == CmafMessageKind.Sound ? c.PayloadLength : 0);

    public int BytesOf(SegmentTracks tracks) => tracks switch
    {
        SegmentTracks.Video => Bytes - SoundBytes,
        SegmentTracks.Sound => SoundBytes,
        _ => Bytes,
    };

    /// <summary>Only by who holds a share, or under the gate of the window that does.</summary>
    public CmafPart Share()
    {
        Interlocked.Increment(ref _shares);
        return this;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _shares) > 0)
            return;
        foreach (var chunk in chunks)
            chunk.Release();
    }
}
