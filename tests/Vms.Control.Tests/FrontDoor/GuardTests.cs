using System.Net.Http.Headers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.FrontDoor;

public sealed class GuardTests
{
    /// <summary>The list of api.md that this version has: open without a credential, and nothing else.</summary>
    private static readonly string[] s_open =
        ["POST /api/setup", "POST /api/auth/login", "POST /api/auth/refresh", "GET /api/auth/oidc/start", "GET /api/auth/oidc/callback", "GET /health", "GET /health/ready"];

    [Fact]
    public async Task Every_address_but_the_open_ones_needs_a_credential()
    {
        await using var world = await ControlWorld.StartAsync();
        using var anonymous = world.Anonymous();
        var walked = 0;
        foreach (var (method, path) in Endpoints(world).Where(e => !s_open.Contains($"{e.Method} {e.Path}")))
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            if (method is "POST" or "PATCH")
                request.Content = new StringContent("{}", new MediaTypeHeaderValue("application/json"));
            using var response = await anonymous.SendAsync(request);
            Assert.True((int)response.StatusCode == 401, $"{method} {path} answered {(int)response.StatusCode}");

            using var forged = new HttpRequestMessage(new HttpMethod(method), path + "?ticket=eyJrIjoibGl2ZSJ9.AAAA");
            forged.Headers.Add("X-Vms-Identity", "admin");
            forged.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "eyJhbGciOiJub25lIn0.e30.");
            using var refused = await anonymous.SendAsync(forged);
            Assert.True((int)refused.StatusCode is 401 or 415, $"{method} {path} with forged credentials answered {(int)refused.StatusCode}");
            walked++;
        }

        Assert.InRange(walked, 18, 400);
    }

    [Fact]
    public async Task A_viewer_may_watch_and_nothing_more()
    {
        await using var world = await ControlWorld.StartAsync();
        var id = (await world.AddCameraAsync("Door")).Text("id");
        using var viewer = world.AsRole("viewer");
        await viewer.GetJsonAsync("/api/cameras");
        await viewer.PostAsync($"/api/cameras/{id}/live", new { });
        await viewer.PostAsync("/api/tickets", new { kind = "playback" });

        using var add = new StringContent("""{"name":"x","mainUrl":"rtsp://h/x"}""", new MediaTypeHeaderValue("application/json"));
        using var added = await viewer.PostAsync("/api/cameras", add);
        await added.ProblemAsync(403, "forbidden");
        using var patch = new StringContent("{}", new MediaTypeHeaderValue("application/json"));
        using var patched = await viewer.PatchAsync($"/api/cameras/{id}", patch);
        await patched.ProblemAsync(403, "forbidden");
        using var deleted = await viewer.DeleteAsync($"/api/cameras/{id}");
        await deleted.ProblemAsync(403, "forbidden");
        using var metrics = await viewer.GetAsync("/metrics");
        await metrics.ProblemAsync(403, "forbidden");
        using var plane = await viewer.GetAsync("/health/planes/media");
        await plane.ProblemAsync(403, "forbidden");
    }

    [Fact]
    public async Task Metrics_open_to_the_scrape_token_of_this_machine()
    {
        await using var world = await ControlWorld.StartAsync();
        using var scraper = world.Anonymous();
        var token = (await File.ReadAllTextAsync(Path.Combine(world.Options.KeysDirectory, "metrics.token"))).Trim();
        scraper.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        Assert.Contains("# TYPE vms_", await scraper.GetStringAsync("/metrics"), StringComparison.Ordinal);
        scraper.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token[..^1] + "x");
        using var refused = await scraper.GetAsync("/metrics");
        await refused.ProblemAsync(401, "unauthenticated");
    }

    [Fact]
    public async Task A_plane_that_is_away_is_said_to_be_away()
    {
        await using var world = await ControlWorld.StartAsync();
        var media = await world.Http.GetJsonAsync("/health/planes/media", 503);
        Assert.Equal(("media", "unavailable"), (media.Text("plane"), media.Text("status")));
        Assert.Equal("ok", (await world.Http.GetJsonAsync("/health/planes/control")).Text("status"));
        using var none = await world.Http.GetAsync("/health/planes/kitchen");
        await none.ProblemAsync(404, "planeNotFound");
    }

    private static IEnumerable<(string Method, string Path)> Endpoints(ControlWorld world) =>
        from source in world.Services.GetServices<EndpointDataSource>()
        from endpoint in source.Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        let path = "/" + endpoint.RoutePattern.RawText!.Trim('/').Replace("{id}", "someid", StringComparison.Ordinal)
            .Replace("{**rest}", "whep", StringComparison.Ordinal).Replace("{plane}", "media", StringComparison.Ordinal)
        select (method, path);
}
