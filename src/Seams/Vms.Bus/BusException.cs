namespace Vms.Bus;

/// <summary>What kind of trouble a <see cref="BusException"/> is. Used in logs and metric labels.</summary>
public enum BusErrorKind
{
    /// <summary>No server accepts the connection.</summary>
    Unreachable,

    /// <summary>The server refused the credentials.</summary>
    Unauthorized,

    /// <summary>No answer in time.</summary>
    Timeout,

    /// <summary>The connection was lost while an answer was awaited.</summary>
    Disconnected,

    /// <summary>Nobody listens on the subject of a request (status 503).</summary>
    NoResponders,

    /// <summary>A bound was reached: pending bytes or outstanding requests. Later there may be room again.</summary>
    ResourceExhausted,

    /// <summary>The message is larger than the server takes.</summary>
    TooLarge,

    /// <summary>The server sent what the protocol does not allow.</summary>
    ProtocolViolation,

    /// <summary>The server understood and refused; <see cref="BusException.ApiError"/> may say more.</summary>
    Refused,

    /// <summary>The connection was closed by its owner.</summary>
    Closed,
}

/// <summary>An operation on the bus failed.</summary>
public sealed class BusException(BusErrorKind kind, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public BusErrorKind Kind { get; } = kind;

    /// <summary>JetStream's <c>err_code</c>; 0 when there is none.</summary>
    public int ApiError { get; init; }

    /// <summary>The same call may succeed a moment later.</summary>
    public bool IsTransient =>
        Kind is BusErrorKind.Timeout or BusErrorKind.Disconnected or BusErrorKind.NoResponders or BusErrorKind.Unreachable
            or BusErrorKind.ResourceExhausted
        || ApiError is JetStreamError.TemporarilyUnavailable or JetStreamError.InsufficientResources
            // Its disk is full, or it may take no more: later there may be room.
            or JetStreamError.AccountResourcesExceeded or JetStreamError.StorageResourcesExceeded or JetStreamError.StreamStoreFailed;
}
