using System.Diagnostics;
using System.Globalization;
using Vms.Ai.Detectors;
using Vms.Testing;

namespace Vms.Ai.Tests;

/// <summary>Pictures of files, decoded by ffmpeg.</summary>
internal static class TestPictures
{
    /// <summary>Debian's opencv-doc, unpacked by ./dev setup.</summary>
    internal static string Examples { get; } = Path.Combine(TestPaths.Artifacts, "opencv-examples");

    /// <summary>People in a car park, 768x576, 10 pictures a second (PETS 2009, by way of OpenCV's examples).</summary>
    internal static string Footage { get; } = Path.Combine(Examples, "vtest.avi");

    internal static Picture Load(string file, int width, int height, int frame = 0, string filter = "null")
    {
        var start = new ProcessStartInfo("ffmpeg")
        {
            RedirectStandardOutput = true,
            ArgumentList =
            {
                "-v", "error", "-i", file, "-vf", string.Create(CultureInfo.InvariantCulture, $"select=eq(n\\,{frame}),scale={width}:{height},{filter}"),
                "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "bgr24", "-",
            },
        };
        using var ffmpeg = Process.Start(start)!;
        var picture = Picture.Rent(width, height);
        using (var target = new MemoryStream())
        {
            ffmpeg.StandardOutput.BaseStream.CopyTo(target);
            ffmpeg.WaitForExit();
            Assert.Equal(picture.Bgr.Length, target.Length);
            target.GetBuffer().AsSpan(0, (int)target.Length).CopyTo(picture.Bgr.Span);
        }

        return picture;
    }
}
