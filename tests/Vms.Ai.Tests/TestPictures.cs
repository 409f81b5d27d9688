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

    internal static Picture Load(string file, int width, int height, int frame = 0, string filter = "null") =>
        Load(file, width, height, string.Create(CultureInfo.InvariantCulture, $"eq(n\\,{frame})"), 1, filter)[0];

    /// <summary>Several pictures of one file.</summary>
    /// <param name="which">ffmpeg's condition on n, the picture's number.</param>
    internal static IReadOnlyList<Picture> Load(string file, int width, int height, string which, int count, string filter)
    {
        var start = new ProcessStartInfo("ffmpeg")
        {
            RedirectStandardOutput = true,
            ArgumentList =
            {
                "-v", "error", "-i", file, "-vf", string.Create(CultureInfo.InvariantCulture, $"select={which},scale={width}:{height},{filter}"),
                "-fps_mode", "passthrough", "-frames:v", count.ToString(CultureInfo.InvariantCulture), "-f", "rawvideo", "-pix_fmt", "bgr24", "-",
            },
        };
        using var ffmpeg = Process.Start(start)!;
        var pictures = new List<Picture>();
        for (int i = 0; i < count; i++)
        {
            var picture = Picture.Rent(width, height);
            var pixels = new byte[picture.Bgr.Length];
            ffmpeg.StandardOutput.BaseStream.ReadExactly(pixels);
            pixels.CopyTo(picture.Bgr);
            pictures.Add(picture);
        }

        ffmpeg.WaitForExit();
        return pictures;
    }
}
