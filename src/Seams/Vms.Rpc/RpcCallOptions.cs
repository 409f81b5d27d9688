namespace Vms.Rpc;

/// <summary>How one call is made. A bare <see cref="TimeSpan"/> converts to options with that deadline.</summary>
/// <param name="Deadline">Time for the whole call; <see cref="Timeout.InfiniteTimeSpan"/> for streams that live on.</param>
/// <param name="Metadata">Headers for the other side.</param>
public sealed record RpcCallOptions(TimeSpan Deadline, RpcMetadata? Metadata = null)
{
    public static implicit operator RpcCallOptions(TimeSpan deadline) => new(deadline);

    public static RpcCallOptions FromTimeSpan(TimeSpan deadline) => new(deadline);
}
