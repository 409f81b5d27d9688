using System.Buffers;
using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Contracts.Media;
using Vms.Media.Streams;
using Vms.Media.Tests.Egress;
using Vms.Native.Processes;
using Vms.Rpc;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Media.Tests.Conversion;

/// <summary>Streams that no browser here plays, converted to H.264 by a real ffmpeg (docs/design/transcoding.md).</summary>
public sealed class ConversionTests
{
    private const int SigStop = 19;
    private const string Converted = "main-h264";
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(90);
    private static readonly FootageSpec s_footage = FootageSpec.SmallH265;

    /// <summary>Half the pictures a second: conversion keeps up on a machine that is busy besides.</summary>
    private static readonly FootageSpec s_calm = FootageSpec.Pattern("calm", 320, 180, frameRate: 10) with { Codec = CodecKind.H265, GopLength = 10, Seconds = 4 };

    [Fact]
    public async Task A_converted_picture_shows_what_its_source_shows_and_has_its_time()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_calm);
        camera.Write(12);
        using var watching = Stream(host).Demand();
        await ConvertedAsync(host, 1);
        camera.Write(20);
        await ConvertedAsync(host, 18);

        var source = Samples(camera.Stream);
        var converted = Samples(Stream(host));
        Assert.All(converted, picture => Assert.Equal(source.Single(s => s.Header.Pts == picture.Header.Pts).Header.CaptureTimeUs, picture.Header.CaptureTimeUs));
        Assert.True(converted.Select(c => c.Header.Pts).SequenceEqual(converted.Select(c => c.Header.Pts).Order()));
        Assert.True(converted[0].Header.IsKeyframe);

        // The numbers drawn into the pictures are those of the source's pictures with these times.
        using var directory = new TestDirectory();
        await File.WriteAllBytesAsync(directory["source.h265"], AnnexB(camera.Stream, source));
        await File.WriteAllBytesAsync(directory["converted.h264"], AnnexB(Stream(host), converted));
        var drawn = (await FfProbe.FrameNumbersAsync(directory["source.h265"])).Zip(source.Select(s => s.Header.Pts).Order()).ToDictionary(p => p.Second, p => p.First);
        Assert.Equal(
            converted.Select(c => drawn[c.Header.Pts]), await FfProbe.FrameNumbersAsync(directory["converted.h264"]));
    }

    [Fact]
    public async Task Every_transport_shows_it_and_one_child_serves_them_all()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(s_calm);
        Assert.Equal(Converted, await PrepareAsync(host));
        using var watching = Stream(host).Demand();     // a busy machine may take longer to bring the viewers than a prepared child waits
        int child = (await ChildAsync(host)).Id;

        var viewers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => MseProbe.OpenAsync(host.Mse("1", stream: Converted))));
        await Task.WhenAll(viewers.Select(v => v.ReadFragmentsAsync(15)));
        var hls = await HlsViewer.OpenAsync(host, stream: Converted);
        string playlist = await hls.ReloadAsync();
        Assert.NotEmpty(await hls.GetAsync(HlsViewer.Init(playlist)));
        await Eventually.TrueAsync(async () => HlsViewer.Parts(playlist = await hls.ReloadAsync()).Count > 0, s_deadline);
        var rtsp = await FfProbe.InspectAsync(host.Rtsp("1", path: "/" + Converted), "-rtsp_transport", "tcp", "-read_intervals", "%+#10");
        Assert.Equal(("h264", 320, 180), (rtsp.Codec, rtsp.Width, rtsp.Height));

        Assert.Equal(child, Assert.Single(host.Conversions.All).ChildId);
        Assert.Equal(0, host.Conversions.Counters.Ended + host.Conversions.Counters.Stalled + host.Conversions.Counters.Malformed);
        foreach (var viewer in viewers)
            viewer.Dispose();
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task The_sound_goes_along_as_it_came_and_fits_the_pictures()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddRunningCameraAsync(s_calm, sound: CodecKind.Aac);
        await PrepareAsync(host);       // on a busy machine it returns before the first picture
        using var watching = Stream(host).Demand();
        await Eventually.TrueAsync(() => Stream(host).Tracks.Count > 0, s_deadline);
        Assert.Equal([CodecKind.H264, CodecKind.Aac], Stream(host).Tracks.Select(t => t.Codec));
        await Eventually.TrueAsync(() => Samples(Stream(host)) is var all && Sound(all).Count >= 100 && all.Count - Sound(all).Count >= 20, s_deadline);

        var source = Sound(Samples(camera.Stream));
        var converted = Samples(Stream(host));
        var sound = Sound(converted);
        var first = source.FindIndex(s => s.Header.Pts == sound[0].Header.Pts);
        Assert.All(sound.Zip(source.Skip(first)), pair =>
        {
            Assert.Equal(pair.Second.Payload, pair.First.Payload);
            Assert.Equal((pair.Second.Header.Pts, pair.Second.Header.CaptureTimeUs), (pair.First.Header.Pts, pair.First.Header.CaptureTimeUs));
        });
        var pictures = converted.Except(sound).ToList();
        Assert.InRange(sound[0].Header.CaptureTimeUs - pictures[0].Header.CaptureTimeUs, -100_000, 5_000_000);      // since the first picture

        var codecs = await ChildProcess.RunAsync("ffprobe",
            ["-v", "error", "-rtsp_transport", "tcp", "-show_entries", "stream=codec_name", "-of", "csv=p=0", host.Rtsp("1", path: "/" + Converted)]);
        Assert.Equal(["h264", "aac"], codecs.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

        static List<(SampleHeader Header, byte[] Payload)> Sound(List<(SampleHeader Header, byte[] Payload)> samples) =>
            [.. samples.Where(s => s.Header.TrackId != 0)];
    }

    [Fact]
    public async Task MJPEG_is_converted_too()
    {
        await using var host = await EgressHost.StartAsync();
        using var camera = host.AddJpegCamera();
        camera.Write();
        var preparing = PrepareAsync(host);
        using var watching = Stream(host).Demand();
        await Eventually.TrueAsync(
            () =>
            {
                camera.Write();
                return Samples(Stream(host)).Count >= 5;
            }, s_deadline);
        Assert.Equal(Converted, await preparing);
        Assert.Equal((CodecKind.H264, 640, 360), Stream(host).Tracks.Select(t => (t.Codec, t.Width, t.Height)).Single());
        var pictures = Samples(Stream(host));
        Assert.All(pictures.Zip(pictures.Skip(1)), pair => Assert.Equal(9000, pair.Second.Header.Pts - pair.First.Header.Pts));
    }

    [Fact]
    public async Task The_child_ends_and_the_log_goes_some_time_after_the_last_viewer()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddRunningCameraAsync(s_calm);
        Assert.Null(Assert.Single(host.Conversions.All).ChildId);       // nobody watches
        using (Stream(host).Demand())
        {
            await ChildAsync(host);
            Assert.Equal(4 << 20, host.LogMemory.UsedBytes);
        }

        await Eventually.TrueAsync(() => host.Conversions.All.Single() is { ChildId: null, IsActive: false }, s_deadline);
        Assert.Null(Stream(host).TryOpenReader());
        Assert.Equal(0, host.LogMemory.UsedBytes);
        Assert.Equal(0, camera.Stream.DemandCount);

        using (Stream(host).Demand())
            await ConvertedAsync(host, 3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_child_that_dies_or_stands_still_is_replaced_and_its_viewers_stay(bool stopped)
    {
        if (!OperatingSystem.IsLinux())
            return;     // nothing there stops a process from outside
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddRunningCameraAsync(s_calm);
        await PrepareAsync(host);
        using var viewer = await MseProbe.OpenAsync(host.Mse("1", stream: Converted));
        await viewer.ReadFragmentsAsync(3);
        int child = (await ChildAsync(host)).Id;

        if (stopped)
            PosixProcess.Signal(child, SigStop);
        else
            System.Diagnostics.Process.GetProcessById(child).Kill();
        await Eventually.TrueAsync(() => host.Conversions.All.Single().ChildId is { } next && next != child, s_deadline);
        await viewer.ReadFragmentsAsync(15);
        Assert.NotEqual(0, stopped ? host.Conversions.Counters.Stalled : host.Conversions.Counters.Ended);

        var source = Samples(camera.Stream).ToDictionary(s => s.Header.Pts, s => s.Header.CaptureTimeUs);
        var converted = Samples(Stream(host));
        Assert.All(converted.Where(c => source.ContainsKey(c.Header.Pts)), c => Assert.Equal(source[c.Header.Pts], c.Header.CaptureTimeUs));
        Assert.True(converted.Zip(converted.Skip(1)).All(pair => pair.First.Header.Pts < pair.Second.Header.Pts));      // none twice
        using var directory = new TestDirectory();
        await File.WriteAllBytesAsync(directory["converted.h264"], AnnexB(Stream(host), converted));
        var judged = await FfProbe.InspectAsync(directory["converted.h264"]);
        Assert.Equal((converted.Count, ""), (judged.Frames, judged.Warnings));
    }

    [Fact]
    public async Task A_camera_that_comes_back_in_another_format_goes_on_in_the_same_stream()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddRunningCameraAsync(s_calm);
        await PrepareAsync(host);
        using var viewer = await MseProbe.OpenAsync(host.Mse("1", stream: Converted));
        await viewer.ReadFragmentsAsync(3);

        await camera.SwitchAsync(s_calm with { Width = 480, Height = 270 - 2 });
        camera.Reconnect();
        await Eventually.TrueAsync(() => Stream(host).Tracks.Single().Width == 480, s_deadline);
        await viewer.ReadFragmentsAsync(5);
        await Eventually.TrueAsync(() => Samples(Stream(host)).Any(s => s.Header is { IsDiscontinuity: true, Cause: GapCause.CameraOffline or GapCause.ParametersChanged }), s_deadline);
    }

    [Fact]
    public async Task More_than_the_node_may_convert_is_refused_and_comes_when_there_is_room()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(s_calm);
        await host.AddRunningCameraAsync(s_calm, "2");
        using var first = Stream(host).Demand();
        await PrepareAsync(host);
        await AssertRefusedAsync(host, "2", RpcStatus.ResourceExhausted, "transcodeLimit");
        Assert.Equal(1, host.Conversions.Counters.Refused);

        using var waiting = Stream(host, "2").Demand();
        first.Dispose();
        await Eventually.TrueAsync(() => Samples(Stream(host, "2")).Count > 0, s_deadline);
    }

    [Fact]
    public async Task Slots_that_cannot_be_had_are_a_failure_with_its_reason_until_they_can()
    {
        string locks = "";
        await using var host = await EgressHost.StartAsync(options =>
        {
            File.WriteAllText(locks = Path.Combine(options.DataDirectory, "locks"), "no folder");
            return options;
        });
        await host.AddRunningCameraAsync(s_calm);
        using var watching = Stream(host).Demand();
        await Eventually.TrueAsync(() => host.Conversions.All.Single().Failure is not null, TimeSpan.FromSeconds(10));
        await AssertRefusedAsync(host, "1", RpcStatus.Internal, "conversionFailed");
        Assert.Equal(1, Stream(host).DemandCount);      // ours

        File.Delete(locks);
        await ConvertedAsync(host, 1);
        Assert.Null(host.Conversions.All.Single().Failure);
    }

    [Fact]
    public async Task A_node_whose_stream_logs_have_all_the_memory_they_may_converts_when_there_is_some_again()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(s_calm);
        var others = host.LogMemory.Reserve(61 << 20);
        using var watching = Stream(host).Demand();
        using (others)
        {
            await Eventually.TrueAsync(() => host.Conversions.All.Single().Failure is not null, s_deadline);
            Assert.Contains("VMS_MAX_LOG_BYTES", host.Conversions.All.Single().Failure, StringComparison.Ordinal);
            await AssertRefusedAsync(host, "1", RpcStatus.Internal, "conversionFailed");
        }

        await ConvertedAsync(host, 1);
    }

    [Fact]
    public async Task What_needs_no_conversion_or_may_have_none_is_told_so()
    {
        await using var host = await EgressHost.StartAsync();
        (await host.AddCameraAsync(FootageSpec.Small)).Write(5);
        await AssertRefusedAsync(host, "1", RpcStatus.FailedPrecondition, "conversionNotNeeded");
        await AssertRefusedAsync(host, "9", RpcStatus.NotFound, "streamNotFound");
        Assert.Empty(host.Conversions.All);

        await using var off = await EgressHost.StartAsync(options => options with { Transcodes = 0 });
        (await off.AddCameraAsync(s_footage)).Write(5);
        await AssertRefusedAsync(off, "1", RpcStatus.FailedPrecondition, "transcodeOff");
    }

    [Fact]
    public async Task A_camera_that_is_taken_away_takes_its_converted_stream_along()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddRunningCameraAsync(s_calm);
        await PrepareAsync(host);
        using var viewer = await MseProbe.OpenAsync(host.Mse("1", stream: Converted));
        await viewer.ReadFragmentsAsync(1);
        host.Streams.Remove(camera.Stream);
        Assert.Equal("streamEnded", await viewer.ReadUntilClosedAsync());
        Assert.Empty(host.Conversions.All);
        Assert.False(host.Streams.TryGet("1", Converted, out _));
    }

    private static LiveStream Stream(EgressHost host, string camera = "1") =>
        host.Streams.TryGet(camera, Converted, out var stream) ? stream : throw new InvalidOperationException("No converted stream");

    private static async Task<string> PrepareAsync(EgressHost host, string camera = "1")
    {
        using var channel = new RpcChannel(host.RpcUrl);
        var prepared = await channel.UnaryAsync(
            "vms.media.v1.MediaPlane/PrepareConversion", new PrepareConversionRequest { CameraId = camera, Stream = "main" },
            PreparedConversion.Parser, s_deadline, CancellationToken.None);
        return prepared.Stream;
    }

    private static async Task AssertRefusedAsync(EgressHost host, string camera, RpcStatus status, string code)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => PrepareAsync(host, camera));
        Assert.Equal((status, code), (refused.Status, refused.Detail));
    }

    private static async Task<System.Diagnostics.Process> ChildAsync(EgressHost host)
    {
        int? id = null;
        await Eventually.TrueAsync(() => (id = host.Conversions.All.Single().ChildId) is not null, s_deadline);
        return System.Diagnostics.Process.GetProcessById(id!.Value);
    }

    private static Task ConvertedAsync(EgressHost host, int pictures) =>
        Eventually.TrueAsync(() => Samples(Stream(host)).Count >= pictures, s_deadline);

    private static List<(SampleHeader Header, byte[] Payload)> Samples(LiveStream stream)
    {
        var samples = new List<(SampleHeader, byte[])>();
        using var reader = stream.TryOpenReader();
        if (reader?.SeekToOldestKeyframe() != true)
            return samples;
        while (reader.TryRead(out var lease) == ReadOutcome.Sample)
        {
            var sample = (lease.Header, lease.Payload.ToArray());
            if (lease.Commit())
                samples.Add(sample);
        }

        return samples;
    }

    private static byte[] AnnexB(LiveStream stream, List<(SampleHeader Header, byte[] Payload)> samples)
    {
        var file = new ArrayBufferWriter<byte>();
        using var reader = stream.TryOpenReader()!;
        foreach (var (header, payload) in samples)
        {
            Assert.True(reader.TryGetTracks(header.TracksVersion, out var tracks));
            if (header.IsKeyframe)
            {
                var parameters = tracks.Single(t => t.IsVideo);
                var sets = parameters.Codec == CodecKind.H264 && AvcDecoderConfiguration.TryParse(parameters.CodecParameters, out var avc) ? avc.Sps.Concat(avc.Pps)
                    : Vms.Codecs.H265.HevcDecoderConfiguration.TryParse(parameters.CodecParameters, out var hevc) ? hevc.Vps.Concat(hevc.Sps).Concat(hevc.Pps)
                    : [];
                foreach (var set in sets)
                    file.Write((ReadOnlySpan<byte>)[0, 0, 0, 1, .. set.Span]);
            }

            foreach (var nal in new NalUnits(payload))
                file.Write((ReadOnlySpan<byte>)[0, 0, 0, 1, .. nal]);
        }

        return file.WrittenSpan.ToArray();
    }
}
