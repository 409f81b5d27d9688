namespace Vms.Containers.Mp4;

/// <summary>The two values of sample_flags that we write (ISO/IEC 14496-12 §8.8.3.1).</summary>
internal static class SampleDependency
{
    /// <summary>sample_depends_on = 2 (no other), sample_is_non_sync_sample = 0.</summary>
    public const uint Sync = 0x0200_0000;

    /// <summary>sample_depends_on = 1 (others), sample_is_non_sync_sample = 1.</summary>
    public const uint NonSync = 0x0101_0000;

    /// <summary>The bit of sample_is_non_sync_sample.</summary>
    public const uint IsNonSync = 0x0001_0000;
}
