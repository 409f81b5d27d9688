using Vms.Control.Devices.Nvr;

namespace Vms.Control.Devices.Dahua;

/// <summary>A file that a device has recorded.</summary>
internal readonly record struct DahuaFile(DateTimeOffset Start, DateTimeOffset End);

/// <summary>Reads what mediaFileFind answers. Sans-IO.</summary>
internal static class DahuaFiles
{
    /// <summary>Of one answer: more is not what was asked for.</summary>
    public const int PageSize = 100;

    /// <summary>Files of one answer to findNextFile, and how many the device says there are in it; null when it does not say.</summary>
    public static (IReadOnlyList<DahuaFile> Files, int? Found) Page(byte[] answer, DeviceZone zone)
    {
        int? found = null;
        var times = new (DateTimeOffset? Start, DateTimeOffset? End)[PageSize];
        var lines = new KeyValueText(answer);
        while (lines.Next())
        {
            var key = lines.Key;
            if (key.Take("found") && key.IsEnd)
            {
                found = lines.Number is >= 0 and int number ? Math.Min(number, PageSize) : null;
                continue;
            }

            if (!key.Take("items", PageSize, out int index))
                continue;
            if (key.Take("StartTime"))
                times[index].Start = DahuaTime.Read(lines.Text, zone);
            else if (key.Take("EndTime"))
                times[index].End = DahuaTime.Read(lines.Text, zone);
        }

        return ([.. times.Where(t => t.Start is not null && t.End > t.Start).Select(t => new DahuaFile(t.Start!.Value, t.End!.Value))], found);
    }
}
