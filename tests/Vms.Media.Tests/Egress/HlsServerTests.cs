using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Egress;

/// <summary>Requests that are answered straight from the socket, and how a connection changes to Kestrel.</summary>
[SupportedOSPlatform("linux")]
public sealed class HlsServerTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Both_ways_give_the_same_answers()
    {
        await using var host = await EgressHost.StartAsync();
        var (viewer, playlist) = await WatchAsync(host);
        string segment = HlsViewer.Segments(playlist)[0];
        foreach (string file in new[] { "live.m3u8", HlsViewer.Init(playlist), segment, HlsViewer.Parts(playlist)[^1] })
        {
            var path = new Uri(viewer.Playlist, file).AbsolutePath;
            foreach (string encoding in new[] { "identity", "gzip" })
            {
                var (ownHead, ownBody) = await AskAsync(host, $"GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {encoding}\r\n\r\n");
                var (kestrelHead, kestrelBody) = await AskAsync(host, $"GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {encoding}\r\nConnection: close\r\n\r\n");
                Assert.Equal("http/1.1 200 ok", ownHead[0]);
                Assert.Equal("http/1.1 200 ok", kestrelHead[0]);
                Assert.DoesNotContain("connection: close", ownHead);
                Assert.Contains("connection: close", kestrelHead);
                Assert.Equal(
                    kestrelHead.Except(["connection: close", "server: kestrel"]).Where(h => !h.StartsWith("date:", StringComparison.Ordinal)).Order(),
                    ownHead.Where(h => !h.StartsWith("date:", StringComparison.Ordinal)).Order());
                Assert.Equal(kestrelBody, ownBody);
            }
        }

        Assert.Empty(host.Log.Errors);
    }

    [Theory]
    [InlineData("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404")]
    [InlineData("GET {file}?_HLS_part=1 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("GET {folder}1.0.m4s HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404")]
    [InlineData("GET {folder}other HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404")]
    [InlineData("GET /hls/cam_1/main/t/forged/live.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 401")]
    [InlineData("GET /hls/cam_2/main/t/forged/live.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404")]
    [InlineData("OPTIONS {file} HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 204")]
    [InlineData("DELETE {file} HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405")]
    [InlineData("GET {file} HTTP/1.1\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("GET {file} HTTP/9.9\r\nHost: x\r\n\r\n", "HTTP/1.1 505")]
    [InlineData("\0\x1\x2 nonsense\r\n\r\n", "HTTP/1.1 400")]
    public async Task After_usual_requests_an_unusual_one_is_Kestrel_s_on_the_same_connection(string request, string answer)
    {
        await using var host = await EgressHost.StartAsync();
        var (viewer, _) = await WatchAsync(host);
        string file = viewer.Playlist.AbsolutePath;
        using var client = await ConnectAsync(host);
        for (int i = 0; i < 3; i++)
            Assert.StartsWith("HTTP/1.1 200", (await AskAsync(client, Usual(file))).Head[0], StringComparison.OrdinalIgnoreCase);
        Assert.Equal(1, host.Egress.Hls!.Connections);

        request = request.Replace("{file}", file, StringComparison.Ordinal)
            .Replace("{folder}", file[..(file.LastIndexOf('/') + 1)], StringComparison.Ordinal);
        Assert.StartsWith(answer, (await AskAsync(client, request)).Head[0], StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, host.Egress.Hls.Connections);
    }

    [Fact]
    public async Task A_request_in_pieces_is_answered_too()
    {
        await using var host = await EgressHost.StartAsync();
        var (viewer, _) = await WatchAsync(host);
        using var client = await ConnectAsync(host);
        string request = Usual(viewer.Playlist.AbsolutePath);
        await client.SendAsync(Encoding.ASCII.GetBytes(request[..30]));
        await Eventually.TrueAsync(() => host.Egress.Hls!.Connections == 0, s_patience);       // Kestrel waits for the rest
        Assert.StartsWith("HTTP/1.1 200", (await AskAsync(client, request[30..])).Head[0], StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Requests_sent_ahead_are_answered_in_order()
    {
        await using var host = await EgressHost.StartAsync();
        var (viewer, playlist) = await WatchAsync(host);
        var (number, part) = HlsViewer.Hint(playlist);
        using var client = await ConnectAsync(host);
        string folder = viewer.Playlist.AbsolutePath[..(viewer.Playlist.AbsolutePath.LastIndexOf('/') + 1)];
        await client.SendAsync(Encoding.ASCII.GetBytes(
            Usual($"{folder}{number}.{part}.m4s") + Usual(folder + "live.m3u8") + $"GET {folder}none HTTP/1.1\r\nHost: x\r\n\r\n"));
        host.Camera.Write(6);
        Assert.Contains("content-type: video/mp4", (await ReadAsync(client)).Head);
        Assert.Contains("content-type: application/vnd.apple.mpegurl", (await ReadAsync(client)).Head);
        Assert.StartsWith("http/1.1 404", (await ReadAsync(client)).Head[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_viewer_that_reads_nothing_keeps_nobody_waiting()
    {
        await using var host = await EgressHost.StartAsync();
        var (viewer, playlist) = await WatchAsync(host);
        var path = new Uri(viewer.Playlist, HlsViewer.Segments(playlist)[0]).AbsolutePath;
        using var stuck = await ConnectAsync(host, receiveBuffer: 4096);
        await stuck.SendAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Usual(path), 40))));
        using var other = await ConnectAsync(host);
        for (int i = 0; i < 50; i++)
            Assert.NotEmpty((await AskAsync(other, Usual(path))).Body);
        for (int i = 0; i < 40; i++)
            Assert.NotEmpty((await ReadAsync(stuck)).Body);
    }

    [Fact]
    public async Task Who_waits_is_answered_when_the_camera_is_removed()
    {
        await using var host = await EgressHost.StartAsync();
        var (viewer, playlist) = await WatchAsync(host);
        var (number, part) = HlsViewer.Hint(playlist);
        using var client = await ConnectAsync(host);
        await client.SendAsync(Encoding.ASCII.GetBytes(Usual($"{viewer.Playlist.AbsolutePath}?_HLS_msn={number}&_HLS_part={part}")));
        using var hinted = await ConnectAsync(host);
        await hinted.SendAsync(Encoding.ASCII.GetBytes(Usual(new Uri(viewer.Playlist, $"{number}.{part}.m4s").AbsolutePath)));
        await Eventually.TrueAsync(() => host.Egress.Hls!.Waiting == 2, s_patience);
        Assert.True(host.Streams.Remove(host.Camera.Stream));
        Assert.StartsWith("http/1.1 503", (await ReadAsync(client)).Head[0], StringComparison.Ordinal);
        Assert.StartsWith("http/1.1 404", (await ReadAsync(hinted)).Head[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_leaves_while_waiting_is_forgotten()
    {
        await using var host = await EgressHost.StartAsync();
        var (viewer, playlist) = await WatchAsync(host);
        var (number, part) = HlsViewer.Hint(playlist);
        using (var client = await ConnectAsync(host))
        {
            await client.SendAsync(Encoding.ASCII.GetBytes(Usual($"{viewer.Playlist.AbsolutePath}?_HLS_msn={number}&_HLS_part={part}")));
            await Eventually.TrueAsync(() => host.Egress.Hls!.Waiting == 1, s_patience);
        }

        await Eventually.TrueAsync(() => host.Egress.Hls!.Connections == 0 && host.Egress.Hls.Waiting == 0, s_patience);
    }

    [Fact]
    public async Task Any_bytes_end_with_the_connection_that_sent_them()
    {
        await using var host = await EgressHost.StartAsync();
        var (viewer, _) = await WatchAsync(host);
        var random = new Random(2);
        string usual = Usual(viewer.Playlist.AbsolutePath);
        for (int i = 0; i < 60; i++)
        {
            var bytes = Encoding.ASCII.GetBytes(usual);
            for (int change = random.Next(1, 12); change > 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            using var client = await ConnectAsync(host);
            await client.SendAsync(bytes);
            client.Shutdown(SocketShutdown.Send);
        }

        var (_, body) = await AskAsync(host, usual);
        Assert.StartsWith("#EXTM3U", Encoding.ASCII.GetString(body), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => host.Egress.Hls!.Connections == 0, s_patience);
    }

    /// <returns>A viewer who is known; only its address is of use.</returns>
    private static async Task<(HlsViewer Viewer, string Playlist)> WatchAsync(EgressHost host)
    {
        var camera = await host.AddCameraAsync(FootageSpec.Small);
        camera.Write(25 * 9 + 12);
        using var http = new HttpClient();
        var viewer = await HlsViewer.OpenAsync(host, http: http);
        string playlist = await viewer.ReloadAsync();
        http.Dispose();
        await Eventually.TrueAsync(() => host.Egress.Hls!.Connections == 0, s_patience);
        return (viewer, playlist);
    }

    private static string Usual(string path) => $"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n";

    private static async Task<Socket> ConnectAsync(EgressHost host, int? receiveBuffer = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } bytes)
            socket.ReceiveBufferSize = bytes;
        await socket.ConnectAsync(IPAddress.Loopback, host.Url.Port);
        return socket;
    }

    private static async Task<(IReadOnlyList<string> Head, byte[] Body)> AskAsync(EgressHost host, string request)
    {
        using var client = await ConnectAsync(host);
        return await AskAsync(client, request);
    }

    private static async Task<(IReadOnlyList<string> Head, byte[] Body)> AskAsync(Socket client, string request)
    {
        await client.SendAsync(Encoding.ASCII.GetBytes(request));
        return await ReadAsync(client);
    }

    /// <returns>The answer's head in small letters, line by line.</returns>
    private static async Task<(IReadOnlyList<string> Head, byte[] Body)> ReadAsync(Socket client)
    {
        using var limit = new CancellationTokenSource(s_patience);
        var head = new List<byte>();
        var one = new byte[1];
        while (!head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            Assert.Equal(1, await client.ReceiveAsync(one, limit.Token));
            head.Add(one[0]);
        }

        var lines = Encoding.ASCII.GetString(head.ToArray()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.ToLowerInvariant()).ToList();
        var length = lines.Find(line => line.StartsWith("content-length: ", StringComparison.Ordinal))?["content-length: ".Length..] ?? "0";
        var body = new byte[int.Parse(length, System.Globalization.CultureInfo.InvariantCulture)];
        for (int have = 0; have < body.Length;)
        {
            int read = await client.ReceiveAsync(body.AsMemory(have), limit.Token);
            Assert.NotEqual(0, read);
            have += read;
        }

        return (lines, body);
    }
}
