namespace Vms.Recorder.Pools;

/// <summary>How a pool is, for the operator.</summary>
internal enum PoolState
{
    Ready,

    /// <summary>Less is free than must stay free, and nothing in it may be deleted: nothing is recorded into it.</summary>
    Full,

    /// <summary>It did not take what was written; it is tried again and again.</summary>
    Failed,

    /// <summary>Its folder is not the pool it was: not mounted, another disk, or it does not answer.</summary>
    Away,
}
