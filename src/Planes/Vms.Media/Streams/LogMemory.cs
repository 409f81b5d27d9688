using System.Collections.Concurrent;
using Vms.StreamLog;

namespace Vms.Media.Streams;

/// <summary>How much memory the node's stream logs take together, those to be opened included, against VMS_MAX_LOG_BYTES. Any thread.</summary>
internal sealed class LogMemory(long maxBytes)
{
    private readonly ConcurrentDictionary<Share, bool> _shares = new();

    public long UsedBytes => _shares.Keys.Sum(share => share.Bytes);

    /// <summary>Counts a log that is about to be opened, until the result is disposed.</summary>
    /// <param name="bytes">As long as it is not open.</param>
    public Share Reserve(long bytes)
    {
        var share = new Share(this, bytes);
        _shares.TryAdd(share, true);
        return share;
    }

    /// <summary>Why <paramref name="bytes"/> more are too many, naming the limit and the current figure; null when they are not.</summary>
    public string? Refusal(long bytes)
    {
        long used = UsedBytes;
        return used + bytes <= maxBytes
            ? null
            : $"Stream logs of this node may take {maxBytes} bytes (VMS_MAX_LOG_BYTES); they take {used}, and {bytes} more are asked for.";
    }

    /// <summary>What one log takes.</summary>
    internal sealed class Share(LogMemory memory, long bytes) : IDisposable
    {
        private volatile StreamLogWriter? _log;

        public long Bytes => _log?.CapacityBytes ?? bytes;

        /// <summary>It is open: its own size counts.</summary>
        public void Use(StreamLogWriter log) => _log = log;

        public void Dispose() => memory._shares.TryRemove(this, out _);
    }
}
