using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.ExceptionServices;

namespace Vms.Recorder.Archive;

/// <summary>
/// What stands in the pools, for those who go by the files. A folder that cannot be read costs only itself: it counts as empty, and is
/// told once when that begins and once when it ends. Any thread.
/// </summary>
internal sealed partial class ArchiveFolders : IDisposable
{
    private readonly ArchiveLayout _layout;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, string> _unreadable = new(StringComparer.Ordinal);
    private readonly Meter _meter = new("Vms.Recorder.Archive");

    public ArchiveFolders(ArchiveLayout layout, ILogger<ArchiveFolders> logger)
    {
        _layout = layout;
        _logger = logger;
        _meter.CreateObservableGauge(
            "vms_recorder_unreadable_folders", () => _unreadable.Count, null, "Folders of the pool that could not be read when they were last looked at.");
    }

    /// <summary>Everything that has ever been recorded in the pools that are there.</summary>
    /// <exception cref="IOException">No pool's own folder can be read; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public IReadOnlyList<(string CameraId, string Stream)> Streams()
    {
        var cameras = new List<string>();
        Exception? unreadable = null;
        bool any = false;
        foreach (var root in _layout.There)
        {
            try
            {
                var found = root.Cameras();
                Forget(root.Path, found.Select(root.FolderOf));
                cameras.AddRange(found);
                any = true;
                MarkReadable(root.Path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                unreadable = e;
                if (_layout.Roots.Count > 1)
                {
                    MarkUnreadable(root.Path, e.Message);       // the others are looked at all the same
                }
            }
        }

        if (!any && unreadable is not null)
        {
            ExceptionDispatchInfo.Throw(unreadable);
        }

        return
        [
            .. from cameraId in cameras.Distinct(StringComparer.Ordinal)
               from stream in StreamsOf(cameraId)
               select (cameraId, stream),
        ];
    }

    /// <summary>Day folders of a stream, oldest first; those of one day follow each other.</summary>
    public IReadOnlyList<string> Days(string cameraId, string stream) => ArchiveLayout.OldestFirst(_layout.There.SelectMany(r => DaysIn(r, cameraId, stream)));

    /// <summary>The same in one pool.</summary>
    public IReadOnlyList<string> DaysIn(PoolRoot root, string cameraId, string stream) =>
        root.IsThere ? Listed(root.FolderOf(cameraId, stream), () => root.Days(cameraId, stream), static day => day) : [];

    /// <summary>Segment files of a day folder, in name order.</summary>
    public IReadOnlyList<(SegmentName Name, FileInfo File)> SegmentsOf(string day) => Read(day, () => _layout.SegmentsOf(day), []);

    /// <summary>Why a file's folder, or one above it, could not be read; null when it could. The file may be there all the same.</summary>
    /// <param name="path">Absolute.</param>
    public string? WhyUnreadable(string path)
    {
        var root = _layout.RootOf(path);
        if (!root.IsThere)
        {
            return $"the pool {root.Name} is not there";
        }

        for (string? folder = Path.GetDirectoryName(path); folder?.Length >= root.Path.Length; folder = Path.GetDirectoryName(folder))
        {
            if (_unreadable.TryGetValue(folder, out string? reason))
            {
                return reason;
            }
        }

        return null;
    }

    /// <summary>Of a folder and those below it, how many could not be read.</summary>
    public int UnreadableIn(string folder)
    {
        string below = folder + Path.DirectorySeparatorChar;
        return _unreadable.Keys.Count(f => f == folder || f.StartsWith(below, StringComparison.Ordinal));
    }

    /// <summary>Looks at a folder; what is gone meanwhile is no trouble.</summary>
    public T Read<T>(string folder, Func<T> read, T otherwise)
    {
        try
        {
            var found = read();
            MarkReadable(folder);
            return found;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // It is gone: whatever kept it from being read went with it.
            _unreadable.TryRemove(folder, out _);
            Forget(folder, []);
            return otherwise;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            MarkUnreadable(folder, e.Message);
            return otherwise;
        }
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<string> StreamsOf(string cameraId) => _layout.There
        .SelectMany(r => Listed(r.FolderOf(cameraId), () => r.StreamsOf(cameraId), stream => r.FolderOf(cameraId, stream)))
        .Distinct(StringComparer.Ordinal);

    private void MarkReadable(string folder)
    {
        if (_unreadable.TryRemove(folder, out _))
        {
            Log.ReadableAgain(_logger, folder);
        }
    }

    private void MarkUnreadable(string folder, string reason)
    {
        if (_unreadable.TryAdd(folder, reason))
        {
            Log.Unreadable(_logger, folder, reason);
        }
    }

    private IReadOnlyList<string> Listed(string folder, Func<IReadOnlyList<string>> list, Func<string, string> pathOf)
    {
        IReadOnlyList<string>? found = null;
        Read(folder, () => found = list(), []);
        if (found is not null)
        {
            Forget(folder, found.Select(pathOf));
        }

        return found ?? [];
    }

    /// <summary>What is not in a folder that could be listed is gone, and with it what could not be read of it.</summary>
    private void Forget(string folder, IEnumerable<string> children)
    {
        if (_unreadable.IsEmpty)
        {
            return;
        }

        string below = folder + Path.DirectorySeparatorChar;
        var there = children.ToList();
        foreach (string unreadable in _unreadable.Keys.Where(k => k.StartsWith(below, StringComparison.Ordinal)))
        {
            if (!there.Exists(c => unreadable == c || unreadable.StartsWith(c + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
            {
                _unreadable.TryRemove(unreadable, out _);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3030, LogLevel.Error, "{Folder} cannot be read ({Reason}); what is in it is neither deleted nor compared with the index until it can")]
        public static partial void Unreadable(ILogger logger, string folder, string reason);

        [LoggerMessage(3031, LogLevel.Information, "{Folder} can be read again")]
        public static partial void ReadableAgain(ILogger logger, string folder);
    }
}
