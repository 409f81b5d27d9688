using System.Globalization;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Recorder.Tests.Exports;

/// <summary>The pictures of a file as ffmpeg decodes them, in brightness.</summary>
internal sealed class Pictures
{
    private readonly byte[] _gray;

    private Pictures(byte[] gray, int width, int height) => (_gray, Width, Height) = (gray, width, height);

    public int Width { get; }

    public int Height { get; }

    public int Count => _gray.Length / (Width * Height);

    /// <param name="filters">Over the decoded pictures, in ffmpeg's syntax.</param>
    public static async Task<Pictures> ReadAsync(string file, int width, int height, string filters = "null")
    {
        string raw = Path.GetTempFileName();
        try
        {
            await ChildProcess.RunAsync(
                "ffmpeg",
                ["-v", "error", "-y", "-i", file, "-map", "0:v:0", "-fps_mode", "passthrough", "-vf", filters + ",format=yuv420p,extractplanes=y", "-f", "rawvideo", raw],
                TimeSpan.FromMinutes(3));
            return new Pictures(await File.ReadAllBytesAsync(raw), width, height);
        }
        finally
        {
            File.Delete(raw);
        }
    }

    /// <summary>When each is shown, in seconds of the file.</summary>
    public static async Task<double[]> TimesAsync(string file)
    {
        string said = await ChildProcess.RunAsync("ffprobe", ["-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts_time", "-of", "csv=p=0", file], TimeSpan.FromMinutes(3));
        return [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(t => double.Parse(t.TrimEnd(','), CultureInfo.InvariantCulture))];
    }

    /// <summary>The number that is drawn in each.</summary>
    public IReadOnlyList<int?> Numbers() => [.. Enumerable.Range(0, Count).Select(i => FrameCounter.Read(_gray.AsSpan(i * Width * Height, Width * Height), Width))];

    /// <summary>The brightest pixel of an area.</summary>
    public int Brightest(int picture, int x, int y, int width, int height) => Area(picture, x, y, width, height).Max();

    public int Darkest(int picture, int x, int y, int width, int height) => Area(picture, x, y, width, height).Min();

    /// <summary>How much an area differs from that of another file's picture: mean of the differences.</summary>
    public double Difference(int picture, Pictures other, int otherPicture, int x, int y, int width, int height) =>
        Area(picture, x, y, width, height).Zip(other.Area(otherPicture, x, y, width, height), (a, b) => Math.Abs(a - b)).Average();

    private IEnumerable<int> Area(int picture, int x, int y, int width, int height) =>
        from row in Enumerable.Range(y, height) from column in Enumerable.Range(x, width) select (int)_gray[(((picture * Height) + row) * Width) + column];
}
