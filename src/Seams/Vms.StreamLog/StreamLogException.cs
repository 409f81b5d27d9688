namespace Vms.StreamLog;

/// <summary>A log cannot be opened or changed as asked; the message says why and what happens next.</summary>
public class StreamLogException : IOException
{
    public StreamLogException(string message) : base(message) { }

    public StreamLogException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>Another writer, in this or another process, holds the log.</summary>
public sealed class StreamLogLockedException(string name)
    : StreamLogException($"Stream log {name} already has a writer; it is not opened twice. It is free as soon as that writer or its process ends.");

/// <summary>The log's directory has too little room. Nothing was left behind.</summary>
public sealed class StreamLogSpaceException(string name, string directory, long neededBytes, long availableBytes, string consequence)
    : StreamLogException($"Stream log {name} needs {neededBytes:N0} bytes in {directory}, {availableBytes:N0} are available. {consequence} "
        + "To make room remove streams, enlarge that file system, or set VMS_RING_DIR to a directory on a larger one.")
{
    public long NeededBytes { get; } = neededBytes;

    public long AvailableBytes { get; } = availableBytes;
}
