namespace Vms.Rpc;

/// <summary>
/// A call ended with a status other than OK. A handler throws it to answer with that status; a caller receives it.
/// A call cancelled by the caller's own token is an <see cref="OperationCanceledException"/> instead.
/// </summary>
public sealed class RpcException : Exception
{
    public RpcException(RpcStatus status, string detail)
        : this(status, detail, null)
    {
    }

    public RpcException(RpcStatus status, string detail, Exception? innerException)
        : base($"{status}: {detail}", innerException)
    {
        Status = status;
        Detail = detail;
    }

    public RpcStatus Status { get; }

    /// <summary>One sentence for a person; travels to the other side, so it never holds a secret.</summary>
    public string Detail { get; }

    /// <summary>Metadata sent after the messages. Empty when there was none.</summary>
    public RpcMetadata Trailers { get; init; } = new();
}
