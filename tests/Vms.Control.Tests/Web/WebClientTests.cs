using System.IO.Compression;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.Web;

public sealed class WebClientTests : IClassFixture<WebClientTests.Fixture>
{
    private readonly ControlWorld _world;
    private readonly HttpClient _http;

    public WebClientTests(Fixture fixture) => (_world, _http) = (fixture.World, fixture.Http);

    [Theory]
    [InlineData("br, gzip", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("identity", null)]
    public async Task Hashed_files_come_compressed_and_stay_for_ever(string accept, string? encoding)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/assets/app-1a2b.js");
        request.Headers.Add("Accept-Encoding", accept);
        using var response = await _http.SendAsync(request);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("text/javascript", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(encoding, response.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal("public, max-age=31536000, immutable", response.Headers.CacheControl?.ToString());
        Assert.Equal("Accept-Encoding", response.Headers.Vary.Single());
        var body = await response.Content.ReadAsStreamAsync();
        await using var plain = encoding switch { "br" => new BrotliStream(body, CompressionMode.Decompress), "gzip" => new GZipStream(body, CompressionMode.Decompress), _ => body };
        using var reader = new StreamReader(plain);
        Assert.Equal(new string('x', 1000), await reader.ReadToEndAsync());
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/live?layout=4")]
    [InlineData("/cameras/abc/settings")]
    [InlineData("/setup")]
    public async Task Every_route_of_the_client_is_the_page_and_never_from_a_cache(string path)
    {
        using var response = await _http.GetAsync(path);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-cache", response.Headers.CacheControl?.ToString());

        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        using var unchanged = await _http.SendAsync(again);
        Assert.Equal(304, (int)unchanged.StatusCode);
        using var head = await _http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        Assert.Equal(response.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData("/assets/gone-9999.js")]
    [InlineData("/../data/keys/node.key")]
    [InlineData("/%2e%2e/data/keys/node.key")]
    [InlineData("/..%2fdata%2fkeys%2fnode.key")]
    public async Task A_file_that_is_not_there_is_not_the_page_and_not_another_file(string path)
    {
        using var response = await _http.GetAsync(new Uri(_world.Address.GetLeftPart(UriPartial.Authority) + path));
        await response.ProblemAsync(404, "notFound");
    }

    [Fact]
    public async Task The_page_may_load_nothing_from_elsewhere()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Host = "vms.example:8080";
        using var response = await _http.SendAsync(request);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("script-src 'self' 'wasm-unsafe-eval';", policy, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self' http://vms.example:8081 https://vms.example:8081 ws://vms.example:8081", policy, StringComparison.Ordinal);
        Assert.Contains("http://vms.example:8082", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("DENY", response.Headers.GetValues("X-Frame-Options").Single());
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());

        using var strange = new HttpRequestMessage(HttpMethod.Get, "/");
        strange.Headers.TryAddWithoutValidation("Host", "[::1]:8080");
        using var v6 = await _http.SendAsync(strange);
        Assert.Contains("connect-src 'self';", v6.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_update_of_the_files_is_served_without_a_restart()
    {
        var page = _world.Directory["web/index.html"];
        await File.WriteAllTextAsync(page, "<!doctype html>new");
        File.SetLastWriteTimeUtc(page, DateTime.UnixEpoch);
        Assert.Equal("<!doctype html>new", await _http.GetStringAsync("/"));
    }

    public sealed class Fixture : IAsyncLifetime
    {
        private readonly TestDirectory _directory = new();

        internal ControlWorld World { get; private set; } = null!;

        internal HttpClient Http { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Directory.CreateDirectory(_directory["web/assets"]);
            await File.WriteAllTextAsync(_directory["web/index.html"], "<!doctype html><script src=/assets/app-1a2b.js></script>");
            await File.WriteAllTextAsync(_directory["web/favicon.svg"], "<svg/>");
            var script = _directory["web/assets/app-1a2b.js"];
            await File.WriteAllTextAsync(script, new string('x', 1000));
            await using (var compressed = new BrotliStream(File.Create(script + ".br"), CompressionLevel.Fastest))
                await compressed.WriteAsync(await File.ReadAllBytesAsync(script));
            await using (var compressed = new GZipStream(File.Create(script + ".gz"), CompressionLevel.Fastest))
                await compressed.WriteAsync(await File.ReadAllBytesAsync(script));
            World = await ControlWorld.StartAsync(new WorldSettings { Directory = _directory });
            Http = World.Anonymous();
        }

        public ValueTask DisposeAsync()
        {
            Http.Dispose();
            return World.DisposeAsync();
        }
    }
}
