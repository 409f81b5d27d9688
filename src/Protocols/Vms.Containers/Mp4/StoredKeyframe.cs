namespace Vms.Containers.Mp4;

/// <summary>The picture that a stored fragment begins with.</summary>
public static class StoredKeyframe
{
    /// <param name="fragment">All of it, as read from the file. Safe for any input.</param>
    /// <param name="sample">Borrowed from the fragment; in the track's container form.</param>
    /// <returns>False when the fragment does not begin with a keyframe, or is none that <see cref="Fmp4FragmentBuilder"/> wrote.</returns>
    public static bool TryRead(ReadOnlySpan<byte> fragment, out ReadOnlySpan<byte> sample)
    {
        sample = default;
        if (!FragmentHeader.TryRead(fragment, out var header) || !header.ToEntry(0).StartsWithKeyframe || header.Length != fragment.Length)
            return false;
        // Samples stand track by track, and the video track is the first one.
        var samples = new StoredSamples(fragment[FragmentHeader.SizeAt(fragment)..]);
        if (!samples.Next())
            return false;
        sample = samples.Payload;
        return true;
    }
}
