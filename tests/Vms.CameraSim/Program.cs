using System.Runtime.InteropServices;
using Vms.CameraSim;
using Vms.Codecs;
using Vms.Testing.FakeCamera;
using Vms.Testing.Footage;

if (!SimOptions.TryParse(args, out var options, out string? error))
{
    Console.Error.WriteLine(error);
    return 2;
}

var footage = new Dictionary<int, VideoFootage>();
var first = await FootageOfAsync(1);
if (options.Footage == "demo")
{
    for (int camera = 1; camera <= options.Cameras; camera++)
        footage[camera] = await FootageOfAsync(camera);
}

await using var server = FakeCameraServer.Start(new FakeCameraOptions
{
    Footage = first,
    FootageOf = footage,
    Cameras = options.Cameras,
    Port = options.Port,
    UdpPort = options.UdpPort,
    User = options.User ?? "",
    Password = options.Password ?? "",
    Authentication = options.User is null ? RtspAuthentication.None : RtspAuthentication.DigestSha256 | RtspAuthentication.DigestMd5,
    WirePaced = options.WirePaced,
    SideTracks =
    [
        .. options.Audio == CodecKind.None ? Array.Empty<SideTrack>() : [SideTrack.Of(await AudioFootage.LoadAsync(options.Audio))],
        .. options.Motion is { } motion ? new[] { SideTrack.MotionAlarm(motion.Every, motion.Lasts) } : [],
    ],
});
foreach (var camera in server.Cameras)
    Console.WriteLine($"camera {camera.Number} frame 0 at {camera.DueNs(0)} ns every {camera.FrameNs} ns loop {camera.LoopFrames}");
foreach (var camera in server.Cameras)
    Console.WriteLine($"listening {server.UrlOf(camera.Number)}");

using var stop = new CancellationTokenSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
if (options.StdinLifeline)
    _ = WaitForEndOfInputAsync();

try
{
    await SimStats.RunAsync(server, options.StatsFile, stop.Token);
}
catch (OperationCanceledException)
{
    // Asked to stop.
}

return 0;

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

async Task WaitForEndOfInputAsync()
{
    await Console.OpenStandardInput().CopyToAsync(Stream.Null);
    await stop.CancelAsync();
}

async Task<VideoFootage> FootageOfAsync(int camera)
{
    var spec = options.Footage switch
    {
        "1080p" => FootageSpec.FullHd,
        "1080p60s" => FootageSpec.FullHdMinute,
        "360p" => FootageSpec.Small,
        _ => DemoScenes.Of(camera, options.Clips),
    };
    return await VideoFootage.LoadAsync(spec with { ShowFrameCounter = options.ShowFrameCounter, Codec = options.Codec });
}
