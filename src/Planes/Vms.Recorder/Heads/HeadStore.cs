using System.Globalization;
using Vms.Hosting.Heads;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Heads;

/// <summary>
/// Where people's heads were in the pictures of each camera, as analysis told it: a file for each hour, whichever stream was analysed and whichever is recorded.
/// Files go when nothing is recorded of their time any more. Any thread.
/// </summary>
/// <param name="folder">Made with the first entry.</param>
internal sealed partial class HeadStore(string folder, ILogger<HeadStore> logger)
{
    private const string HourFormat = "yyyyMMddHH";

    private readonly Lock _gate = new();
    private bool _toldFailed;

    /// <param name="entry">As <see cref="HeadBytes"/> writes it.</param>
    /// <returns>False when it is none, or the disk does not take it.</returns>
    public bool Add(string cameraId, ReadOnlySpan<byte> entry)
    {
        if (!ArchiveLayout.IsSafeName(cameraId) || HeadBytes.Read(entry) is not { } read) return false;
        try
        {
            lock (_gate) HeadFile.Append(PathOf(cameraId, UnixTime.FromMicroseconds(read.ToUs)), entry);
            _toldFailed = false;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_toldFailed) Log.NotStored(logger, cameraId, e.Message);
            _toldFailed = true;
            return false;
        }
    }

    /// <summary>Entries that reach into a time, in the order in which they came.</summary>
    /// <exception cref="IOException">They cannot be read; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public IEnumerable<HeadEntry> Between(string cameraId, DateTimeOffset from, DateTimeOffset to)
    {
        long fromUs = UnixTime.ToMicroseconds(from), toUs = UnixTime.ToMicroseconds(to);
        // An entry stands in the file of the hour that it ends in, and its spans begin before it does.
        var last = to + TimeSpan.FromMicroseconds(2 * HeadBytes.LongestUs);
        for (var hour = HourOf(from); hour <= last; hour = hour.AddHours(1))
        {
            foreach (var entry in HeadFile.Read(PathOf(cameraId, hour)))
            {
                if (entry.ToUs > fromUs && entry.FromUs - HeadBytes.LongestUs < toUs) yield return entry;
            }
        }
    }

    public IReadOnlyList<string> Cameras() =>
        Directory.Exists(folder) ? [.. Directory.EnumerateDirectories(folder).Select(d => Path.GetFileName(d))] : [];

    /// <summary>Hours of which there is a file, oldest first.</summary>
    public IReadOnlyList<DateTimeOffset> HoursOf(string cameraId) =>
    [
        .. from file in Directory.EnumerateFiles(Path.Combine(folder, cameraId), "*" + HeadFile.Extension)
           let hour = DateTimeOffset.TryParseExact(Path.GetFileNameWithoutExtension(file), HourFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : (DateTimeOffset?)null
           where hour is not null
           orderby hour
           select hour.Value,
    ];

    /// <exception cref="IOException">It does not go; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public void Delete(string cameraId, DateTimeOffset hour)
    {
        lock (_gate) File.Delete(PathOf(cameraId, hour));
    }

    private string PathOf(string cameraId, DateTimeOffset at) =>
        Path.Combine(folder, cameraId, at.UtcDateTime.ToString(HourFormat, CultureInfo.InvariantCulture) + HeadFile.Extension);

    /// <summary>The hour that a time is in.</summary>
    internal static DateTimeOffset HourOf(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);

    private static partial class Log
    {
        [LoggerMessage(3520, LogLevel.Warning, "Where people were in the pictures of camera {CameraId} cannot be stored ({Reason}); exports hide no faces of this time")]
        public static partial void NotStored(ILogger logger, string cameraId, string reason);
    }
}
