using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Limits;

/// <summary>What the running product shows to the network: the documented ports (docs/guide/install.md), and no file that a path could be bent to.</summary>
public sealed class ExposureTests
{
    /// <summary>Column st of /proc/net: LISTEN for TCP, and for UDP a socket without a peer.</summary>
    private const string Listening = "0A", Unconnected = "07";

    /// <summary>Ways to write "one folder up", by the decoders that fell for them.</summary>
    private static readonly string[] s_ups = ["../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "..\\", "%252e%252e%252f", "....//", "..;/", "%c0%ae%c0%ae/", "..%c0%af", "..%00/", "./../"];

    private static readonly string[] s_targets = ["etc/passwd", "etc%2fpasswd", "keys/node.key", "keys/tls.pem", "keys/tls.pem%00.m4s", "state/recordings"];

    [Fact]
    public async Task Only_the_documented_ports_are_open_and_no_path_leads_out_of_what_is_served()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        int sensors = FreePort.Tcp();
        await using var product = await ProductRun.StartAsync(directory, ("VMS_BIND", "0.0.0.0"), ("VMS_NATS_PORT", sensors.ToString(CultureInfo.InvariantCulture)));
        await Eventually.TrueAsync(() => SocketsOf(product) is var inodes && Rows("tcp").Concat(Rows("tcp6")).Any(row => row.Port == sensors && inodes.Contains(row.Inode)));
        AssertOnlyDocumentedPorts(product, sensors);

        string id = await product.Api.AddCameraAsync("Entrance", cameras.UrlOf(1));
        await product.Api.AwaitRecordingAsync(id);
        await Soak.RunForAsync(TimeSpan.FromSeconds(6));
        await AssertNoPathLeadsOutAsync(product, id);
        AssertOnlyDocumentedPorts(product, sensors);      // nor does one that records and serves open more
    }

    private static void AssertOnlyDocumentedPorts(ProductRun product, int sensorPort)
    {
        var inodes = SocketsOf(product);
        var open = new SortedSet<string>(new[] { "tcp", "tcp6", "udp", "udp6" }
            .SelectMany(table => Rows(table).Where(row => inodes.Contains(row.Inode) && !IPAddress.IsLoopback(row.Address)).Select(row => $"{table[..3]} {row.Port}")));

        int rtspDatagrams = product.RtspPort & ~1;
        Assert.Equal(
            [.. new SortedSet<string>
            {
                $"tcp {product.HttpPort}", $"tcp {product.HttpsPort}", $"tcp {product.MediaPort}", $"tcp {product.PlaybackPort}", $"tcp {product.RtspPort}", $"tcp {product.WebRtcPort}", $"tcp {sensorPort}",
                $"udp {product.WebRtcPort}", $"udp {rtspDatagrams}", $"udp {rtspDatagrams + 1}",
            }],
            open.ToList());
    }

    private static async Task AssertNoPathLeadsOutAsync(ProductRun product, string id)
    {
        using var http = new HttpClient { BaseAddress = new Uri(product.Url) };
        using var login = await http.PostAsJsonAsync("/api/auth/login", new { username = "admin", password = ProductRun.AdminPassword });
        string token = (await login.Content.ReadFromJsonAsync<JsonNode>())!["accessToken"]!.GetValue<string>();
        string live = (await product.Api.PostAsync($"/api/cameras/{id}/live", new { }))["ticket"]!.GetValue<string>();
        string playback = (await product.Api.PostAsync("/api/tickets", new { kind = "playback" }))["ticket"]!.GetValue<string>();
        string export = (await product.Api.PostAsync("/api/tickets", new { kind = "export" }))["ticket"]!.GetValue<string>();
        var now = DateTimeOffset.UtcNow;
        string made = (await product.Api.PostAsync("/api/exports", new { cameras = new[] { id }, from = now.AddSeconds(-30), to = now, format = "mp4" }))["id"]!.GetValue<string>();
        await Eventually.TrueAsync(async () => (await product.Api.GetAsync("/api/exports/" + made))["state"]!.GetValue<string>() == "done");

        string[] secrets = [await File.ReadAllTextAsync(Path.Combine(product.DataDirectory, "keys", "tls.pem")), "root:x:0:0"];
        (int Port, string Bearer, string Base)[] bases =
        [
            .. new[]
                {
                    "/", "/assets/", $"/hls/cam_{id}/main/", $"/hls/cam_{id}/main/t/{live}/", $"/dash/cam_{id}/main/t/{live}/",
                    $"/api/cameras/{id}/playback/", $"/api/cameras/{id}/playback/main/", $"/api/exports/{made}/files/", "/api/exports/", "/api/cameras/",
                }
                .Select(b => (product.HttpPort, token, b)),
            .. new[] { "/", $"/hls/cam_{id}/main/t/{live}/", $"/dash/cam_{id}/main/t/{live}/", "/hls/cam_", "/webrtc/cam_" }.Select(b => (product.MediaPort, live, b)),
            .. new[] { "/", $"/api/cameras/{id}/playback/", $"/api/cameras/{id}/playback/main/", "/api/cameras/" }.Select(b => (product.PlaybackPort, playback, b)),
            .. new[] { $"/api/exports/{made}/files/", "/api/exports/" }.Select(b => (product.PlaybackPort, export, b)),
        ];
        int asked = 0;
        foreach (var (port, bearer, start) in bases)
        {
            foreach (string up in s_ups)
            {
                foreach (string target in s_targets)
                {
                    for (int depth = 1; depth <= 9; depth += 2)
                        await AssertNothingAsync(port, bearer, start + string.Concat(Enumerable.Repeat(up, depth)) + target);
                }
            }

            await AssertNothingAsync(port, bearer, start + "/etc/passwd");
            await AssertNothingAsync(port, bearer, start + "%2fetc%2fpasswd");
            await AssertNothingAsync(port, bearer, start + product.DataDirectory + "/keys/tls.pem");
        }

        Assert.True(asked > 5000);

        async Task AssertNothingAsync(int port, string bearer, string path)
        {
            asked++;
            string answer = await AskAsync(port, bearer, path);
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, answer, StringComparison.Ordinal));
            Assert.False(answer.StartsWith("HTTP/1.1 5", StringComparison.Ordinal), $"{path} on {port}: {answer}");
        }
    }

    /// <summary>Byte for byte: every client with manners would tidy such a path up.</summary>
    private static async Task<string> AskAsync(int port, string bearer, string path)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, deadline.Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {bearer}\r\nConnection: close\r\n\r\n"), deadline.Token);
        var answer = new MemoryStream();
        await stream.CopyToAsync(answer, deadline.Token);
        return Encoding.Latin1.GetString(answer.ToArray());
    }

    private static HashSet<long> SocketsOf(ProductRun product)
    {
        var pids = new[] { "control", "media", "recorder", "ai", "postgres", "nats", "sensors" }.SelectMany(product.FamilyOf).Append(product.SupervisorPid).Distinct();
        var inodes = new HashSet<long>();
        foreach (int pid in pids)
        {
            foreach (var file in new DirectoryInfo($"/proc/{pid}/fd").GetFiles())
            {
                if (file.LinkTarget is { } target && target.StartsWith("socket:[", StringComparison.Ordinal))
                    inodes.Add(long.Parse(target.AsSpan(8, target.Length - 9), CultureInfo.InvariantCulture));
            }
        }

        Assert.NotEmpty(inodes);
        return inodes;
    }

    private static IEnumerable<(IPAddress Address, int Port, long Inode)> Rows(string table)
    {
        foreach (string line in File.ReadLines("/proc/net/" + table).Skip(1))
        {
            string[] columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (columns[3] is not (Listening or Unconnected))
                continue;
            string[] local = columns[1].Split(':');
            // Words of four bytes in the machine's order.
            byte[] address = Convert.FromHexString(local[0]);
            for (int i = 0; i < address.Length; i += 4)
                address.AsSpan(i, 4).Reverse();
            yield return (new IPAddress(address), int.Parse(local[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture), long.Parse(columns[9], CultureInfo.InvariantCulture));
        }
    }
}
