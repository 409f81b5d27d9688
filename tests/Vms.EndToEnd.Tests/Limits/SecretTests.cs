using System.Net;
using System.Net.Http.Json;
using System.Text;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Limits;

/// <summary>What was given to the running product in confidence is in none of its answers, logs and files.</summary>
public sealed class SecretTests
{
    private const string CameraPassword = "camera-s3cret-Zq7m", UserPassword = "user-s3cret-Zq7m-long", DevicePassword = "device-s3cret-Zq7m";

    /// <summary>As they are, in a URL's user info, and as HTTP's and RTSP's Basic sends them.</summary>
    private static readonly string[] s_traces =
        [.. new[] { CameraPassword, UserPassword, DevicePassword }.SelectMany(secret => new[] { secret, Convert.ToBase64String(Encoding.UTF8.GetBytes("admin:" + secret)) })];

    [Fact]
    public async Task No_answer_no_log_and_no_file_has_a_password_in_the_clear()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p", "h264", "--user", "admin", "--password", CameraPassword);
        await using var product = await ProductRun.StartAsync(directory, ("VMS_LOG_LEVEL", "Debug"));
        string id = (await product.Api.PostAsync("/api/cameras", new
        {
            name = "Behind a password",
            mainUrl = cameras.UrlOf(1),
            transport = "tcp",
            username = "admin",
            password = CameraPassword,
            recording = new { mode = "continuous", segmentSeconds = 10 },
        }))["id"]!.GetValue<string>();
        await product.Api.AwaitRecordingAsync(id);

        // Right ones, and ones that come to nothing: failures are what is logged most.
        await product.Api.PostAsync("/api/users", new { username = "guard", password = UserPassword });
        string wrong = new UriBuilder(cameras.UrlOf(1)) { UserName = "admin", Password = DevicePassword }.Uri.AbsoluteUri;
        await TryAsync(product, "/api/cameras", new { name = "Refused", mainUrl = wrong, transport = "tcp" });
        await TryAsync(product, "/api/cameras/test", new { mainUrl = cameras.UrlOf(1), username = "admin", password = DevicePassword });
        await TryAsync(product, "/api/cameras/onboard", new { ip = "127.0.0.1", port = new Uri(cameras.UrlOf(1)).Port, username = "admin", password = DevicePassword });
        await TryAsync(product, "/api/nvr/connect", new { ip = "127.0.0.1", port = new Uri(cameras.UrlOf(1)).Port, username = "admin", password = DevicePassword });
        await TryAsync(product, "/api/auth/login", new { username = "guard", password = DevicePassword });
        await TryAsync(product, "/api/setup", new { token = DevicePassword, username = "x", password = DevicePassword });

        int asked = 0;
        var document = await product.Api.GetAsync("/api/openapi.json");
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            string address = path.Replace("{id}", id, StringComparison.Ordinal).Replace("{plane}", "media", StringComparison.Ordinal);
            if (operations!["get"] is null || address.Contains('{', StringComparison.Ordinal) || path is "/api/ws" || path.Contains("cam_", StringComparison.Ordinal) || path.EndsWith(".mp4", StringComparison.Ordinal))
                continue;
            AssertClean(await BodyAsync(product, address), "GET " + address);
            asked++;
        }

        Assert.True(asked > 30, $"only {asked} operations were asked");
        AssertClean(product.Log, "the log");
        foreach (string file in Directory.EnumerateFiles(product.DataDirectory, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".sock", StringComparison.Ordinal)))
        {
            if (await ReadAsync(file) is { } content)
                AssertClean(content, file);
        }
    }

    private static void AssertClean(string text, string where) =>
        Assert.All(s_traces, trace => Assert.False(text.Contains(trace, StringComparison.Ordinal), $"{trace} stands in {where}"));

    /// <summary>Whatever it answers: it must not repeat the secret.</summary>
    private static async Task TryAsync(ProductRun product, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        using var answer = await product.Api.SendAsync(request);
        AssertClean(await answer.Content.ReadAsStringAsync(), $"POST {path} ({(int)answer.StatusCode})");
    }

    private static async Task<string> BodyAsync(ProductRun product, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var answer = await product.Api.SendAsync(request);
        Assert.NotEqual(HttpStatusCode.InternalServerError, answer.StatusCode);
        return Encoding.Latin1.GetString(await answer.Content.ReadAsByteArrayAsync());
    }

    /// <summary>Null for what is gone meanwhile.</summary>
    private static async Task<string?> ReadAsync(string file)
    {
        try
        {
            return Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
