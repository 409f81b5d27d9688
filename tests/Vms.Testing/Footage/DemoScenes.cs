namespace Vms.Testing.Footage;

/// <summary>Footage that is pleasant to look at: real clips when a folder of them is given, else generated scenes.
/// 720p25, 2 Mbit/s, a keyframe every two seconds.</summary>
public static class DemoScenes
{
    private const string Font = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf";
    private const int Seconds = 12;

    private static readonly string[] s_names =
        ["Access road", "Entrance hall", "Courtyard", "Car park", "Loading dock", "Warehouse", "Reception", "Stairwell"];

    private static readonly (string Source, string Filter)[] s_scenes =
    [
        Walkers("0x2b5876", "0x4e4376", 90, 40),
        Walkers("0x134e5e", "0x71b280", 220, 0),
        ("life=s=320x180:r=25:mold=25:ratio=0.12:seed=7:life_color=0xffd166:death_color=0x118ab2:mold_color=0x073b4c",
            "scale=1280:720:flags=neighbor"),
        ("mandelbrot=s=640x360:r=25:start_scale=2.5:end_scale=0.02:end_pts=500:maxiter=600", "scale=1280:720"),
        Walkers("0x42275a", "0x734b6d", 60, 110),
        ("testsrc2=s=1280x720:r=25", "hue=s=0.6"),
        Walkers("0x232526", "0x414345", 150, 75),
        ("gradients=s=1280x720:r=25:c0=0x0f2027:c1=0x2c5364:c2=0x00b4db:n=3:speed=0.02", "null"),
    ];

    /// <summary>The footage of one demo camera.</summary>
    /// <param name="camera">From 1; scenes repeat.</param>
    /// <param name="clips">Folder with .mp4, .avi, .mkv or .mov files, or null.</param>
    public static FootageSpec Of(int camera, string? clips)
    {
        string name = s_names[(camera - 1) % s_names.Length];
        string[] files = clips is null ? [] : [.. Directory.EnumerateFiles(clips)
            .Where(file => Path.GetExtension(file) is ".mp4" or ".avi" or ".mkv" or ".mov")
            .Order(StringComparer.Ordinal)];
        var (source, filter) = s_scenes[(camera - 1) % s_scenes.Length];
        string[] input = files.Length > 0
            ? ["-stream_loop", "-1", "-i", files[(camera - 1) % files.Length]]
            : ["-f", "lavfi", "-i", source];
        string picture = files.Length > 0 ? "scale=1280:720:force_original_aspect_ratio=increase,crop=1280:720,fps=25" : filter;
        return new FootageSpec($"demo-{camera}", input, picture + Caption(name))
        {
            Width = 1280,
            Height = 720,
            BitrateKbps = 2000,
            GopLength = 50,
            Seconds = Seconds,
        };
    }

    // Figures that cross the picture at their own speed, over a slow gradient.
    private static (string Source, string Filter) Walkers(string from, string to, int speed, int top)
    {
        string graph = string.Join(';',
            $"gradients=s=1280x720:r=25:c0={from}:c1={to}:n=2:speed=0.01[floor]",
            "color=c=0xf4f1de:s=46x128:r=25[one]",
            "color=c=0xe07a5f:s=150x74:r=25[two]",
            "color=c=0x81b29a:s=38x110:r=25[three]",
            $"[floor][one]overlay=x='mod(t*{speed},w+W)-w':y='{300 + top}+8*sin(6*t)'[a]",
            $"[a][two]overlay=x='W-mod(t*{speed * 2},w+W)':y={480 - top}[b]",
            $"[b][three]overlay=x='mod(200+t*{speed * 3 / 4},w+W)-w':y='{220 + top}+6*sin(7*t)'");
        return (graph, "null");
    }

    private static string Caption(string name) =>
        !File.Exists(Font) ? "" : $",drawtext=fontfile={Font}:text='{name}':x=32:y=h-64:fontsize=32:fontcolor=white:box=1:boxcolor=black@0.45:boxborderw=10"
            + $",drawtext=fontfile={Font}:text='%{{pts\\:hms}}  %{{n}}':x=w-tw-32:y=h-64:fontsize=32:fontcolor=white:box=1:boxcolor=black@0.45:boxborderw=10";
}
