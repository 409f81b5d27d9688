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

    /// <summary>A filter that draws a white plate with black letters.</summary>
    internal static string Plate(string text, int x, int y, int width, int height) => string.Create(
        CultureInfo.InvariantCulture,
        $"drawbox=x={x}:y={y}:w={width}:h={height}:color=white:t=fill,drawbox=x={x}:y={y}:w={width}:h={height}:color=black:t=1,"
        + $"drawtext=fontfile=/usr/share/fonts/truetype/dejavu/DejaVuSansCondensed-Bold.ttf:text='{text}':x={x}+({width}-text_w)/2:y={y}+({height}-text_h)/2:fontsize={height * 3 / 4}:fontcolor=black");

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
