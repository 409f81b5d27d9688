using System.Net;
using System.Net.Http.Headers;
using Vms.Rpc.Wire;

namespace Vms.Rpc.Tests;

/// <summary>What the server answers to requests that no gRPC client of ours would send, header by header.</summary>
public sealed class RpcWireTests : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private EchoServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await EchoServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("vms.rpc.tests.v1.Echo/Unknown")]
    [InlineData("nowhere.Nothing/Say")]
    public async Task An_unknown_method_is_a_trailers_only_unimplemented_with_http_200(string method)
    {
        var response = await PostAsync(method, [0, 0, 0, 0, 0]);
        Assert.Equal((HttpStatusCode.OK, "12"), (response.StatusCode, Status(response)));
        Assert.Empty(response.TrailingHeaders);
        Assert.Equal("application/grpc", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Gzip_is_unimplemented_and_the_answer_says_what_is_accepted()
    {
        var response = await PostAsync(EchoServer.Say, [1, 0, 0, 0, 1, 0x1F], request => request.Headers.Add("grpc-encoding", "gzip"));
        Assert.Equal("12", Status(response));
        Assert.Equal("identity", response.Headers.GetValues("grpc-accept-encoding").Single());
    }

    [Theory]
    [InlineData("01 00000000", "13")]                  // compressed flag without an encoding
    [InlineData("00 7FFFFFFF 00", "8")]                // two gigabytes announced
    [InlineData("00 FFFFFFFF 00", "8")]
    [InlineData("00 00000005 0A", "13")]               // ends inside the message
    [InlineData("00 00", "13")]                        // ends inside the prefix
    [InlineData("", "13")]                             // no message at all
    [InlineData("00 00000002 0A FF", "13")]            // not protobuf: a string longer than the message
    [InlineData("00 00000000 00 00000000", "13")]      // two messages for a call that takes one
    public async Task A_bad_request_body_gets_a_status(string body, string status) =>
        Assert.Equal(status, Status(await PostAsync(EchoServer.Say, Convert.FromHexString(body.Replace(" ", "")))));

    [Theory]
    [InlineData("5")]
    [InlineData("S")]
    [InlineData("-1S")]
    [InlineData("123456789S")]
    [InlineData("1x")]
    public async Task A_malformed_timeout_is_refused(string timeout) =>
        Assert.Equal("13", Status(await PostAsync(EchoServer.Say, [0, 0, 0, 0, 0], r => r.Headers.TryAddWithoutValidation("grpc-timeout", timeout))));

    [Fact]
    public async Task Other_content_is_no_call()
    {
        var response = await PostAsync(EchoServer.Say, [], r => r.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/json"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);

        response = await PostAsync("some/where", [], r => r.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/json"));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_listener_that_was_not_opened_for_calls_knows_no_methods()
    {
        foreach (var method in new[] { EchoServer.Say, "vms.rpc.tests.v1.Echo/Unknown" })
            Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(method, [0, 0, 0, 0, 0], at: _server.PublicAddress)).StatusCode);
    }

    public static TheoryData<string, double> Timeouts => new()
    {
        { "1H", 3600 }, { "2M", 120 }, { "30S", 30 }, { "1500m", 1.5 }, { "250000u", 0.25 }, { "1000n", 0.000001 }, { "0S", 0 },
        { "99999999H", TimeSpan.FromDays(40).TotalSeconds },
    };

    [Theory, MemberData(nameof(Timeouts))]
    public void A_timeout_header_is_read(string header, double seconds)
    {
        Assert.True(GrpcTimeout.TryParse(header, out var timeout));
        Assert.Equal(seconds, timeout.TotalSeconds, 7);
    }

    [Theory]
    [InlineData(0, "0u")]
    [InlineData(1, "1u")]                       // a tick is rounded up
    [InlineData(15_000_000, "1500000u")]
    [InlineData(999_999_991, "100000m")]        // 100 s do not fit into eight digits of microseconds
    [InlineData(TimeSpan.TicksPerDay * 30, "2592000S")]
    public void A_timeout_is_written_in_the_finest_unit_that_fits(long ticks, string header) =>
        Assert.Equal(header, GrpcTimeout.Format(TimeSpan.FromTicks(ticks)));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("100% caméra\n", "100%25 cam%C3%A9ra%0A")]
    [InlineData("😀", "%F0%9F%98%80")]
    public void A_status_message_is_percent_encoded_and_decoded(string text, string encoded)
    {
        Assert.Equal(encoded, GrpcMessageText.Encode(text));
        Assert.Equal(text, GrpcMessageText.Decode(encoded));
    }

    [Theory]
    [InlineData("50%", "50%")]
    [InlineData("%zz", "%zz")]
    [InlineData("%E9", "\uFFFD")]
    public void A_broken_status_message_is_still_readable(string encoded, string text) =>
        Assert.Equal(text, GrpcMessageText.Decode(encoded));

    private static string Status(HttpResponseMessage response) =>
        (response.Headers.TryGetValues("grpc-status", out var values) ? values : response.TrailingHeaders.GetValues("grpc-status")).Single();

    private async Task<HttpResponseMessage> PostAsync(string method, byte[] body, Action<HttpRequestMessage>? change = null, Uri? at = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(at ?? _server.Address, method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        change?.Invoke(request);
        return await _http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
