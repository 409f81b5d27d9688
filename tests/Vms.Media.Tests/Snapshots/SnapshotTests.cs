using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using Vms.Codecs;
using Vms.Hosting.Decoding;
using Vms.Media.Snapshots;
using Vms.Media.Streams;
using Vms.Media.Tests.Egress;
using Vms.Native.Ffmpeg;
using Vms.Native.Processes;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Media.Tests.Snapshots;

/// <summary>Stills of live cameras, and that no picture can take more than the decoder's child process with it.</summary>
public sealed class SnapshotTests
{
    private const int SigStop = 19;
    private static readonly FootageSpec s_footage = FootageSpec.Small;
    private static readonly DateTimeOffset s_start = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_newest_keyframe_is_shown_at_the_width_asked_for()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(s_footage.GopLength + 3);
        using var response = await host.Http.GetAsync(host.Snapshot("1", 320));
        Assert.Equal((HttpStatusCode.OK, "image/jpeg"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.False(response.Headers.Contains("X-Vms-Placeholder"));
        var at = DateTimeOffset.Parse(Assert.Single(response.Headers.GetValues("X-Vms-Captured-At")), CultureInfo.InvariantCulture);
        Assert.InRange(TimeProvider.System.GetUtcNow() - at, TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(30));
        Assert.Equal((320, 180), SizeOf(await response.Content.ReadAsByteArrayAsync()));

        var whole = await host.Http.GetByteArrayAsync(host.Snapshot("1", 4000));
        Assert.Equal((640, 360), SizeOf(whole));        // never enlarged
        using var directory = new TestDirectory();
        await File.WriteAllBytesAsync(directory["snapshot.jpg"], whole);
        Assert.Equal([s_footage.GopLength], await FfProbe.FrameNumbersAsync(directory["snapshot.jpg"]));
        Assert.Empty(host.Log.Errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_still_of_a_moment_is_decoded_forward_from_the_keyframe_before_it(bool h265)
    {
        var footage = h265 ? FootageSpec.SmallH265 : s_footage;
        await using var host = await EgressHost.StartAsync();
        (await host.AddCameraAsync(footage)).Write((2 * footage.GopLength) + 9);
        var live = (await host.Streams.FindAsync("1", "main", default))!;
        var wanted = footage.GopLength + 5;
        var times = TimesOf(live);
        var store = new SnapshotStore(host.Decoding, TimeProvider.System);
        var still = await store.TakeAtAsync(live, times[wanted].AddMilliseconds(1), 640, null, default);
        Assert.Equal((null, times[wanted]), (still.Missing, still.CapturedAt));
        using var directory = new TestDirectory();
        await File.WriteAllBytesAsync(directory["snapshot.jpg"], still.Jpeg.ToArray());
        Assert.Equal([wanted], await FfProbe.FrameNumbersAsync(directory["snapshot.jpg"]));

        Assert.Equal(SnapshotStore.TooOld, (await store.TakeAtAsync(live, times[0].AddSeconds(-1), 640, null, default)).Missing);
        Assert.Equal(SnapshotStore.NoVideo, (await store.TakeAtAsync(live, times[^1].AddMinutes(1), 640, null, default)).Missing);
    }

    [Theory]
    [InlineData(25, 25)]
    [InlineData(26.4, 26)]
    [InlineData(27.5, 27)]
    [InlineData(28.4, 28)]
    [InlineData(49.5, 49)]
    public async Task Where_pictures_are_reordered_a_still_is_the_last_that_was_shown_by_then(double moment, int shown)
    {
        var footage = await VideoFootage.LoadAsync(FootageSpec.Small with { Name = "small-pyramid", BFrames = 3 });
        var (samples, order) = (footage.ToSamples(), await FfProbe.DisplayOrderAsync(footage.Path));
        await using var host = await EgressHost.StartAsync();
        using var camera = host.AddRawCamera(footage.Track);
        for (int i = 0; i < 75; i++)
            camera.Write(samples[i], footage.Frames[i].IsKeyframe, order[i] * 3600, s_start.AddMilliseconds(order[i] * 40));
        var still = await new SnapshotStore(host.Decoding, TimeProvider.System).TakeAtAsync(camera.Stream, s_start.AddMilliseconds(moment * 40), 640, null, default);
        Assert.Equal((null, s_start.AddMilliseconds(shown * 40)), (still.Missing, still.CapturedAt));
        using var directory = new TestDirectory();
        await File.WriteAllBytesAsync(directory["snapshot.jpg"], still.Jpeg.ToArray());
        Assert.Equal([shown], await FfProbe.FrameNumbersAsync(directory["snapshot.jpg"]));
    }

    [Fact]
    public async Task A_stream_that_is_not_connected_is_pulled_for_the_first_picture_after_the_moment()
    {
        var footage = await VideoFootage.LoadAsync(s_footage);
        await using var host = await EgressHost.StartAsync();
        using var camera = host.AddRawCamera(footage.Track);
        var store = new SnapshotStore(host.Decoding, TimeProvider.System);
        var moment = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        Assert.Equal(SnapshotStore.NoVideo, (await store.TakeAtAsync(camera.Stream, moment, 640, null, default)).Missing);
        Assert.Equal(0, camera.Stream.DemandCount);

        var taking = store.TakeAtAsync(camera.Stream, moment, 640, moment.AddSeconds(30), default);
        await Eventually.TrueAsync(() => camera.Stream.DemandCount == 1);
        Connect(0, 1);
        var late = await taking;
        Assert.Equal((null, moment.AddSeconds(1)), (late.Missing, late.CapturedAt));
        Assert.Equal(0, camera.Stream.DemandCount);
        using var directory = new TestDirectory();
        await File.WriteAllBytesAsync(directory["snapshot.jpg"], late.Jpeg.ToArray());
        Assert.Equal([0], await FfProbe.FrameNumbersAsync(directory["snapshot.jpg"]));

        // The first behind the moment, and not what is newest now; but not when that is too late.
        Connect(s_footage.GopLength, 2);
        Assert.Equal(moment.AddSeconds(1), (await store.TakeAtAsync(camera.Stream, moment, 640, moment.AddSeconds(30), default)).CapturedAt);
        Assert.Equal(SnapshotStore.TooOld, (await store.TakeAtAsync(camera.Stream, moment.AddMinutes(-1), 640, moment.AddSeconds(-59), default)).Missing);

        void Connect(int frame, int seconds) => camera.Write(footage.ToSamples()[frame], isKeyframe: true, seconds * 90_000, moment.AddSeconds(seconds));
    }

    private static List<DateTimeOffset> TimesOf(LiveStream stream)
    {
        var times = new List<DateTimeOffset>();
        using var reader = stream.TryOpenReader()!;
        reader.SeekToOldestKeyframe();
        while (reader.TryRead(out var lease) == ReadOutcome.Sample)
        {
            times.Add(DateTimeOffset.UnixEpoch.AddMicroseconds(lease.Header.CaptureTimeUs));
            lease.Commit();
        }

        return times;
    }

    [Fact]
    public async Task An_H265_camera_has_stills_too()
    {
        await using var host = await EgressHost.StartAsync();
        (await host.AddCameraAsync(FootageSpec.SmallH265)).Write(FootageSpec.SmallH265.GopLength + 3);
        using var directory = new TestDirectory();
        await File.WriteAllBytesAsync(directory["snapshot.jpg"], await host.Http.GetByteArrayAsync(host.Snapshot("1")));
        Assert.Equal([FootageSpec.SmallH265.GopLength], await FfProbe.FrameNumbersAsync(directory["snapshot.jpg"]));
    }

    [Fact]
    public async Task A_keyframe_that_cannot_be_decoded_and_what_follows_it_are_passed_over()
    {
        using var directory = new TestDirectory();
        var logs = new StreamLogDirectory(directory.Path);
        var stream = new LiveStream("1", "main", logs, TimeProvider.System);
        using var writer = StreamLogWriter.Open(logs, stream.LogName, new StreamLogOptions(), TimeProvider.System);
        writer.SetTracks([new TrackInfo(0, CodecKind.H264, 90_000, default, 640, 360)]);        // no parameter sets
        for (int i = 0; i < 3; i++)
        {
            var flags = i == 0 ? SampleFlags.Keyframe : SampleFlags.None;
            writer.Append(new SampleHeader(0, flags, GapCause.None, writer.TracksVersion, 3600 * i, 40_000 * i), new byte[100]);
        }

        var reading = Task.Run(() => LoggedKeyframe.Newest(stream));
        Assert.Null(await reading.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Those_who_ask_within_a_second_share_one_picture()
    {
        await using var host = await EgressHost.StartAsync();
        (await host.AddCameraAsync(s_footage)).Write(1);
        var pictures = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.Http.GetByteArrayAsync(host.Snapshot("1"))));
        Assert.All(pictures, picture => Assert.Equal(pictures[0], picture));
    }

    [Fact]
    public async Task A_camera_without_a_picture_gets_a_placeholder_that_says_so()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddCameraAsync(s_footage);
        using var response = await host.Http.GetAsync(host.Snapshot("1"));
        Assert.Equal("noVideo", Assert.Single(response.Headers.GetValues("X-Vms-Placeholder")));
        Assert.Equal(Placeholder.Jpeg.ToArray(), await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/api/cameras/1/snapshot.jpg", HttpStatusCode.Unauthorized)]
    [InlineData("/api/cameras/1/snapshot.jpg?width=9&ticket=T", HttpStatusCode.BadRequest)]
    [InlineData("/api/cameras/1/snapshot.jpg?stream=none&ticket=T", HttpStatusCode.NotFound)]
    public async Task What_cannot_be_answered_says_why(string path, HttpStatusCode expected)
    {
        await using var host = await EgressHost.StartAsync();
        using var response = await host.Http.GetAsync(
            new Uri(host.Url, path.Replace("=T", "=" + host.Ticket("1", Vms.Hosting.TicketKind.Snapshot), StringComparison.Ordinal)));
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task A_decoder_that_dies_costs_one_snapshot_and_no_viewer_a_frame()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddRunningCameraAsync(s_footage);
        using var viewer = await WebRtcPeer.JoinAsync(host, "1", new PeerOptions());
        await viewer.Playing;
        var keyframe = LoggedKeyframe.Newest(camera.Stream)!;
        await host.Decoding.ToJpegAsync(keyframe.Codec, keyframe.Bytes, 640, 80, default);
        int first = host.Decoding.ChildId!.Value;

        System.Diagnostics.Process.GetProcessById(first).Kill();
        await Assert.ThrowsAsync<PictureException>(() => host.Decoding.ToJpegAsync(keyframe.Codec, keyframe.Bytes, 640, 80, default));
        Assert.Equal(640, (await host.Decoding.ToJpegAsync(keyframe.Codec, keyframe.Bytes, 640, 80, default)).Width);
        Assert.NotEqual(first, host.Decoding.ChildId);
        Assert.Equal(0, viewer.Holes);
    }

    [Fact]
    public async Task Hostile_pictures_cost_the_decoder_at_most()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(1);
        var keyframe = LoggedKeyframe.Newest(camera.Stream)!;
        var random = new Random(20_261_121);
        int decoded = 0, refused = 0;
        for (int i = 0; i < 150; i++)
        {
            var hostile = keyframe.Bytes.ToArray();
            for (int flips = random.Next(1, 40); flips > 0; flips--)
                hostile[random.Next(hostile.Length)] = (byte)random.Next(256);
            try
            {
                await host.Decoding.ToJpegAsync((PictureCodec)random.Next(1, 4), hostile.AsMemory(0, random.Next(hostile.Length)), 640, 80, default);
                decoded++;
            }
            catch (PictureException)
            {
                refused++;
            }
        }

        Assert.Equal(150, decoded + refused);
        Assert.NotEqual(0, refused);
        Assert.Equal(640, (await host.Decoding.ToJpegAsync(keyframe.Codec, keyframe.Bytes, 640, 80, default)).Width);
    }

    [Fact]
    public async Task A_decoder_that_stands_still_is_replaced()
    {
        if (!OperatingSystem.IsLinux())
            return;     // nothing there stops a process from outside
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(1);
        var keyframe = LoggedKeyframe.Newest(camera.Stream)!;
        await host.Decoding.ToJpegAsync(keyframe.Codec, keyframe.Bytes, 640, 80, default);
        PosixProcess.Signal(host.Decoding.ChildId!.Value, SigStop);
        var stuck = await Assert.ThrowsAsync<PictureException>(() => host.Decoding.ToJpegAsync(keyframe.Codec, keyframe.Bytes, 640, 80, default));
        Assert.Contains("did not answer", stuck.Message, StringComparison.Ordinal);
        Assert.Equal(640, (await host.Decoding.ToJpegAsync(keyframe.Codec, keyframe.Bytes, 640, 80, default)).Width);
    }

    /// <summary>Of the first frame header (ITU-T T.81 §B.2.2).</summary>
    private static (int Width, int Height) SizeOf(ReadOnlySpan<byte> jpeg)
    {
        for (int at = 2; at + 9 < jpeg.Length; at += 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 2)..]))
        {
            Assert.Equal(0xFF, jpeg[at]);
            if (jpeg[at + 1] is >= 0xC0 and <= 0xC3)
                return (BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 5)..]));
        }

        throw new InvalidDataException("No frame header");
    }
}
