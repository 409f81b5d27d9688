using System.Globalization;
using Vms.Contracts.Recorder;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Exports;

/// <summary>Names of files: camera and time, as any file system takes them. The same export always gets the same names.</summary>
internal sealed class ExportNames
{
    private const int MaxCameraCharacters = 40;
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="format">Their extension.</param>
    public string Next(ExportCamera camera, string stream, DateTimeOffset from, string format)
    {
        string of = stream == PlaybackRequest.DefaultStream ? Plain(camera) : $"{Plain(camera)}_{stream}";
        string start = string.Create(CultureInfo.InvariantCulture, $"{of}_{from.UtcDateTime:yyyy-MM-dd'T'HH-mm-ss'Z'}");
        string name = $"{start}.{format}";
        for (int i = 2; !_taken.Add(name); i++) name = string.Create(CultureInfo.InvariantCulture, $"{start}_{i}.{format}");
        return name;
    }

    private static string Plain(ExportCamera camera)
    {
        string plain = new([.. camera.Name.Take(MaxCameraCharacters).Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);
        plain = string.Join('-', plain.Split('-', StringSplitOptions.RemoveEmptyEntries));
        return plain.Length > 0 ? plain : camera.Id;
    }
}
