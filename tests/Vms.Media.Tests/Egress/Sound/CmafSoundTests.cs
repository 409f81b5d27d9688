using System.Buffers.Binary;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using Vms.Codecs;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Media.Tests.Egress.Sound;

/// <summary>Sound in the fragments that MSE, HLS and DASH share, as an MSE viewer gets them.</summary>
public sealed class CmafSoundTests
{
    private const string AllCodecs = "avc1.640029,mp4a.40.2,opus,flac";
    private const int Start = 38;       // the viewer begins with the keyframe of the second GOP, at one second
    private static readonly FootageSpec s_footage = FootageSpec.Small;

    [Theory]
    [InlineData(CodecKind.Aac, "mp4a.40.2")]
    [InlineData(CodecKind.Opus, "opus")]
    [InlineData(CodecKind.PcmA, "flac")]
    [InlineData(CodecKind.PcmU, "flac")]
    [InlineData(CodecKind.G726, "flac")]
    public async Task A_viewer_that_can_play_the_sound_gets_it_in_time_with_the_picture(CodecKind codec, string name)
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage, sound: codec);
        camera.Write(Start);
        using var viewer = await Viewer.OpenAsync(host, AllCodecs);
        camera.Write(112);
        await viewer.ReadPicturesAsync(112);
        Assert.Matches($"^video/mp4; codecs=\"avc1\\.[0-9A-F]{{6}},{name}\"$", viewer.Mime);

        using var folder = new TestDirectory();
        await viewer.SaveAsync(folder["live.mp4"]);
        var tone = await Tone.DecodeAsync(folder["live.mp4"]);
        double picture = await StartOfPictureAsync(folder["live.mp4"]);
        // AAC comes a frame late out of its encoder.
        foreach (double after in new[] { 0.5, 1.5, 2.5, 3.5 })
            Assert.InRange(tone.FrequencyAt(picture + after), Tone.ExpectedAt(1 + after) - 30, Tone.ExpectedAt(1 + after) + 20);
    }

    [Fact]
    public async Task A_viewer_that_does_not_name_the_sound_gets_the_picture_alone()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage, sound: CodecKind.Opus);
        camera.Write(Start);
        using var viewer = await Viewer.OpenAsync(host, "avc1.640029,mp4a.40.2");
        using var other = await Viewer.OpenAsync(host, AllCodecs);
        camera.Write(20);
        await viewer.ReadPicturesAsync(20);
        await other.ReadPicturesAsync(20);
        Assert.DoesNotContain(",", viewer.Mime, StringComparison.Ordinal);
        Assert.Contains(",opus", other.Mime, StringComparison.Ordinal);
        using var folder = new TestDirectory();
        await viewer.SaveAsync(folder["live.mp4"]);
        Assert.Equal("video", await StreamsAsync(folder["live.mp4"]));
        await other.SaveAsync(folder["other.mp4"]);
        Assert.Equal("video audio", await StreamsAsync(folder["other.mp4"]));
    }

    [Theory]
    [InlineData(CodecKind.Aac)]
    [InlineData(CodecKind.Opus)]
    [InlineData(CodecKind.PcmU)]
    public async Task Sound_that_is_announced_and_does_not_come_is_silence_that_keeps_step(CodecKind codec)
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage, sound: codec);
        camera.IsMute = true;
        camera.Write(Start);
        using var viewer = await Viewer.OpenAsync(host, AllCodecs);
        camera.Write(75);
        await viewer.ReadPicturesAsync(75);
        using var folder = new TestDirectory();
        await viewer.SaveAsync(folder["live.mp4"]);
        var tone = await Tone.DecodeAsync(folder["live.mp4"]);
        double picture = await StartOfPictureAsync(folder["live.mp4"]);
        Assert.InRange(tone.EndSeconds - picture, (Start - 25 + 75) / 25.0 - 0.2, (Start - 25 + 75) / 25.0 + 0.1);
        for (double at = picture + 0.2; at < picture + 3; at += 0.1)
            Assert.InRange(tone.LoudnessAt(at), 0, 20);
    }

    [Fact]
    public async Task Sound_that_stops_and_comes_back_is_where_it_belongs()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage, sound: CodecKind.PcmA);
        camera.Write(Start);
        using var viewer = await Viewer.OpenAsync(host, AllCodecs);
        camera.Write(37);               // up to 3 s
        camera.IsMute = true;
        camera.Write(75);               // up to 6 s
        camera.IsMute = false;
        camera.Write(75);
        await viewer.ReadPicturesAsync(37 + 75 + 75);
        using var folder = new TestDirectory();
        await viewer.SaveAsync(folder["live.mp4"]);
        var tone = await Tone.DecodeAsync(folder["live.mp4"]);
        double footage = await StartOfPictureAsync(folder["live.mp4"]) - 1;     // the footage's own zero
        foreach (double at in new[] { 1.5, 2.5, 6.5, 7.5, 8.5 })
            Assert.InRange(tone.FrequencyAt(footage + at), Tone.ExpectedAt(at) - 20, Tone.ExpectedAt(at) + 20);
        foreach (double at in new[] { 3.2, 4.5, 5.7 })
            Assert.Equal(0, tone.LoudnessAt(footage + at));
    }

    [Fact]
    public async Task A_camera_that_reconnects_brings_its_sound_again()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage, sound: CodecKind.Aac);
        camera.Write(Start);
        using var viewer = await Viewer.OpenAsync(host, AllCodecs);
        await camera.SwitchAsync(FootageSpec.Pattern("wide", 320, 180) with { Seconds = 2, Profile = "baseline" });
        camera.Write(30);
        await viewer.ReadPicturesAsync(30);
        Assert.Matches("avc1\\.42....,mp4a\\.40\\.2", viewer.Mime);
        using var folder = new TestDirectory();
        await viewer.SaveAsync(folder["live.mp4"]);     // from the last init segment on
        Assert.Equal("video audio", await StreamsAsync(folder["live.mp4"]));
        var tone = await Tone.DecodeAsync(folder["live.mp4"]);
        Assert.InRange(tone.EndSeconds - tone.StartSeconds, 1.0, 1.4);
    }

    [Fact]
    public async Task Playlists_and_manifests_name_the_sound_and_DASH_has_it_apart()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage, sound: CodecKind.PcmU);
        camera.Write(25 * 9 + 12);
        Assert.Matches("CODECS=\"avc1\\.[0-9A-F]{6},fLaC\"", await host.Http.GetStringAsync(host.Hls("1")));
        var viewer = await HlsViewer.OpenAsync(host);
        string playlist = await viewer.ReloadAsync();
        await LivePlayers.ValidateAsync(playlist);
        string segment = HlsViewer.Segments(playlist)[1];
        string init = HlsViewer.Init(playlist);
        using var folder = new TestDirectory();
        foreach (var (prefix, streams) in new[] { ("", "video audio"), ("video-", "video"), ("sound-", "audio") })
        {
            File.WriteAllBytes(folder["segment.mp4"], [.. await viewer.GetAsync(prefix + init), .. await viewer.GetAsync(prefix + segment)]);
            Assert.Equal(streams, await StreamsAsync(folder["segment.mp4"]));
        }

        byte[] whole = await viewer.GetAsync(segment);
        byte[] video = await viewer.GetAsync("video-" + segment);
        byte[] sound = await viewer.GetAsync("sound-" + segment);
        Assert.Equal(whole.Length, video.Length + sound.Length);
        string manifest = await host.Http.GetStringAsync(host.Dash("1"));
        Assert.Contains("codecs=\"flac\"", manifest, StringComparison.Ordinal);
        Assert.Contains("media=\"sound-$Number$.m4s\"", manifest, StringComparison.Ordinal);
        Assert.Contains("media=\"video-$Number$.m4s\"", manifest, StringComparison.Ordinal);
    }

    private static async Task<double> StartOfPictureAsync(string file) => double.Parse(
        (await ChildProcess.RunAsync("ffprobe", ["-v", "error", "-select_streams", "v", "-show_entries", "stream=start_time", "-of", "csv=p=0", file])).Trim(),
        CultureInfo.InvariantCulture);

    private static async Task<string> StreamsAsync(string file) => string.Join(' ', (await ChildProcess.RunAsync(
        "ffprobe", ["-v", "warning", "-count_frames", "-show_entries", "stream=codec_type", "-of", "csv=p=0", file])).Split('\n', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Keeps what comes since the last init segment.</summary>
    private sealed class Viewer(ClientWebSocket socket) : IDisposable
    {
        private readonly MemoryStream _file = new();
        private readonly byte[] _buffer = new byte[64 * 1024];
        private long? _soundEnd;

        public string Mime { get; private set; } = "";

        public static async Task<Viewer> OpenAsync(EgressHost host, string codecs)
        {
            var socket = new ClientWebSocket();
            await socket.ConnectAsync(host.Mse("1"), CancellationToken.None);
            await socket.SendAsync(
                Encoding.UTF8.GetBytes($$"""{"type":"mse","value":"{{codecs}}"}"""), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            var viewer = new Viewer(socket);
            await viewer.ReadPicturesAsync(Start - 25);     // attached: what is written from now on comes too
            return viewer;
        }

        public async Task ReadPicturesAsync(int count)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (count > 0)
            {
                var message = new MemoryStream();
                ValueWebSocketReceiveResult received;
                do
                {
                    received = await socket.ReceiveAsync(_buffer.AsMemory(), deadline.Token);
                    message.Write(_buffer, 0, received.Count);
                }
                while (!received.EndOfMessage);

                Assert.NotEqual(WebSocketMessageType.Close, received.MessageType);
                var bytes = message.ToArray();
                if (received.MessageType == WebSocketMessageType.Text)
                {
                    Mime = System.Text.Json.JsonDocument.Parse(bytes).RootElement.GetProperty("value").GetString()!;
                    continue;
                }

                bool isInit = bytes.AsSpan(4, 4).SequenceEqual("ftyp"u8);
                if (isInit)
                {
                    _file.SetLength(0);
                    _soundEnd = null;
                }

                _file.Write(bytes);
                // tfhd: the track's number stands 12 bytes behind the name.
                int tfhd = bytes.AsSpan().IndexOf("tfhd"u8);
                if (!isInit && bytes[tfhd + 11] == 1)
                    count--;
                else if (!isInit)
                    CheckSound(bytes);
            }
        }

        /// <summary>Every fragment of sound begins where the one before ended.</summary>
        private void CheckSound(ReadOnlySpan<byte> fragment)
        {
            long start = BinaryPrimitives.ReadInt64BigEndian(fragment[(fragment.IndexOf("tfdt"u8) + 8)..]);
            Assert.Equal(_soundEnd ?? start, start);
            var trun = fragment[fragment.IndexOf("trun"u8)..];
            int samples = BinaryPrimitives.ReadInt32BigEndian(trun[8..]);
            for (int i = 0; i < samples; i++)
                start += BinaryPrimitives.ReadInt32BigEndian(trun[(16 + 8 * i)..]);
            _soundEnd = start;
        }

        public Task SaveAsync(string path) => File.WriteAllBytesAsync(path, _file.ToArray());

        public void Dispose() => socket.Dispose();
    }
}
