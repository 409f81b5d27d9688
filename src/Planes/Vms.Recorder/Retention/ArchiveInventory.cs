using System.Globalization;
using Vms.Recorder.Archive;
using Vms.Recorder.Import;
using Vms.Recorder.Playback;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Retention;

/// <summary>A segment file as Retention sees it.</summary>
/// <param name="End">Never before the last write: a camera that claims 1970 does not lose its video at once.</param>
internal readonly record struct StoredSegment(SegmentName Name, string Path, long Bytes, DateTimeOffset End);

/// <summary>
/// What the pools' folders hold. Retention goes by the files, not by the index: it must work while the database is away, and it frees
/// what is really there. Totals of days that no longer change are remembered, and of the others the sizes of closed files. One caller at a time.
/// </summary>
internal sealed class ArchiveInventory(ArchiveFolders folders, OpenSegments open)
{
    private readonly Dictionary<string, (DateTime Changed, long Bytes)> _days = [];
    private readonly Dictionary<string, GrowingDay> _growing = [];

    public IReadOnlyList<(string CameraId, string Stream)> Streams() => folders.Streams();

    /// <summary>When a file was written last, by this server's clock; null for an archive without any.</summary>
    public DateTimeOffset? LastWrite()
    {
        var last = from s in folders.Streams()
                   from day in folders.Days(s.CameraId, s.Stream).GroupBy(day => Path.GetFileName(day), StringComparer.Ordinal).TakeLast(1).SelectMany(days => days)
                   from segment in folders.SegmentsOf(day)
                   select folders.Read(day, () => segment.File.LastWriteTimeUtc, DateTime.UnixEpoch);
        return last.Select(t => (DateTimeOffset?)new DateTimeOffset(t, TimeSpan.Zero)).Max();
    }

    /// <summary>Bytes of a stream, its open segment included; of a day that cannot be read, what was last seen.</summary>
    /// <param name="pool">Null for all that are there.</param>
    public long BytesOf(string cameraId, string stream, PoolRoot? pool = null) =>
        Days(cameraId, stream, pool).Sum(day => folders.Read(day, () => BytesOfDay(day), _days.GetValueOrDefault(day).Bytes));

    /// <summary>Closed segments of a stream, oldest first. Lazy: taking only the first few reads only their days.</summary>
    /// <param name="pool">Null for all that are there.</param>
    public IEnumerable<StoredSegment> Closed(string cameraId, string stream, PoolRoot? pool = null)
    {
        // A day that stands in several pools is put together.
        foreach (var day in Days(cameraId, stream, pool).GroupBy(day => Path.GetFileName(day), StringComparer.Ordinal))
        {
            foreach (var segment in day.Skip(1).Any() ? day.SelectMany(ClosedOf).OrderBy(s => s.Name.Start).ThenBy(s => s.Name.Id) : ClosedOf(day.First()))
            {
                yield return segment;
            }
        }
    }

    private IReadOnlyList<string> Days(string cameraId, string stream, PoolRoot? pool) =>
        pool is null ? folders.Days(cameraId, stream) : folders.DaysIn(pool, cameraId, stream);

    /// <summary>Closed segments from the days of some ranges, in no order that means anything; more than what lies in the ranges.</summary>
    public IEnumerable<StoredSegment> ClosedWithin(string cameraId, string stream, IReadOnlyList<KeptStretch> ranges) =>
        folders.Days(cameraId, stream).Where(day => ranges.Any(r => IsWithin(day, r))).SelectMany(ClosedOf);

    private IEnumerable<StoredSegment> ClosedOf(string day)
    {
        foreach (var (name, file) in folders.SegmentsOf(day))
        {
            if (!open.Contains(name.Id) && folders.Read(day, () => Stored(name, file), null) is { } segment)
            {
                yield return segment;
            }
        }
    }

    /// <summary>A segment stands in the day it begins in, which may be the one before.</summary>
    private static bool IsWithin(string day, KeptStretch range)
    {
        string date = Path.GetFileName(day);
        return string.CompareOrdinal(date, DayOf(range.From.AddDays(-1))) >= 0 && string.CompareOrdinal(date, DayOf(range.To)) <= 0;
    }

    private static string DayOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static StoredSegment? Stored(SegmentName name, FileInfo file)
    {
        if (!file.Exists)
        {
            return null;
        }

        // Fetched long after it was captured; its times were compared with those that it was asked for.
        if (name.Stream == PlaybackSegments.Device)
        {
            return new StoredSegment(name, file.FullName, file.Length, name.Start + FootageWriter.LongestSegment);
        }

        var written = new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero);
        return new StoredSegment(name, file.FullName, file.Length, written > name.Start ? written : name.Start);
    }

    private long BytesOfDay(string day)
    {
        var changed = Directory.GetLastWriteTimeUtc(day);
        if (_days.TryGetValue(day, out var whole) && whole.Changed == changed)
        {
            return whole.Bytes;
        }

        if (!_growing.TryGetValue(day, out var growing))
        {
            growing = _growing[day] = new GrowingDay();
        }

        long bytes = growing.Add(day, open);
        if (!growing.HasOpen)
        {
            _days[day] = (changed, bytes);
            _growing.Remove(day);
        }
        else
        {
            _days.Remove(day);
        }

        return bytes;
    }

    /// <summary>A day that segments are being written into: its closed files are looked at once.</summary>
    private sealed class GrowingDay
    {
        private readonly Dictionary<Guid, (long Bytes, int Look)> _closed = [];
        private int _look;

        /// <summary>There were open segments when it was last added up.</summary>
        public bool HasOpen { get; private set; }

        /// <exception cref="IOException">The folder, or a file in it, cannot be read; likewise <see cref="UnauthorizedAccessException"/>.</exception>
        public long Add(string day, OpenSegments open)
        {
            _look++;
            HasOpen = false;
            long sum = 0;
            int closed = 0;
            bool isOpen = false;        // asked before a file is looked at: one that is closed meanwhile counts as open once more
            foreach (var (id, bytes) in ArchiveLayout.SizesOf(
                day, id => !(isOpen = open.Contains(id)) && _closed.TryGetValue(id, out var known) ? known.Bytes : null))
            {
                sum += bytes;
                if (isOpen)
                {
                    HasOpen = true;
                }
                else
                {
                    _closed[id] = (bytes, _look);
                    closed++;
                }
            }

            if (_closed.Count > closed)
            {
                ForgetGone();
            }

            return sum;
        }

        private void ForgetGone()
        {
            foreach (var (id, size) in _closed)
            {
                if (size.Look != _look)
                {
                    _closed.Remove(id);
                }
            }
        }
    }
}
