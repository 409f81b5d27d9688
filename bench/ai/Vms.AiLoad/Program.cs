using System.Globalization;
using Vms.AiLoad;
using Vms.Testing;
using Vms.Testing.Footage;

// Cameras per core that vms-ai analyses at five pictures a second, for quiet and busy scenes, and what the time goes into.
//   ai-load [--seconds N] [--scene quiet|busy] [--height 360|1080] [--cameras N]
var options = Options.Parse(args);
string footage = Path.Combine(TestPaths.Artifacts, "opencv-examples", "vtest.avi");
if (!File.Exists(footage))
    throw new FileNotFoundException("the footage is missing; ./dev setup unpacks it", footage);

Console.WriteLine("scene        cameras  CPU % each  cameras/core  pictures/s  detections/s  decode %  motion %  convert %  track %  detector %  rate");
foreach (int height in options.Heights)
{
    var costs = new Dictionary<string, double>();
    foreach (string scene in options.Scenes)
    {
        var spec = SpecOf(scene, height);
        // As many as two cores take at the full rate: a busy picture of 1080p is looked at in up to three regions.
        int cameras = options.Cameras ?? (height, scene) switch { (360, "quiet") => 10, (360, _) => 3, (_, "quiet") => 4, _ => 1 };
        var measured = await AiRun.MeasureAsync(await VideoFootage.LoadAsync(spec), cameras, TimeSpan.FromSeconds(options.Seconds));
        double each = measured.CpuShare / cameras;
        costs[scene] = each;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{scene,-6}{height + "p",5}{cameras,9}{each * 100,12:0.00}{1 / each,14:0.0}{measured.Pictures / cameras,12:0.00}{measured.Detections / cameras,14:0.00}"
            + $"{measured.ShareOf("decode"),10:0}{measured.ShareOf("motion"),10:0}{measured.ShareOf("convert"),11:0}{measured.ShareOf("track"),9:0}{measured.DetectorShare,12:0}{measured.RatePart,6:0.##}"));
    }

    if (costs.TryGetValue("quiet", out double quiet) && costs.TryGetValue("busy", out double busy))
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{height}p: a quiet camera costs 1/{busy / quiet:0.0} of a busy one"));
}

FootageSpec SpecOf(string scene, int height) => new(
    $"ai-{scene}-{height}", ["-stream_loop", "4", "-i", footage],
    scene == "quiet" ? "select=eq(n\\,0),loop=-1:1,setpts=N/25/TB,noise=alls=3:allf=t" : "fps=25")
{
    Width = height * 16 / 9,
    Height = height,
    FrameRate = 25,
    Seconds = 40,
    GopLength = 50,
    BitrateKbps = height == 360 ? 600 : 4000,
    ShowFrameCounter = false,
};
