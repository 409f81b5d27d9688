using System.Collections.Concurrent;
using Vms.StreamLog;

namespace Vms.Media.Pipelines;

/// <summary>How much memory the node's stream logs take together, against <see cref="AdmissionOptions.MaxLogBytes"/>. Any thread.</summary>
internal sealed class LogMemory(long maxBytes)
{
    private readonly ConcurrentDictionary<StreamLogWriter, bool> _logs = new();

    public long UsedBytes => _logs.Keys.Sum(log => log.CapacityBytes);

    /// <summary>Counts a log until the result is disposed.</summary>
    public IDisposable Count(StreamLogWriter log)
    {
        _logs.TryAdd(log, true);
        return new Counted(this, log);
    }

    /// <summary>Why <paramref name="bytes"/> more are too many, naming the limit and the current figure; null when they are not.</summary>
    public string? Refusal(long bytes)
    {
        long used = UsedBytes;
        return used + bytes <= maxBytes
            ? null
            : $"Stream logs of this node may take {maxBytes} bytes (VMS_MAX_LOG_BYTES); they take {used}, and {bytes} more are asked for.";
    }

    private sealed class Counted(LogMemory memory, StreamLogWriter log) : IDisposable
    {
        public void Dispose() => memory._logs.TryRemove(log, out _);
    }
}
