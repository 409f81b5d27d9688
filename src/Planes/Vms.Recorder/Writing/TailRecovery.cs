using Vms.Containers.AtRest;
using Vms.Containers.Mp4;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Writing;

/// <summary>Finds where an earlier run of the recorder ended in a stream, from the files alone, and cuts a torn fragment off the end.
/// Nothing else is touched.</summary>
internal sealed partial class TailRecovery(ArchiveLayout layout, ILogger<TailRecovery> logger)
{
    /// <summary>Fragments at the end whose content is checked: more than can have been on their way to the disk at a power cut.</summary>
    private const int VerifiedFragments = 16;

    /// <summary>The newest segment with content, ready to go on; null when the stream was never recorded, or its folder cannot be read:
    /// then it is recorded anew, and no other stream waits for it.</summary>
    public SegmentFile? Recover(string cameraId, string stream)
    {
        try
        {
            return FindNewest(cameraId, stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NoTail(logger, cameraId, stream, e.Message);
            return null;
        }
    }

    private SegmentFile? FindNewest(string cameraId, string stream)
    {
        foreach (string path in Noted(cameraId, stream).Concat(NewestByName(cameraId, stream)))
        {
            try
            {
                if (Open(path) is { } segment)
                {
                    return segment;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Log.Unreadable(logger, path, e.Message);
            }
        }

        return null;
    }

    /// <summary>A file as a segment that can be written on; null when it holds no good fragment, or is none of ours.</summary>
    /// <exception cref="IOException">The file cannot be read or cut.</exception>
    public SegmentFile? Open(string path)
    {
        if (!File.Exists(path) || !layout.TryParse(path, out var name))
        {
            return null;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, bufferSize: 0);
        if (Load(name, path, file, VerifiedFragments) is not { } segment)
        {
            return null;
        }

        if (file.Length > segment.Length)
        {
            Log.Trimmed(logger, path, file.Length - segment.Length);
            file.SetLength(segment.Length);
        }

        return segment;
    }

    /// <summary>Reads a segment without changing the file; null when it holds no good fragment.</summary>
    /// <param name="verifyLast">Fragments, from the end, whose content is checked.</param>
    public static SegmentFile? Load(SegmentName name, string path, Stream file, int verifyLast)
    {
        byte[] init = new byte[Math.Min(file.Length, Fmp4InitReader.MaxInitBytes)];
        file.Position = 0;
        file.ReadExactly(init);
        MatroskaHead.Restore(init);
        if (!Fmp4InitReader.TryRead(init, out var tracks, out int initBytes))
        {
            return null;
        }

        var scan = Fmp4FragmentScanner.Scan(file, initBytes, verifyLast);
        if (scan.Last is null)
        {
            return null;
        }

        byte[] box = new byte[Math.Min(FragmentHeader.SizeOf(tracks.Count), scan.Fragments[0].Length)];
        file.Position = scan.Fragments[0].Offset;
        file.ReadExactly(box);
        return FragmentHeader.TryRead(box, out var first) ? new SegmentFile(name, path, tracks, init[..initBytes], first, scan) : null;
    }

    /// <summary>What the notes of all pools name: ids ascend, whichever pool a segment stands in.</summary>
    private IEnumerable<string> Noted(string cameraId, string stream) =>
        from root in layout.There
        from noted in CurrentSegment.Read(root, cameraId, stream)
        let path = layout.Find(noted)       // it may have been moved since
        orderby layout.TryParse(path, out var name) ? name.Id : Guid.Empty descending
        select path;

    private IEnumerable<string> NewestByName(string cameraId, string stream) =>
        from day in layout.Days(cameraId, stream).GroupBy(day => Path.GetFileName(day)).Reverse()
        from segment in day.SelectMany(layout.SegmentsOf).OrderByDescending(s => s.File.Name, StringComparer.Ordinal)
        select segment.File.FullName;

    private static partial class Log
    {
        [LoggerMessage(3120, LogLevel.Information, "Cut {Bytes} bytes of an unfinished fragment off {Path}")]
        public static partial void Trimmed(ILogger logger, string path, long bytes);

        [LoggerMessage(3121, LogLevel.Warning, "Cannot go on with {Path} ({Reason})")]
        public static partial void Unreadable(ILogger logger, string path, string reason);

        [LoggerMessage(3122, LogLevel.Error, "Camera {CameraId} {Stream}: the recordings' folder cannot be read ({Reason}); recording begins anew")]
        public static partial void NoTail(ILogger logger, string cameraId, string stream, string reason);
    }
}
