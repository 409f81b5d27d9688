using System.Globalization;
using System.Runtime.Versioning;
using System.Text.Json;
using Vms.LiveLoad;

[assembly: SupportedOSPlatform("linux")]

// live-load WAY VIEWERS URL: joins, says {"playing":N}, then answers `begin` and `end`, lines on standard
// input, with what the viewers have seen since `begin`; ends with the input.
if (args.Length != 3 || !int.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count) || !Uri.TryCreate(args[2], UriKind.Absolute, out var url))
{
    Console.Error.WriteLine("live-load webrtc|mse|llhls|rtsp VIEWERS URL");
    return 2;
}

using var http = new HttpClient();
var join = args[0] switch
{
    "webrtc" => () => WebRtcViewer.JoinAsync(http, url),
    "mse" => () => Task.FromResult<Viewer>(new MseViewer(url)),
    "rtsp" => () => Task.FromResult<Viewer>(new RtspViewer(url)),
    "llhls" => async () => new HlsViewer(await HlsViewer.EnterAsync(http, url)),
    _ => (Func<Task<Viewer>>?)null,
};
if (join is null)
{
    Console.Error.WriteLine($"live-load knows no way '{args[0]}'");
    return 2;
}

using var load = new LoadThread();
for (int i = 0; i < count; i++)
    load.Add(await join());
load.Start();
if (!load.WaitUntilAllPlay(TimeSpan.FromSeconds(60)))
{
    Console.Error.WriteLine($"not all play: {load.Failure ?? "no picture after 60 s"}");
    return 1;
}

Console.WriteLine($$"""{"playing":{{count}}}""");
while (Console.ReadLine() is { } line)
{
    if (line == "begin")
        load.Begin();
    if (line is "begin" or "end")
        Console.WriteLine(JsonSerializer.Serialize(load.Report(), JsonSerializerOptions.Web));
}

return 0;
