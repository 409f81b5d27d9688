using Vms.Hosting;

namespace Vms.Recorder.Pools;

/// <summary>What the operator wants of one pool.</summary>
/// <param name="MaxBytes">Ceiling on its recordings; 0 for the whole file system.</param>
/// <param name="MinFreeBytes">Its file system always keeps this much free: below it nothing is recorded.</param>
/// <param name="HeadroomHours">Besides, room for so many hours at the pool's own bitrate is made by deleting the oldest.</param>
/// <param name="MaxAge">What is older goes; zero for no limit.</param>
/// <param name="MoveAfter">What is older is moved to an archive pool; null for nothing.</param>
/// <param name="Encrypt">What is recorded into it is encrypted; what is moved to it stays as it is.</param>
internal sealed record PoolSpec(PoolRole Role, long MaxBytes, long MinFreeBytes, double HeadroomHours, TimeSpan MaxAge, TimeSpan? MoveAfter, bool Encrypt)
{
    public bool IsRecordedTo => Role == PoolRole.Record;

    /// <summary>The folder of recordings.</summary>
    public static PoolSpec OfMain(RecorderOptions options, PoolSettings? settings) => new(
        PoolRole.Record, options.PoolBytes, options.MinFreeBytes, options.HeadroomHours, settings?.MaxAge ?? TimeSpan.Zero, settings?.MoveAfter, options.Encrypt);

    /// <summary>What is not said of a further pool is as for the main one, but for its ceiling.</summary>
    public static PoolSpec Of(PoolSettings settings, RecorderOptions options) => new(
        settings.Role,
        settings.MaxBytes ?? 0,
        settings.MinFreeBytes ?? options.MinFreeBytes,
        settings.HeadroomHours ?? options.HeadroomHours,
        settings.MaxAge ?? TimeSpan.Zero,
        settings.MoveAfter,
        settings.Encrypt ?? options.Encrypt);
}
