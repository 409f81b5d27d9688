using Vms.Codecs;
using Vms.Hosting.Transcoding;
using Vms.Media.Conversion;
using Vms.Media.Streams;
using Vms.Media.Tests.Egress;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Conversion;

public sealed class ConversionRunTests
{
    private static readonly FootageSpec s_footage = FootageSpec.Pattern("calm", 320, 180, frameRate: 10) with { Codec = CodecKind.H265, GopLength = 10, Seconds = 4 };

    [Fact]
    public async Task A_child_that_refuses_its_work_leaves_its_exit_code()
    {
        var arguments = TranscodeEncoder.Software.Convert("matroska", 0).Select(a => a == TranscodeEncoder.Software.Name ? "h264_none" : a);
        var (end, exitCode) = await RunAsync(arguments, patience: TimeSpan.FromSeconds(60));      // a busy machine needs a while to start it
        Assert.Equal(ConversionEnd.ChildEnded, end);
        Assert.NotNull(exitCode);
        Assert.NotEqual(0, exitCode);
    }

    [Fact]
    public async Task A_child_that_is_ended_for_standing_still_leaves_none()
    {
        var (end, exitCode) = await RunAsync(["-v", "error", "-nostdin", "-re", "-f", "lavfi", "-i", "color", "-t", "60", "-f", "null", "-"], patience: TimeSpan.FromSeconds(1));
        Assert.Equal((ConversionEnd.Stalled, null), (end, exitCode));
    }

    private static async Task<(ConversionEnd End, int? ExitCode)> RunAsync(IEnumerable<string> arguments, TimeSpan patience)
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(15);
        using var directory = new TestDirectory();
        var logs = new StreamLogDirectory(directory.Create("rings"));
        var time = TimeProvider.System;
        var live = new LiveStream("1", "main-h264", logs, time);
        using var log = new ConvertedLog(StreamLogWriter.Open(logs, live.LogName, ConvertedLog.Options, time), live, host.LogMemory.Reserve(0));
        var work = new PicturesInWork(time);
        var counters = new ConversionCounters();
        var options = new ConversionOptions { FirstPatience = patience };
        using var feed = ConversionFeed.TryOpen(camera.Stream, null, work, counters, time, options.MaxLag)!;
        using var child = TranscoderProcess.Start(TranscodeEncoder.Software, arguments);
        var run = new ConversionRun(feed, child, work, log, camera.Stream, live, counters, options, time);
        return (await run.RunAsync(CancellationToken.None), run.ExitCode);
    }
}
