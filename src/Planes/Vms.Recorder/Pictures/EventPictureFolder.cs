using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Pictures;

/// <summary>Stills of events in one storage pool: <c>events/&lt;yyyy-MM-dd&gt;/&lt;event id&gt;.jpg</c>, days in UTC. One caller at a time.</summary>
internal sealed class EventPictureFolder(PoolRoot home)
{
    private const string Extension = ".jpg";

    /// <summary>Totals of days that were measured, by the time of the last change of their folder.</summary>
    private readonly Dictionary<string, (DateTime Changed, long Bytes)> _days = new(StringComparer.Ordinal);

    private string Root => Path.Combine(home.Path, ArchiveLayout.EventsFolder);

    /// <summary>Where the picture of an event stands. Ids that are no UUID may be anything, and come again at another time: their names are made of both.</summary>
    public string PathOf(string eventId, DateTimeOffset at)
    {
        var name = Guid.TryParseExact(eventId, "D", out var id)
            ? id.ToString("D")
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{eventId}/{at.ToUnixTimeMilliseconds()}"))).AsSpan(0, 16));
        return Path.Combine(Root, at.UtcDateTime.ToString(ArchiveLayout.DayFormat, CultureInfo.InvariantCulture), name + Extension);
    }

    /// <summary>What the pictures take.</summary>
    public long UsedBytes()
    {
        try
        {
            var days = Directory.Exists(Root) ? new DirectoryInfo(Root).GetDirectories() : [];
            foreach (var gone in _days.Keys.Except(days.Select(d => d.Name)).ToList())
            {
                _days.Remove(gone);
            }

            foreach (var day in days)
            {
                var changed = day.LastWriteTimeUtc;
                if (!_days.TryGetValue(day.Name, out var known) || known.Changed != changed)
                {
                    _days[day.Name] = (changed, day.EnumerateFiles().Sum(f => f.Length));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return _days.Values.Sum(d => d.Bytes);      // a disk that does not answer: as it was seen last
        }

        return _days.Values.Sum(d => d.Bytes);
    }

    /// <summary>Removes the folders of all days before that of a time.</summary>
    /// <returns>How many pictures there were.</returns>
    /// <exception cref="IOException">The disk refuses.</exception>
    public int DeleteBefore(DateTimeOffset before)
    {
        if (!Directory.Exists(Root))
        {
            return 0;
        }

        var files = 0;
        var first = before.UtcDateTime.ToString(ArchiveLayout.DayFormat, CultureInfo.InvariantCulture);
        foreach (var day in Directory.GetDirectories(Root))
        {
            if (!DateOnly.TryParseExact(Path.GetFileName(day), ArchiveLayout.DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
                || string.CompareOrdinal(Path.GetFileName(day), first) >= 0)
            {
                continue;
            }

            files += Directory.GetFiles(day).Length;
            Directory.Delete(day, recursive: true);
        }

        return files;
    }
}
