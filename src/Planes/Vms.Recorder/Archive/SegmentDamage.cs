using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Npgsql;
using Vms.Codecs;
using Vms.Containers;
using Vms.Recorder.Events;
using Vms.Recorder.Retention;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Archive;

/// <summary>
/// Finds out what is left of a recorded file that somebody could not read, and has the index say so: fragments that are gone leave the
/// segment's table, and what they showed is a gap with cause <c>damaged</c>. Later questions then get the rest. The file is not touched.
/// </summary>
/// <remarks>Reports come from any thread and wait, bounded, for one reader; what finds no room is found by the next one who asks.</remarks>
internal sealed partial class SegmentDamage : IDisposable
{
    private const int MaxReports = 256;

    /// <summary>A row changes only to a higher version. The next one that stands for a closed segment.</summary>
    private const int NextVersion = 2;

    private readonly ArchiveLayout _layout;
    private readonly IndexTables _tables;
    private readonly IndexJournal _journal;
    private readonly OpenSegments _open;
    private readonly EventOutbox _events;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Meter _meter = new("Vms.Recorder.Archive");
    private readonly Counter<long> _damaged;
    private readonly Channel<string> _reports = Channel.CreateBounded<string>(
        new BoundedChannelOptions(MaxReports) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public SegmentDamage(
        ArchiveLayout layout,
        IndexTables tables,
        IndexJournal journal,
        OpenSegments open,
        EventOutbox events,
        TimeProvider time,
        ILogger<SegmentDamage> logger)
    {
        _layout = layout;
        _tables = tables;
        _journal = journal;
        _open = open;
        _events = events;
        _time = time;
        _logger = logger;
        _damaged = _meter.CreateCounter<long>(
            "vms_recording_damaged_segments_total", null, "Recorded files that were found missing or not as they were written, by reason.");
    }

    /// <summary>This file could not be read as it was written. Any thread.</summary>
    public void Report(string path) => _reports.Writer.TryWrite(path);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (string path in _reports.Reader.ReadAllAsync(cancellationToken))
            {
                await TryLookAsync(path, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The recorder stops.
        }
    }

    /// <summary>A file that was gone is there again: it is no gap any more.</summary>
    public async Task IsBackAsync(SegmentRow row, CancellationToken cancellationToken)
    {
        var whole = Gap(row, row.From, row.To);
        int version = await VersionOfAsync(whole, cancellationToken);
        if (version > 0)
        {
            _journal.Append(new GapPut(whole with { To = whole.From, Version = version + 1 }));
        }
    }

    public void Dispose() => _meter.Dispose();

    private async Task TryLookAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await LookAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            Log.Later(_logger, path, e.Message);
        }
    }

    private async Task LookAsync(string path, CancellationToken cancellationToken)
    {
        if (!_layout.TryParse(path, out var name) || _open.Contains(name.Id)
            || await FindAsync(name, cancellationToken) is not { Closed: true } row || !GopTable.TryDecode(row.Gops.Span, out var table))
        {
            return;
        }

        if (!HasAnything(name))
        {
            Log.FolderGone(_logger, path);      // rather a disk that is not there than a file that was lost
            return;
        }

        bool[] good;
        string reason = "damaged";
        try
        {
            good = StoredFragments.Check(path, table, cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            good = new bool[table.Length];
            reason = "gone";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            good = new bool[table.Length];
            reason = "readError";
        }

        if (Array.TrueForAll(good, static g => g))
        {
            return;     // somebody else has reported it, or it was a moment's trouble
        }

        await MarkAsync(row, table, good, reason, cancellationToken);
    }

    private bool HasAnything(SegmentName name)
    {
        try
        {
            return _layout.Days(name.CameraId, name.Stream).Count > 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private async Task<SegmentRow?> FindAsync(SegmentName name, CancellationToken cancellationToken)
    {
        var waiting = _journal.PendingOf(name.CameraId, name.Stream, e => e.Id == name.Id);
        return waiting.Count > 0
            ? (waiting[^1] as SegmentPut)?.Segment
            : await _tables.FindAsync(name.Id, name.CameraId, name.Stream, cancellationToken);
    }

    private async Task MarkAsync(SegmentRow row, FragmentEntry[] table, bool[] good, string reason, CancellationToken cancellationToken)
    {
        var lost = Lost(row, table, good);
        bool whole = lost is [var only] && only.From <= row.From && only.To >= row.To;
        if (whole)
        {
            _journal.Append(new SegmentDeleted(new DeletedSegment(
                row.Id, row.CameraId, row.Stream, row.From, _layout.Relative(row.Path), row.Bytes, DeletionReason.Missing, _time.GetUtcNow(), int.MaxValue)));
        }
        else
        {
            var rest = table.Where((_, i) => good[i]).ToArray();
            _journal.Append(new SegmentPut(row with { Gops = GopTable.Encode(rest), Version = row.Version + NextVersion }));
        }

        foreach (var (from, to) in lost)
        {
            var gap = Gap(row, from, to);
            _journal.Append(new GapPut(gap with { Version = await VersionOfAsync(gap, cancellationToken) + 1 }));
            _events.RecordingDamaged(gap, _layout.Relative(row.Path), reason);
        }

        _damaged.Add(1, new KeyValuePair<string, object?>("reason", reason));
        Log.Damaged(_logger, row.CameraId, row.Stream, row.Path, reason, lost.Sum(l => (l.To - l.From).TotalSeconds));
    }

    /// <summary>Stretches of a segment that cannot be played: decoding begins again with the first good keyframe behind a bad fragment.</summary>
    internal static List<(DateTimeOffset From, DateTimeOffset To)> Lost(SegmentRow row, FragmentEntry[] table, bool[] good)
    {
        var lost = new List<(DateTimeOffset From, DateTimeOffset To)>();
        DateTimeOffset? since = null;
        for (int i = 0; i < table.Length; i++)
        {
            var at = i == 0 ? row.From : UnixTime.FromMicroseconds(table[i].CaptureTimeUs);
            if (!good[i])
            {
                since ??= at;
            }
            else if (since is { } from && table[i].StartsWithKeyframe)
            {
                lost.Add((from, at));
                since = null;
            }
        }

        if (since is { } last)
        {
            lost.Add((last, row.To));
        }

        return lost;
    }

    /// <summary>The same damage always gets the same id.</summary>
    private static GapRow Gap(SegmentRow row, DateTimeOffset from, DateTimeOffset to)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"damaged/{row.Id}/{UnixTime.ToMicroseconds(from)}"), hash);
        return new GapRow(new Guid(hash[..16]), row.CameraId, row.Stream, from, to, GapCause.Damaged, Open: false, Version: 1);
    }

    /// <summary>0 when it is not on the books.</summary>
    private async Task<int> VersionOfAsync(GapRow gap, CancellationToken cancellationToken)
    {
        var waiting = _journal.PendingOf(gap.CameraId, gap.Stream, e => e is GapPut && e.Id == gap.Id);
        return waiting.Count > 0 ? waiting[^1].Version : await _tables.GapVersionAsync(gap.Id, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(
            3040, LogLevel.Error, "Camera {CameraId} {Stream}: {Path} is not what was written ({Reason}): {Seconds:0.0} s cannot be played, the rest can")]
        public static partial void Damaged(ILogger logger, string cameraId, string stream, string path, string reason, double seconds);

        [LoggerMessage(3041, LogLevel.Warning, "{Path} cannot be read, nor can anything of its camera; is the disk mounted? The index is left as it is")]
        public static partial void FolderGone(ILogger logger, string path);

        [LoggerMessage(3042, LogLevel.Warning, "Damage of {Path} is not noted down ({Reason}); whoever asks for it next brings it up again")]
        public static partial void Later(ILogger logger, string path, string reason);
    }
}
