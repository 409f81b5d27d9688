using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Vms.Testing.Footage;
using Vms.Testing.Viewers;

namespace Vms.Media.Tests.Egress;

/// <summary>The numbers of docs/design/live.md: <c>dotnet …/Vms.Media.Tests.dll -explicit only -class Vms.Media.Tests.Egress.LiveMeasurements -showLiveOutput</c>
/// on a machine that does nothing else.</summary>
public sealed class LiveMeasurements(ITestOutputHelper output)
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(20);

    [Fact(Explicit = true)]
    public async Task First_picture_and_latency_in_Chromium()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddRunningCameraAsync(FootageSpec.FullHd);
        using var peer = await WebRtcPeer.JoinAsync(host, "1");
        await using var browser = await ChromiumPage.OpenAsync(
            new Uri(host.Url, $"/pages/whep.html?seconds=3&times=20&delete=1&whep={Uri.EscapeDataString(host.Whep("1").AbsoluteUri)}"));
        var results = new List<JsonElement>();
        for (int i = 0; i < 20; i++)
            results.Add(await host.ResultAsync(TimeSpan.FromSeconds(60)));
        await camera.PauseAsync();
        await Pass(TimeSpan.FromSeconds(1));
        var offset = peer.TimestampOffset(camera);

        Print("answer ms", results.Select(r => r.GetProperty("answered").GetDouble()));
        Print("connected ms", results.Select(r => r.GetProperty("connected").GetDouble()));
        Print("first picture ms", results.Select(r => r.GetProperty("firstFrame").GetDouble()));
        Print("packets lost", results.Select(r => r.GetProperty("lost").GetDouble()));
        Print("frames dropped", results.Select(r => r.GetProperty("dropped").GetDouble()));
        Print("jitter buffer ms", results.Select(r => r.GetProperty("jitterBufferMs").GetDouble()));
        Print("appended to shown ms, 1 s after the start", results.SelectMany(r => Latencies(r, camera, offset).Skip(25)));
    }

    [Theory(Explicit = true)]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(50)]
    public async Task Cost_and_latency_of_WebRTC_viewers(int viewers)
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddRunningCameraAsync(FootageSpec.FullHd);
        var peers = await Task.WhenAll(Enumerable.Range(0, viewers).Select(_ => WebRtcPeer.JoinAsync(host, "1")));
        await Task.WhenAll(peers.Select(p => p.Playing));
        await Pass(TimeSpan.FromSeconds(5));

        var before = CpuByThread();
        var packets = host.Egress.WebRtc!.Counters.Packets;
        foreach (var peer in peers)
            peer.Arrivals.Clear();
        await Pass(s_window);
        var after = CpuByThread();
        double seconds = new[] { "vms egress", "vms webrtc" }.Sum(name => Sum(after, name) - Sum(before, name));
        double viewerMinutes = viewers * s_window.TotalMinutes;
        await camera.PauseAsync();
        await Pass(TimeSpan.FromSeconds(1));
        output.WriteLine($"{viewers} viewers: {seconds / viewerMinutes:F4} CPU-s per viewer-minute " +
            $"({(host.Egress.WebRtc.Counters.Packets - packets) / s_window.TotalSeconds / viewers:F0} packets/s each)");
        Print("appended to whole frame received ms", peers.SelectMany(p => p.Delays(camera)));
        Print("sequence holes", peers.Select(p => (double)p.Holes));
        foreach (var peer in peers)
            peer.Dispose();
    }

    [Theory(Explicit = true)]
    [InlineData(1)]
    [InlineData(50)]
    public async Task Cost_of_MSE_viewers(int viewers)
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(FootageSpec.FullHd);
        var threads = Enumerable.Range(0, viewers).Select(i => new Thread(() => Drain(host.Mse("1"))) { IsBackground = true, Name = "test mse" }).ToList();
        threads.ForEach(t => t.Start());
        await Testing.Eventually.TrueAsync(() => host.Egress.Mse.Streams.Sum(s => s.Viewers.Count) == viewers);
        await Pass(TimeSpan.FromSeconds(5));

        var before = CpuByThread();
        var processBefore = Environment.CpuUsage.TotalTime;
        await Pass(s_window);
        var after = CpuByThread();
        // Kestrel has no threads of its own: everything that is not a viewer counts, the feed included.
        double seconds = (Environment.CpuUsage.TotalTime - processBefore).TotalSeconds - (Sum(after, "test mse") - Sum(before, "test mse"));
        output.WriteLine($"{viewers} viewers: {seconds / (viewers * s_window.TotalMinutes):F4} CPU-s per viewer-minute, " +
            $"dropped {host.Egress.Mse.Streams.Single().Viewers.Sum(v => v.FragmentsDropped)}");
    }

    [Theory(Explicit = true)]
    [InlineData(1)]
    [InlineData(50)]
    public async Task Cost_of_RTSP_viewers(int viewers)
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(FootageSpec.FullHd);
        var threads = Enumerable.Range(0, viewers).Select(_ => new Thread(() => DrainRtsp(host.Rtsp("1"))) { IsBackground = true, Name = "test rtsp" }).ToList();
        threads.ForEach(t => t.Start());
        await Testing.Eventually.TrueAsync(() => host.Egress.Rtsp!.Streams.All.Sum(s => s.Viewers.Count) == viewers);
        await Pass(TimeSpan.FromSeconds(5));

        var before = CpuByThread();
        var processBefore = Environment.CpuUsage.TotalTime;
        long sent = host.Egress.Rtsp!.Streams.All.Single().Viewers.Sum(v => v.SamplesSent);
        await Pass(s_window);
        var after = CpuByThread();
        double seconds = (Environment.CpuUsage.TotalTime - processBefore).TotalSeconds - (Sum(after, "test rtsp") - Sum(before, "test rtsp"));
        double viewerMinutes = viewers * s_window.TotalMinutes;
        var all = host.Egress.Rtsp.Streams.All.Single().Viewers;
        output.WriteLine($"{viewers} viewers: {seconds / viewerMinutes:F4} CPU-s per viewer-minute, egress threads "
            + $"{(Sum(after, "vms egress") - Sum(before, "vms egress")) / viewerMinutes:F4}; {(all.Sum(v => v.SamplesSent) - sent) / s_window.TotalSeconds / viewers:F1} fps each, "
            + $"skipped {all.Sum(v => v.SamplesSkipped)}");
    }

    [Theory(Explicit = true)]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(50)]
    public async Task Cost_and_latency_of_HLS_viewers(int viewers)
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddRunningCameraAsync(FootageSpec.FullHd);
        var playlist = (await HlsViewer.OpenAsync(host)).Playlist;
        var delays = new ConcurrentQueue<double>();
        var bytes = new long[1];
        var threads = Enumerable.Range(0, viewers).Select(i => new Thread(() => Follow(playlist, delays, bytes)) { IsBackground = true, Name = "test hls" }).ToList();
        threads.ForEach(t => t.Start());
        await Pass(TimeSpan.FromSeconds(8));

        delays.Clear();
        var before = CpuByThread();
        var processBefore = Environment.CpuUsage.TotalTime;
        long bytesBefore = Interlocked.Read(ref bytes[0]);
        await Pass(s_window);
        var after = CpuByThread();
        double seconds = (Environment.CpuUsage.TotalTime - processBefore).TotalSeconds - (Sum(after, "test hls") - Sum(before, "test hls"));
        var measured = delays.ToList();
        output.WriteLine($"{viewers} viewers: {seconds / (viewers * s_window.TotalMinutes):F4} CPU-s per viewer-minute, " +
            $"{(Interlocked.Read(ref bytes[0]) - bytesBefore) * 8 / s_window.TotalSeconds / viewers / 1e6:F2} Mbit/s each");
        output.WriteLine(string.Join(", ", after.GroupBy(t => t.Key.Name).Select(g => (g.Key, Cpu: g.Sum(t => t.Value) - Sum(before, g.Key)))
            .OrderByDescending(g => g.Cpu).Take(5).Select(g => $"{g.Key} {g.Cpu:F2}")));
        Print("capture of a part's first sample to its last byte received ms", measured);
    }

    private void Print(string name, IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        double At(double part) => sorted[(int)Math.Min(sorted.Count - 1, part * sorted.Count)];
        output.WriteLine($"{name}: p50 {At(0.5):F1}, p95 {At(0.95):F1}, p99 {At(0.99):F1}, max {sorted[^1]:F1} (n={sorted.Count})");
    }

    private static async Task Pass(TimeSpan time)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync();
    }

    private static IEnumerable<double> Latencies(JsonElement result, CameraFeed camera, uint offset)
    {
        foreach (var frame in result.GetProperty("frames").EnumerateArray())
        {
            uint pts = frame.GetProperty("rtp").GetUInt32() - offset;
            if (camera.WrittenAt.TryGetValue(pts, out var at))
                yield return frame.GetProperty("at").GetDouble() - at.ToUnixTimeMilliseconds() - at.Microsecond / 1000.0;
        }
    }

    /// <summary>A viewer that reads and throws away, on a thread of its own.</summary>
    private static void Drain(Uri url)
    {
        using var client = new TcpClient();
        client.Connect(IPAddress.Loopback, url.Port);
        using var stream = client.GetStream();
        stream.Write(Encoding.ASCII.GetBytes(
            $"GET {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        var hello = Encoding.ASCII.GetBytes("""{"type":"mse","value":""}""");
        stream.Write([0x81, (byte)(0x80 | hello.Length), 0, 0, 0, 0, .. hello]);     // masked with zeros
        var buffer = new byte[256 * 1024];
        while (stream.Read(buffer) > 0)
        {
        }
    }

    /// <summary>As <see cref="Drain"/>.</summary>
    private static void DrainRtsp(string url)
    {
        using var client = new TcpClient();
        client.Connect(IPAddress.Loopback, new Uri(url).Port);
        using var stream = client.GetStream();
        string track = url.Replace("?", "/trackID=0?", StringComparison.Ordinal);
        stream.Write(Encoding.ASCII.GetBytes(
            $"SETUP {track} RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\nPLAY {url} RTSP/1.0\r\nCSeq: 2\r\n\r\n"));
        var buffer = new byte[256 * 1024];
        while (stream.Read(buffer) > 0)
        {
        }
    }

    /// <summary>A Low-Latency HLS player without a picture, on a thread of its own: blocking reload, then the part. Ends with the server.</summary>
    private static void Follow(Uri playlist, ConcurrentQueue<double> delays, long[] bytes)
    {
        using var client = new TcpClient { NoDelay = true };
        client.Connect(IPAddress.Loopback, playlist.Port);
        using var stream = client.GetStream();
        var buffer = new byte[1 << 20];
        string folder = playlist.AbsolutePath[..^"live.m3u8".Length];
        string query = "";
        while (TryGet("live.m3u8" + query, out int at, out int length))
        {
            string text = Encoding.ASCII.GetString(buffer, at, length);
            string last = HlsViewer.Parts(text)[^1];
            if (!TryGet(last, out _, out length))
                return;
            Interlocked.Add(ref bytes[0], length);
            // The part's own time: that of its segment and the parts before it.
            int time = text.LastIndexOf("#EXT-X-PROGRAM-DATE-TIME:", StringComparison.Ordinal) + 25;
            var started = DateTimeOffset.Parse(text.AsSpan(time, 24), CultureInfo.InvariantCulture);
            int index = int.Parse(last.Split('.')[1], CultureInfo.InvariantCulture);
            delays.Enqueue((TimeProvider.System.GetUtcNow() - started).TotalMilliseconds - index * 200);
            var (number, part) = HlsViewer.Hint(text);
            query = $"?_HLS_msn={number}&_HLS_part={part}";
        }

        bool TryGet(string file, out int at, out int length)
        {
            (at, length) = (0, 0);
            stream.Write(Encoding.ASCII.GetBytes($"GET {folder}{file} HTTP/1.1\r\nHost: x\r\n\r\n"));
            int have = 0, read;
            while ((at = buffer.AsSpan(0, have).IndexOf("\r\n\r\n"u8) + 4) < 4)
            {
                if ((read = stream.Read(buffer.AsSpan(have))) == 0)
                    return false;
                have += read;
            }

            length = int.Parse(Encoding.ASCII.GetString(buffer, 0, at).Split("Content-Length: ")[1].Split('\r')[0], CultureInfo.InvariantCulture);
            while (have < at + length)
            {
                if ((read = stream.Read(buffer.AsSpan(have))) == 0)
                    return false;
                have += read;
            }

            return true;
        }
    }

    /// <summary>CPU-seconds per thread of this process, by name and id.</summary>
    private static Dictionary<(string Name, string Id), double> CpuByThread()
    {
        var seconds = new Dictionary<(string, string), double>();
        foreach (var task in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                var stat = File.ReadAllText(Path.Combine(task, "stat"));
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                double ticks = double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture);
                seconds[(File.ReadAllText(Path.Combine(task, "comm")).Trim(), Path.GetFileName(task))] = ticks / 100;
            }
            catch (IOException)
            {
                continue;       // the thread has just ended
            }
        }

        return seconds;
    }

    private static double Sum(Dictionary<(string Name, string Id), double> threads, string name) =>
        threads.Where(t => t.Key.Name.StartsWith(name, StringComparison.Ordinal)).Sum(t => t.Value);
}
