using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Vms.Containers.Mp4;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Media.Tests.Egress;

/// <summary>The MSE WebSocket (docs/design/live.md) against a client that speaks go2rtc's words.</summary>
public sealed class MseViewingTests
{
    private static readonly FootageSpec s_footage = FootageSpec.Small;

    [Fact]
    public async Task A_viewer_gets_the_codecs_then_an_init_segment_then_fragments_from_the_keyframe_on()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(30);
        using var socket = await OpenAsync(host.Mse("1"));

        var mime = JsonDocument.Parse((await ReadAsync(socket)).Text!).RootElement;
        Assert.Equal("mse", mime.GetProperty("type").GetString());
        Assert.Matches("^video/mp4; codecs=\"avc1\\.[0-9A-F]{6}\"$", mime.GetProperty("value").GetString());
        var file = new MemoryStream();
        var init = (await ReadAsync(socket)).Bytes;
        Assert.Equal("ftyp", BoxType(init, 0));
        file.Write(init);
        for (int i = 0; i < 5; i++)
            file.Write(Fragment(await ReadAsync(socket)));
        camera.Write(45);
        for (int i = 0; i < 45; i++)
            file.Write(Fragment(await ReadAsync(socket)));

        // An independent reader finds 50 frames and nothing to complain about.
        using var directory = new TestDirectory();
        File.WriteAllBytes(directory["live.mp4"], file.ToArray());
        var report = await ChildProcess.RunAsync("ffprobe",
            ["-v", "warning", "-count_frames", "-select_streams", "v", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", directory["live.mp4"]]);
        Assert.Equal("50", report.Trim());
    }

    [Fact]
    public async Task All_viewers_of_a_stream_share_its_fragments_and_give_them_back()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(30);
        var sockets = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => OpenAsync(host.Mse("1"))));
        foreach (var socket in sockets)
        {
            for (int i = 0; i < 7; i++)
                await ReadAsync(socket);
        }

        var stream = host.Egress.Mse.Streams.Single();
        Assert.Equal(5, stream.Viewers.Count);
        Assert.Equal(7, stream.OutstandingMessages);       // description, init and five fragments, not five times
        foreach (var socket in sockets)
            socket.Dispose();
        await Eventually.TrueAsync(() => host.Egress.Mse.Streams.Count == 0 && stream.OutstandingMessages == 0 && camera.Stream.DemandCount == 0);
    }

    [Fact]
    public async Task A_group_of_pictures_too_long_for_newcomers_goes_on_for_those_who_watch()
    {
        await using var host = await EgressHost.StartAsync();
        var footage = await VideoFootage.LoadAsync(s_footage);
        using var camera = host.AddRawCamera(footage.Track);
        var keyframe = footage.ToSamples()[0];
        byte[] large = [0, 0x0F, 0xFF, 0xFC, 0x41, .. new byte[0x0FFFFB]];       // a megabyte that nobody decodes
        camera.Write(keyframe, isKeyframe: true);
        using var watching = await OpenAsync(host.Mse("1"));
        for (int i = 0; i < 3; i++)
            await ReadAsync(watching);      // description, init, keyframe
        for (int i = 0; i < 40; i++)        // more than is kept for newcomers
        {
            camera.Write(large, isKeyframe: false);
            Assert.Equal(CmafPartBuilder.HeaderBytes + large.Length, Fragment(await ReadAsync(watching)).Length);
        }

        // Who comes now begins with the next keyframe.
        using var late = await OpenAsync(host.Mse("1"));
        await ReadAsync(late);
        await ReadAsync(late);
        camera.Write(large, isKeyframe: false);
        camera.Write(keyframe, isKeyframe: true);
        Assert.Equal(CmafPartBuilder.HeaderBytes + keyframe.Length, Fragment(await ReadAsync(late)).Length);
    }

    [Fact]
    public async Task New_parameters_bring_a_new_init_segment()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(25);
        using var socket = await OpenAsync(host.Mse("1"));
        for (int i = 0; i < 27; i++)
            await ReadAsync(socket);

        await camera.SwitchAsync(FootageSpec.Pattern("wide", 320, 180) with { Seconds = 2, Profile = "baseline" });
        camera.Write(2);
        var mime = await ReadAsync(socket);
        Assert.Contains("avc1.42", mime.Text!, StringComparison.Ordinal);
        Assert.Equal("ftyp", BoxType((await ReadAsync(socket)).Bytes, 0));
        Fragment(await ReadAsync(socket));
    }

    [Fact]
    public async Task H265_goes_to_viewers_that_play_it_and_the_others_are_told()
    {
        await using var host = await EgressHost.StartAsync();
        (await host.AddCameraAsync(FootageSpec.SmallH265)).Write(5);
        using var able = await OpenAsync(host.Mse("1"), """{"type":"mse","value":"avc1.640028,hvc1.1.6.L120.90"}""");
        Assert.Contains("hvc1.1.", (await ReadAsync(able)).Text!, StringComparison.Ordinal);
        Assert.True((await ReadAsync(able)).Bytes.AsSpan().IndexOf("hvcC"u8) > 0);
        Fragment(await ReadAsync(able));

        using var unable = await OpenAsync(host.Mse("1"), """{"type":"mse","value":"avc1.640028"}""");
        Assert.Contains("unsupportedCodec", (await ReadAsync(unable)).Text!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"mse","value":"hvc1.1.6.L153.B0"}""", "unsupportedCodec")]
    [InlineData("""{"type":"webrtc"}""", "helloExpected")]
    [InlineData("hello", "helloExpected")]
    public async Task Another_greeting_is_refused_with_its_reason(string hello, string reason)
    {
        await using var host = await EgressHost.StartAsync();
        (await host.AddCameraAsync(s_footage)).Write(1);
        using var socket = await OpenAsync(host.Mse("1"), hello);
        Assert.Contains(reason, (await ReadAsync(socket)).Text!, StringComparison.Ordinal);
        Assert.Equal(reason, (await ReadAsync(socket)).CloseReason);
    }

    [Fact]
    public async Task A_removed_stream_closes_its_viewers()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(1);
        using var socket = await OpenAsync(host.Mse("1"));
        for (int i = 0; i < 3; i++)
            await ReadAsync(socket);
        host.Streams.Remove(camera.Stream);
        Assert.Equal("streamEnded", (await ReadAsync(socket)).CloseReason);
    }

    [Fact]
    public async Task Nothing_works_without_a_ticket_or_a_stream()
    {
        await using var host = await EgressHost.StartAsync();
        (await host.AddCameraAsync(s_footage)).Write(1);
        await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(host.Mse("1", "x.y")));
        await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(host.Mse("2")));
        using var plain = await host.Http.GetAsync(new UriBuilder(host.Mse("1")) { Scheme = "http" }.Uri);
        Assert.Equal(426, (int)plain.StatusCode);
    }

    private static async Task<ClientWebSocket> OpenAsync(Uri url, string hello = """{"type":"mse","value":"avc1.640029,mp4a.40.2"}""")
    {
        var socket = new ClientWebSocket();
        try
        {
            await socket.ConnectAsync(url, CancellationToken.None);
            await socket.SendAsync(Encoding.UTF8.GetBytes(hello), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<(string? Text, byte[] Bytes, string? CloseReason)> ReadAsync(ClientWebSocket socket)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), deadline.Token);
            if (received.MessageType == WebSocketMessageType.Close)
                return (null, [], socket.CloseStatusDescription);
            message.Write(buffer, 0, received.Count);
            if (!received.EndOfMessage)
                continue;
            bool text = received.MessageType == WebSocketMessageType.Text;
            return (text ? Encoding.UTF8.GetString(message.ToArray()) : null, message.ToArray(), null);
        }
    }

    private static byte[] Fragment((string? Text, byte[] Bytes, string? CloseReason) message)
    {
        Assert.Equal("prft", BoxType(message.Bytes, 0));
        return message.Bytes;
    }

    private static string BoxType(byte[] bytes, int at) => Encoding.ASCII.GetString(bytes, at + 4, 4);
}
