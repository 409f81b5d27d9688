using System.Diagnostics.Metrics;
using System.Text.Json;

namespace Vms.Recorder.Archive;

/// <summary>Why a journal record was not applied.</summary>
internal enum QuarantineCause
{
    /// <summary>It is on the disk, but not as it was written.</summary>
    Damaged,

    /// <summary>The disk does not give it back.</summary>
    Unreadable,

    /// <summary>PostgreSQL does not take it.</summary>
    Refused,
}

/// <summary>
/// Journal records that can never be applied, as files beside the journal: <c>.index/&lt;where it stood&gt;.quarantine</c>, with the bytes as far
/// as there are any. Nothing reads them again: they are for whoever finds out what happened. Any thread.
/// </summary>
internal sealed partial class JournalQuarantine : IDisposable
{
    public const string Extension = ".quarantine";

    private readonly ArchiveLayout _layout;
    private readonly ILogger _logger;
    private readonly Meter _meter = new("Vms.Recorder.Archive");
    private readonly Counter<long> _count;

    public JournalQuarantine(ArchiveLayout layout, ILogger logger)
    {
        _layout = layout;
        _logger = logger;
        _count = _meter.CreateCounter<long>(
            "vms_index_journal_quarantined_total", null, "Records of the index journal that were set aside because they can never be applied.");
    }

    /// <param name="name">Where it stood, or what it is: the same record always gets the same name.</param>
    /// <param name="record">Empty when it cannot be read.</param>
    public void Add(string name, ReadOnlySpan<byte> record, QuarantineCause cause, string reason)
    {
        string path = Path.Combine(_layout.IndexPath, name + Extension);
        try
        {
            File.WriteAllBytes(path, record);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotKept(_logger, path, e.Message);
        }

        Tell(cause, path, reason);
    }

    /// <summary>A whole file of the journal that cannot be read.</summary>
    /// <returns>False when it stays where it is: nobody has read it, so nobody may remove it.</returns>
    public bool Move(string file, string reason)
    {
        string path = file + Extension;
        try
        {
            File.Move(file, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotKept(_logger, path, e.Message);
            Tell(QuarantineCause.Unreadable, file, reason);
            return false;
        }

        Tell(QuarantineCause.Unreadable, path, reason);
        return true;
    }

    public void Dispose() => _meter.Dispose();

    private void Tell(QuarantineCause cause, string path, string reason)
    {
        string name = JsonNamingPolicy.CamelCase.ConvertName(cause.ToString());
        _count.Add(1, new KeyValuePair<string, object?>("cause", name));
        Log.SetAside(_logger, name, path, reason);
    }

    private static partial class Log
    {
        [LoggerMessage(
            3003, LogLevel.Error,
            "Index journal: a record is {Cause} and set aside as {Path} ({Reason}); the others are applied, and the index is compared with the files")]
        public static partial void SetAside(ILogger logger, string cause, string path, string reason);

        [LoggerMessage(3004, LogLevel.Warning, "Index journal: {Path} cannot be written ({Reason})")]
        public static partial void NotKept(ILogger logger, string path, string reason);
    }
}
