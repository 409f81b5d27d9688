using System.Security.Cryptography;
using System.Text;
using Vms.Hosting.Events;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Events;

/// <summary>What happened to a recording, for the event stream.</summary>
/// <param name="Id">The same happening always gets the same id: sent twice it is still one event.</param>
/// <param name="Type">Dotted words: recording.gap, recording.damaged, recording.readBackFailed, recording.stopped, storage.full, storage.poolFailed, storage.poolReturned, storage.keyMissing, retention.atRisk, retention.broken,
/// retention.clockAhead.</param>
/// <param name="CameraId">Empty for what concerns the whole pool.</param>
internal sealed record RecorderEvent(
    Guid Id, string Type, string CameraId, DateTimeOffset At, DateTimeOffset? EndAt, IReadOnlyDictionary<string, object> Data);

/// <summary>What happened to recordings and storage, on its way to the bus. Any thread.</summary>
internal sealed class RecorderEvents(EventOutbox outbox)
{
    internal const string Source = "recorder";

    /// <summary>Shorter gaps are on the books and in the metrics, but no event: a camera with packet loss has several a minute.</summary>
    private static readonly TimeSpan s_shortestGap = TimeSpan.FromSeconds(1);

    /// <summary>Site of a camera; empty: nobody named one. Whoever has the recordings says it: they stand on what tells events.</summary>
    public Func<string, string> SiteOf { get; set; } = _ => "";

    public void GapBooked(GapRow gap)
    {
        if (gap.To - gap.From >= s_shortestGap && !gap.IsIntended)
        {
            Add(
                new RecorderEvent(
                    gap.Id,
                    "recording.gap",
                    gap.CameraId,
                    gap.From,
                    gap.To,
                    new Dictionary<string, object> { ["stream"] = gap.Stream, ["cause"] = GapRow.NameOf(gap.Cause) }));
        }
    }

    /// <summary>A fragment was read back to see whether the disk has it, and it has not, or not so that it plays.</summary>
    /// <param name="path">Of the file, relative to the pool.</param>
    /// <param name="result">gone, unreadable, altered or undecodable.</param>
    /// <param name="detail">Why, in words.</param>
    public void ReadBackFailed(
        string cameraId, string stream, Guid segment, DateTimeOffset from, DateTimeOffset to, string path, string result, string detail) => Add(
        new RecorderEvent(
            IdOf($"recording.readBackFailed/{segment}/{from.UtcTicks}/{result}"),
            "recording.readBackFailed",
            cameraId,
            from,
            to,
            new Dictionary<string, object>
            {
                ["stream"] = stream,
                ["path"] = path,
                ["reason"] = result,
                ["detail"] = detail,
                ["severity"] = "critical",
            }));

    /// <summary>What was recorded cannot be played any more.</summary>
    /// <param name="path">Of the file, relative to the pool.</param>
    /// <param name="reason">gone or damaged.</param>
    public void RecordingDamaged(GapRow gap, string path, string reason) => Add(
        new RecorderEvent(
            gap.Id,
            "recording.damaged",
            gap.CameraId,
            gap.From,
            gap.To,
            new Dictionary<string, object> { ["stream"] = gap.Stream, ["path"] = path, ["reason"] = reason }));

    public void RecordingStopped(string cameraId, string stream, DateTimeOffset at, string reason) => Add(
        new RecorderEvent(
            IdOf($"recording.stopped/{cameraId}/{stream}/{at.UtcTicks}"),
            "recording.stopped",
            cameraId,
            at,
            null,
            new Dictionary<string, object> { ["stream"] = stream, ["reason"] = reason }));

    /// <param name="holdBytes">That nobody may delete because of a hold.</param>
    /// <param name="clipBytes">That clips keep.</param>
    public void StorageFull(string pool, DateTimeOffset at, long freeBytes, long holdBytes, long clipBytes) => Add(
        new RecorderEvent(
            IdOf($"storage.full/{pool}/{at.UtcTicks}"),
            "storage.full",
            "",
            at,
            null,
            new Dictionary<string, object>
            {
                ["pool"] = pool,
                ["freeBytes"] = freeBytes,
                ["holdBytes"] = holdBytes,
                ["clipBytes"] = clipBytes,
                ["severity"] = "critical",
            }));

    /// <summary>Recordings are encrypted with keys that cannot be opened: they cannot be played until the pool's key file is put back.</summary>
    public void StorageKeyMissing(string pool, DateTimeOffset at, int keys) => Add(
        new RecorderEvent(
            IdOf($"storage.keyMissing/{pool}/{at.UtcTicks}"),
            "storage.keyMissing",
            "",
            at,
            null,
            new Dictionary<string, object> { ["pool"] = pool, ["keys"] = keys, ["severity"] = "critical" }));

    /// <summary>A pool is not there, or did not take what was written.</summary>
    /// <param name="state">away or failed.</param>
    /// <param name="reason">In words.</param>
    public void PoolFailed(string pool, string root, DateTimeOffset at, string state, string reason) => Add(
        new RecorderEvent(
            IdOf($"storage.poolFailed/{pool}/{at.UtcTicks}"),
            "storage.poolFailed",
            "",
            at,
            null,
            new Dictionary<string, object> { ["pool"] = pool, ["path"] = root, ["state"] = state, ["reason"] = reason, ["severity"] = "critical" }));

    public void PoolReturned(string pool, string root, DateTimeOffset at) => Add(
        new RecorderEvent(
            IdOf($"storage.poolReturned/{pool}/{at.UtcTicks}"),
            "storage.poolReturned",
            "",
            at,
            null,
            new Dictionary<string, object> { ["pool"] = pool, ["path"] = root }));

    /// <summary>The pool lacks room, and all that may be deleted was promised for longer. Nothing of that is deleted yet.</summary>
    public void RetentionAtRisk(string pool, DateTimeOffset at, long missingBytes, long holdBytes, long clipBytes) => Add(
        new RecorderEvent(
            IdOf($"retention.atRisk/{pool}/{at.UtcTicks}"),
            "retention.atRisk",
            "",
            at,
            null,
            new Dictionary<string, object>
            {
                ["pool"] = pool,
                ["missingBytes"] = missingBytes,
                ["holdBytes"] = holdBytes,
                ["clipBytes"] = clipBytes,
                ["severity"] = "warning",
            }));

    /// <summary>A camera's minimum cannot be kept: from this time on its recordings go.</summary>
    public void RetentionBroken(string cameraId, string stream, DateTimeOffset at, DateTimeOffset from, string reason) => Add(
        new RecorderEvent(
            IdOf($"retention.broken/{cameraId}/{stream}/{at.UtcTicks}"),
            "retention.broken",
            cameraId,
            at,
            null,
            new Dictionary<string, object> { ["stream"] = stream, ["from"] = from, ["reason"] = reason, ["severity"] = "critical" }));

    /// <summary>The wall clock is ahead of what is believed: nothing gets old by it for now.</summary>
    public void RetentionClockAhead(DateTimeOffset at, DateTimeOffset believed) => Add(
        new RecorderEvent(
            IdOf($"retention.clockAhead/{at.UtcTicks}"),
            "retention.clockAhead",
            "",
            at,
            null,
            new Dictionary<string, object> { ["believed"] = believed, ["severity"] = "warning" }));

    private void Add(RecorderEvent happened) => outbox.Add(
        SiteOf(happened.CameraId), happened.CameraId, happened.Type, happened.Id.ToString(),
        new { happened.Id, happened.Type, happened.CameraId, happened.At, happened.EndAt, Source, happened.Data });

    private static Guid IdOf(string what)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(what), hash);
        return new Guid(hash[..16]);
    }
}
