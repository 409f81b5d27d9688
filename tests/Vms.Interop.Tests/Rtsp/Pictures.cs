using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Interop.Tests.Rtsp;

/// <summary>The pictures a player has seen, by the number burnt into each.</summary>
internal static class Pictures
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(1);

    /// <summary>Decodes a file or URL with ffmpeg, which must have nothing to complain about.</summary>
    /// <param name="count">Ends after so many; null at the end of the input.</param>
    public static async Task<IReadOnlyList<int?>> DecodeAsync(string input, int? count, params string[] options)
    {
        int width = FootageSpec.Small.Width;
        using var folder = new TestDirectory();
        string rows = folder["rows.gray"];
        string[] limit = count is { } number ? ["-frames:v", $"{number}"] : [];
        string complaints = await ChildProcess.RunAsync(
            "ffmpeg",
            [
                "-hide_banner", "-nostdin", "-v", "error", .. options, "-i", input, .. limit, "-an", "-fps_mode", "passthrough",
                "-vf", $"format=gray,crop={width}:1:0:{FrameCounter.RowOf(width)}:exact=1", "-f", "rawvideo", rows,
            ],
            s_deadline);
        Assert.Equal("", complaints.Trim());
        return [.. (await File.ReadAllBytesAsync(rows)).Chunk(width).Select(row => FrameCounter.ReadRow(row))];
    }

    /// <summary>Each picture once and in order.</summary>
    public static void AssertConsecutive(IReadOnlyList<int?> numbers, int footageFrames, int least)
    {
        Assert.True(numbers.Count >= least, $"{numbers.Count} pictures");
        Assert.DoesNotContain(null, numbers);
        Assert.All(numbers.Zip(numbers.Skip(1)), pair => Assert.Equal((pair.First + 1) % footageFrames, pair.Second));
    }
}
