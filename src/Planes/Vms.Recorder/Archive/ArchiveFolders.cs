using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Vms.Recorder.Archive;

/// <summary>
/// What stands in the pool, for those who go by the files. A folder that cannot be read costs only itself: it counts as empty, and is
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

    /// <summary>Everything that has ever been recorded here.</summary>
    /// <exception cref="IOException">The pool's own folder cannot be read.</exception>
    public IReadOnlyList<(string CameraId, string Stream)> Streams()
    {
        var cameras = _layout.Cameras();
        Forget(_layout.Root, cameras.Select(_layout.FolderOf));
        return
        [
            .. from cameraId in cameras
               from stream in StreamsOf(cameraId)
               select (cameraId, stream),
        ];
    }

    /// <summary>Day folders of a stream, oldest first.</summary>
    public IReadOnlyList<string> Days(string cameraId, string stream) =>
        Listed(_layout.FolderOf(cameraId, stream), () => _layout.Days(cameraId, stream), static day => day);

    /// <summary>Segment files of a day folder, in name order.</summary>
    public IReadOnlyList<(SegmentName Name, FileInfo File)> SegmentsOf(string day) => Read(day, () => _layout.SegmentsOf(day), []);

    /// <summary>Why a file's folder, or one above it, could not be read; null when it could. The file may be there all the same.</summary>
    /// <param name="path">Absolute.</param>
    public string? WhyUnreadable(string path)
    {
        for (string? folder = Path.GetDirectoryName(path); folder?.Length >= _layout.Root.Length; folder = Path.GetDirectoryName(folder))
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
            if (_unreadable.TryRemove(folder, out _))
            {
                Log.ReadableAgain(_logger, folder);
            }

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
            if (_unreadable.TryAdd(folder, e.Message))
            {
                Log.Unreadable(_logger, folder, e.Message);
            }

            return otherwise;
        }
    }

    public void Dispose() => _meter.Dispose();

    private IReadOnlyList<string> StreamsOf(string cameraId) =>
        Listed(_layout.FolderOf(cameraId), () => _layout.StreamsOf(cameraId), stream => _layout.FolderOf(cameraId, stream));

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
