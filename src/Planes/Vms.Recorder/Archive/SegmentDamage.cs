using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Npgsql;
using Vms.Codecs;
using Vms.Containers;
using Vms.Native.Processes;
using Vms.Recorder.Events;
using Vms.Recorder.Retention;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Archive;

/// <summary>
/// Finds out what is left of a recorded file that somebody could not read, and has the index say so: fragments that are gone leave the
/// segment's table, and what they showed is a gap with cause <c>damaged</c>. Later questions then get the rest. The file is not touched.
/// </summary>
/// <remarks>
/// Only what is proved counts: a file that is not there while the pool is, content that could be read and has another checksum, and both seen
/// again after <see cref="ConfirmAfter"/>. What cannot be read now is in the log, and the index stays as it is. Reports come from any thread
/// and wait, bounded, for one reader; what finds no room is found by the next one who asks.
/// </remarks>
internal sealed partial class SegmentDamage : IDisposable
{
    private const int MaxReports = 256;

    /// <summary>A row changes only to a higher version. The next one that stands for a closed segment.</summary>
    private const int NextVersion = 2;

    /// <summary>When more than this share of a stream's files is gone at once, it is the disk that is missing, not the video.</summary>
    private const double PlausibleLoss = 0.5;

    private const int FewFiles = 10;

    private const string Gone = "gone";
    private const string Damaged = "damaged";

    /// <summary>What was found whole, or unreadable, is not read again for so long, however many ask.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(5);

    /// <summary>A segment may begin or end so far from where it does now.</summary>
    private static readonly TimeSpan s_longestSegment = TimeSpan.FromHours(6);

    /// <summary>Capture times are estimates.</summary>
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMilliseconds(500);

    private readonly ArchiveLayout _layout;
    private readonly PoolIdentity _identity;
    private readonly IndexTables _tables;
    private readonly IndexJournal _journal;
    private readonly OpenSegments _open;
    private readonly RecorderEvents _events;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Meter _meter = new("Vms.Recorder.Archive");
    private readonly Counter<long> _damaged;
    private readonly Channel<string> _reports = Channel.CreateBounded<string>(
        new BoundedChannelOptions(MaxReports) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private readonly ConcurrentDictionary<string, byte> _queued = new(StringComparer.Ordinal);       // reported, or seen once
    private readonly ConcurrentDictionary<string, long> _lookedAt = new(StringComparer.Ordinal);     // with nothing to note down
    private readonly PriorityQueue<Suspect, long> _suspects = new();        // by when they are looked at again; the reader's
    private readonly HashSet<string> _toldUnreadable = new(StringComparer.Ordinal);
    private Task? _waiting;
    private int _seenOnce;

    public SegmentDamage(
        ArchiveLayout layout,
        PoolIdentity identity,
        IndexTables tables,
        IndexJournal journal,
        OpenSegments open,
        RecorderEvents events,
        TimeProvider time,
        ILogger<SegmentDamage> logger)
    {
        _layout = layout;
        _identity = identity;
        _tables = tables;
        _journal = journal;
        _open = open;
        _events = events;
        _time = time;
        _logger = logger;
        _damaged = _meter.CreateCounter<long>(
            "vms_recording_damaged_segments_total", null, "Recorded files that were found missing or not as they were written, by reason.");
    }

    /// <summary>Damage is noted down when it is still the same after this. Tests wait less.</summary>
    public TimeSpan ConfirmAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Files that were found damaged once and are looked at again.</summary>
    public int SeenOnce => Volatile.Read(ref _seenOnce);

    /// <summary>Files that were reported and are not done with.</summary>
    public int Waiting => _queued.Count;

    /// <summary>This file could not be read as it was written. Any thread.</summary>
    /// <returns>False when it will not be looked into now.</returns>
    public bool Report(string path)
    {
        if (_lookedAt.TryGetValue(path, out long at))
        {
            if (_time.GetElapsedTime(at) < s_pause)
            {
                return false;
            }

            _lookedAt.TryRemove(path, out _);
        }

        if (_queued.ContainsKey(path))
        {
            return true;
        }

        if (_queued.Count >= MaxReports || !_queued.TryAdd(path, 0))
        {
            return false;
        }

        if (_reports.Writer.TryWrite(path))
        {
            return true;
        }

        _queued.TryRemove(path, out _);
        return false;
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await TryLookAsync(await NextAsync(cancellationToken), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The recorder stops.
        }
    }

    /// <summary>The file holds what the index did not say, or said was lost: the row is put right, and with it every gap that this file was the
    /// reason for and is not any more.</summary>
    /// <param name="found">From the file, its contents checked where <see cref="HasGapsAsync"/>.</param>
    /// <param name="first">Goes before the row.</param>
    /// <exception cref="NpgsqlException">The database is away; nothing was changed.</exception>
    public async Task PutRightAsync(SegmentRow found, IndexEntry? first, CancellationToken cancellationToken)
    {
        var booked = await BookedAsync(found, cancellationToken);
        var wanted = booked.Count > 0 ? StillLost(found, booked) : [];
        var changes = new List<IndexEntry>();
        foreach (var gap in booked.Where(b => !wanted.Exists(w => w.From == b.From)))
        {
            changes.Add(new GapPut(gap with { To = gap.From, Version = gap.Version + 1 }));
        }

        foreach (var (from, to) in wanted.Where(w => !booked.Exists(b => b.From == w.From && b.To == w.To)))
        {
            var gap = Gap(found.Id, found.CameraId, found.Stream, from, to);
            changes.Add(new GapPut(gap with { Version = await VersionOfAsync(gap, cancellationToken) + 1 }));
        }

        // Nothing is awaited from here on: all of it is in the journal, or nothing.
        if (first is not null)
        {
            changes.Add(first);
        }

        _journal.Append([.. changes, new SegmentPut(found)]);
    }

    /// <summary>Is something of this segment on the books as damaged?</summary>
    public async Task<bool> HasGapsAsync(SegmentRow row, CancellationToken cancellationToken) => (await BookedAsync(row, cancellationToken)).Count > 0;

    /// <summary>A closed segment's file is not there, while those around it are: its row goes, and all of it is a gap.</summary>
    /// <returns>False when somebody has deleted it meanwhile.</returns>
    /// <exception cref="NpgsqlException">The database is away; nothing was changed.</exception>
    public async Task<bool> GoneAsync(string cameraId, string stream, IndexedSegment row, CancellationToken cancellationToken)
    {
        var gap = Gap(row.Id, cameraId, stream, row.From, row.To);
        gap = gap with { Version = await VersionOfAsync(gap, cancellationToken) + 1 };
        if (!await IsIndexedAsync(row.Id, cameraId, stream, cancellationToken))
        {
            return false;
        }

        var deleted = new SegmentDeleted(new DeletedSegment(
            row.Id, cameraId, stream, row.From, row.Path, row.Bytes, DeletionReason.Missing, _time.GetUtcNow(), int.MaxValue));
        if (gap.To > gap.From)
        {
            _journal.Append(new GapPut(gap), deleted);
            _events.RecordingDamaged(gap, row.Path, Gone);
        }
        else
        {
            _journal.Append(deleted);
        }

        _damaged.Add(1, new KeyValuePair<string, object?>("reason", Gone));
        Log.Damaged(_logger, cameraId, stream, row.Path, Gone, (row.To - row.From).TotalSeconds);
        return true;
    }

    /// <summary>So many files of a stream are missing that it is rather the disk.</summary>
    public static bool IsTooMuch(int missing, int all) => missing > FewFiles && missing > all * PlausibleLoss;

    /// <summary>Is this a gap that this segment's damage made?</summary>
    public static bool IsOf(GapRow gap, Guid segmentId) => gap.Cause == GapCause.Damaged && gap.Id == IdOf(segmentId, gap.From);

    public void Dispose() => _meter.Dispose();

    /// <summary>The next file to look at: first what is due to be looked at again.</summary>
    private async Task<Suspect> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool waits = _suspects.TryPeek(out _, out long due);
            var left = TimeSpan.FromSeconds((double)(due - _time.GetTimestamp()) / _time.TimestampFrequency);
            if (waits && left <= TimeSpan.Zero)
            {
                Volatile.Write(ref _seenOnce, _suspects.Count - 1);
                return _suspects.Dequeue();
            }

            if (_reports.Reader.TryRead(out string? path))
            {
                return new Suspect(path, null);
            }

            _waiting ??= _reports.Reader.WaitToReadAsync(cancellationToken).AsTask();
            using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(_waiting, Task.Delay(waits ? left : Timeout.InfiniteTimeSpan, _time, timer.Token));
            await timer.CancelAsync();
            if (_waiting.IsCompleted)
            {
                _waiting = null;
            }
        }
    }

    private async Task TryLookAsync(Suspect suspect, CancellationToken cancellationToken)
    {
        bool again = false;
        try
        {
            again = await LookAsync(suspect, cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            Log.Later(_logger, suspect.Path, e.Message);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.Failed(_logger, e, suspect.Path);      // one file's trouble, not the end of looking
        }
        finally
        {
            if (!again)
            {
                _queued.TryRemove(suspect.Path, out _);
            }
        }
    }

    /// <returns>Whether it is to be looked at again.</returns>
    private async Task<bool> LookAsync(Suspect suspect, CancellationToken cancellationToken)
    {
        string path = suspect.Path;
        if (!_layout.TryParse(path, out var name) || _open.Contains(name.Id)
            || await FindAsync(name.Id, name.CameraId, name.Stream, cancellationToken) is not { Closed: true } row
            || !GopTable.TryDecode(row.Gops.Span, out var table))
        {
            return false;
        }

        path = _layout.Find(row.Path);      // it may have been moved since it was reported
        var verdict = await IdleThread.RunAsync(() => Read(path, table, cancellationToken));
        if (verdict.Unreadable is { } why && _toldUnreadable.Add(path))
        {
            Log.Unreadable(_logger, path, why);
        }

        if (verdict.Reason is null || (verdict.Reason == Gone && !await IsGoneAsync(name, path, cancellationToken)))
        {
            if (verdict.Unreadable is null)
            {
                _toldUnreadable.Remove(path);
            }

            Rest(path);
            return false;
        }

        if (suspect.First is not { } first || !first.IsSameAs(verdict))
        {
            _suspects.Enqueue(
                new Suspect(path, verdict), _time.GetTimestamp() + (long)(ConfirmAfter.TotalSeconds * _time.TimestampFrequency));
            Volatile.Write(ref _seenOnce, _suspects.Count);
            return true;
        }

        await MarkAsync(row, table, verdict, cancellationToken);
        return false;
    }

    private static Verdict Read(string path, FragmentEntry[] table, CancellationToken cancellationToken)
    {
        try
        {
            var states = StoredFragments.Check(path, table, cancellationToken);
            bool[] good = [.. states.Select(s => s != FragmentState.Wrong)];
            int unreadable = states.Count(s => s == FragmentState.Unreadable);
            return new Verdict(
                Array.TrueForAll(good, static g => g) ? null : Damaged,
                good,
                new FileInfo(path).Length,
                unreadable > 0 ? $"{unreadable} of {states.Length} fragments" : null);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new Verdict(Gone, new bool[table.Length], 0, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Verdict(null, [], 0, e.Message);     // a permission, too many open files, a network: nothing is known of the content
        }
    }

    private void Rest(string path)
    {
        if (_lookedAt.Count >= MaxReports)
        {
            _lookedAt.Clear();
        }

        _lookedAt[path] = _time.GetTimestamp();
    }

    /// <summary>Is it the file that was lost, rather than the disk that is not there?</summary>
    private async Task<bool> IsGoneAsync(SegmentName name, string path, CancellationToken cancellationToken)
    {
        if (!_identity.IsThere(path))
        {
            return false;
        }

        if (!HasAnything(name))
        {
            Log.FolderGone(_logger, path);
            return false;
        }

        var home = _layout.RootOf(path);
        var rows = (await _tables.AllAsync(name.CameraId, name.Stream, cancellationToken)).Where(r => _layout.RootOf(_layout.Absolute(r.Path)) == home).ToList();
        int missing = rows.Count(r => !File.Exists(_layout.Absolute(r.Path)));
        if (IsTooMuch(missing, rows.Count))
        {
            Log.TooManyGone(_logger, name.CameraId, name.Stream, path, missing, rows.Count);
            return false;
        }

        return true;
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

    private async Task<SegmentRow?> FindAsync(Guid id, string cameraId, string stream, CancellationToken cancellationToken)
    {
        var waiting = _journal.PendingOf(cameraId, stream, e => e.Id == id);
        return waiting.Count > 0
            ? (waiting[^1] as SegmentPut)?.Segment
            : await _tables.FindAsync(id, cameraId, stream, cancellationToken);
    }

    private async Task<bool> IsIndexedAsync(Guid id, string cameraId, string stream, CancellationToken cancellationToken)
    {
        // A deletion is in the journal before the file goes: one that took this file is there by now, or in the table.
        var waiting = _journal.PendingOf(cameraId, stream, e => e.Id == id);
        return waiting.Count > 0 ? waiting[^1] is SegmentPut : await _tables.HasAsync(id, cancellationToken);
    }

    private async Task MarkAsync(SegmentRow row, FragmentEntry[] table, Verdict verdict, CancellationToken cancellationToken)
    {
        var lost = Lost(row, table, verdict.Good);
        var gaps = new List<GapRow>();
        foreach (var (from, to) in lost)
        {
            var gap = Gap(row.Id, row.CameraId, row.Stream, from, to);
            gaps.Add(gap with { Version = await VersionOfAsync(gap, cancellationToken) + 1 });
        }

        if ((await FindAsync(row.Id, row.CameraId, row.Stream, cancellationToken))?.Version != row.Version)
        {
            return;     // deleted, or put right, while it was read
        }

        // Nothing is awaited from here on: all of it is in the journal, or nothing. The gaps first: a table without its hole's cause would never get one.
        IndexEntry left = lost is [var only] && only.From <= row.From && only.To >= row.To
            ? new SegmentDeleted(new DeletedSegment(
                row.Id, row.CameraId, row.Stream, row.From, _layout.Relative(row.Path), row.Bytes, DeletionReason.Missing, _time.GetUtcNow(), int.MaxValue))
            : new SegmentPut(row with
            {
                Gops = GopTable.Encode([.. table.Where((_, i) => verdict.Good[i])]),
                To = lost[^1].To >= row.To ? lost[^1].From : row.To,       // what is lost at the end is the gap's, not the segment's
                Bytes = Math.Min(row.Bytes, verdict.Length),
                Version = row.Version + NextVersion,
            });
        _journal.Append([.. gaps.Select(g => new GapPut(g)), left]);

        gaps.ForEach(g => _events.RecordingDamaged(g, _layout.Relative(row.Path), verdict.Reason!));
        _damaged.Add(1, new KeyValuePair<string, object?>("reason", verdict.Reason));
        Log.Damaged(_logger, row.CameraId, row.Stream, row.Path, verdict.Reason!, lost.Sum(l => (l.To - l.From).TotalSeconds));
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

    /// <summary>Of what is on the books as damaged, what the file still does not hold: the holes in it, and its end.</summary>
    internal static List<(DateTimeOffset From, DateTimeOffset To)> StillLost(SegmentRow found, IReadOnlyList<GapRow> booked)
    {
        if (!GopTable.TryDecode(found.Gops.Span, out var table) || table.Length == 0)
        {
            return [];
        }

        var holes = new List<(DateTimeOffset From, DateTimeOffset To)>();
        DateTimeOffset? since = table[0].Offset > found.InitBytes ? Min(booked.Min(b => b.From), found.From) : null;
        for (int i = 0; i < table.Length; i++)
        {
            if (i > 0 && table[i].Offset > table[i - 1].EndOffset)
            {
                since ??= EndOf(table[i - 1]);
            }

            if (since is { } from && table[i].StartsWithKeyframe)
            {
                holes.Add((from, UnixTime.FromMicroseconds(table[i].CaptureTimeUs)));
                since = null;
            }
        }

        var end = booked.Max(b => b.To);
        if (since is not null || end > found.To + s_tolerance)
        {
            holes.Add((since ?? found.To, Max(end, found.To)));
        }

        // A hole nobody has noted down is for whoever finds it; one that goes on has the beginning that it had, and so its id.
        return
        [
            .. from hole in holes
               where booked.Any(b => b.From < hole.To && b.To > hole.From)
               let known = booked.FirstOrDefault(b => (b.From - hole.From).Duration() <= s_tolerance)
               let start = known?.From ?? hole.From
               where hole.To > start
               select (start, known is not null && (known.To - hole.To).Duration() <= s_tolerance ? known.To : hole.To),
        ];
    }

    private static DateTimeOffset EndOf(in FragmentEntry fragment) => UnixTime.FromMicroseconds(
        fragment.CaptureTimeUs + new MediaTime(fragment.DurationTicks, FragmentEntry.TicksPerSecond).ToMicroseconds());

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static GapRow Gap(Guid segmentId, string cameraId, string stream, DateTimeOffset from, DateTimeOffset to) =>
        new(IdOf(segmentId, from), cameraId, stream, from, to, GapCause.Damaged, Open: false, Version: 1);

    /// <summary>The same damage always gets the same id.</summary>
    internal static Guid IdOf(Guid segmentId, DateTimeOffset from)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"damaged/{segmentId}/{UnixTime.ToMicroseconds(from)}"), hash);
        return new Guid(hash[..16]);
    }

    /// <summary>What is on the books as this segment's damage, those taken back left out.</summary>
    private async Task<List<GapRow>> BookedAsync(SegmentRow row, CancellationToken cancellationToken)
    {
        // Memory first: what is applied in between is then in both answers, never in neither. What was lost of the segment lies within the
        // longest one, whatever its row says now.
        var (from, to) = (row.From - s_longestSegment, row.To + s_longestSegment);
        var waiting = _journal.PendingOf(row.CameraId, row.Stream, e => e is GapPut { Gap: var g } && IsOf(g, row.Id));
        var booked = (await _tables.GapsAsync(row.CameraId, row.Stream, from, to, cancellationToken)).Where(g => IsOf(g, row.Id)).ToDictionary(g => g.Id);
        foreach (var put in waiting.Cast<GapPut>())
        {
            if (!booked.TryGetValue(put.Id, out var known) || known.Version < put.Version)
            {
                booked[put.Id] = put.Gap;
            }
        }

        return [.. booked.Values.Where(g => g.To > g.From).OrderBy(g => g.From)];
    }

    /// <summary>0 when it is not on the books.</summary>
    private async Task<int> VersionOfAsync(GapRow gap, CancellationToken cancellationToken)
    {
        var waiting = _journal.PendingOf(gap.CameraId, gap.Stream, e => e is GapPut && e.Id == gap.Id);
        return waiting.Count > 0 ? waiting[^1].Version : await _tables.GapVersionAsync(gap.Id, cancellationToken);
    }

    /// <summary>A file that was reported, and what was seen of it the first time.</summary>
    private readonly record struct Suspect(string Path, Verdict? First);

    /// <param name="Reason">Null when there is nothing to note down.</param>
    /// <param name="Good">For each fragment, that it is not proved wrong.</param>
    /// <param name="Length">Of the file.</param>
    /// <param name="Unreadable">What could not be read, and why.</param>
    private sealed record Verdict(string? Reason, bool[] Good, long Length, string? Unreadable)
    {
        public bool IsSameAs(Verdict other) => Reason == other.Reason && Length == other.Length && Good.AsSpan().SequenceEqual(other.Good);
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

        [LoggerMessage(3043, LogLevel.Error, "{Path} cannot be read ({Reason}); the index is left as it is, and no more is said about this file until it could")]
        public static partial void Unreadable(ILogger logger, string path, string reason);

        [LoggerMessage(
            3044, LogLevel.Error, "Camera {CameraId} {Stream}: {Path} is gone, and with it {Missing} of {Rows} files; is the disk mounted? The index is left as it is")]
        public static partial void TooManyGone(ILogger logger, string cameraId, string stream, string path, int missing, int rows);

        [LoggerMessage(3045, LogLevel.Error, "{Path}: what is left of it could not be found out; whoever asks for it next brings it up again")]
        public static partial void Failed(ILogger logger, Exception exception, string path);
    }
}
