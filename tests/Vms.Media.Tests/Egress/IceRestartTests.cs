using System.Net;
using System.Net.Http.Headers;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.WebRtc.Ice;

namespace Vms.Media.Tests.Egress;

/// <summary>Viewers that change networks, and what WHEP's PATCH takes (RFC 9725 §4.3).</summary>
public sealed class IceRestartTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_viewer_on_a_new_address_keeps_its_session()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(FootageSpec.Small);
        using var peer = await WebRtcPeer.JoinAsync(host, "1", new PeerOptions { Keep = true });
        await Eventually.TrueAsync(() => peer.Frames >= 10, s_deadline);
        string session = host.Egress.WebRtc!.Sessions.Single().Id;

        peer.Move();
        int before = peer.Frames;
        await Eventually.TrueAsync(() => peer.Frames >= before + 40, s_deadline);
        Assert.Equal(session, host.Egress.WebRtc.Sessions.Single().Id);
        Assert.Equal((0, 0L), (peer.Forged, host.Egress.WebRtc.Counters.IceRestarts));
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task A_restart_leads_to_a_new_way_and_the_same_pictures()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(FootageSpec.Small);
        using var peer = await WebRtcPeer.JoinAsync(host, "1", new PeerOptions { Keep = true });
        await Eventually.TrueAsync(() => peer.Frames >= 10, s_deadline);
        var session = host.Egress.WebRtc!.Sessions.Single();
        string old = session.Credentials.UserFragment;

        string first = await peer.RestartAsync(host);
        int before = peer.Frames;
        await Eventually.TrueAsync(() => peer.Frames >= before + 20, s_deadline);
        await Eventually.TrueAsync(() => !session.Fragments.Contains(old), s_deadline);

        // Again and again: nothing of the earlier ones stays behind.
        string second = first;
        for (int i = 0; i < 10; i++)
        {
            second = await peer.RestartAsync(host);
            int frames = peer.Frames;
            await Eventually.TrueAsync(() => peer.Frames > frames && session.Fragments.Count == 1, s_deadline);
        }

        Assert.NotEqual(first, second);
        Assert.Single(session.Fragments);
        Assert.Single(session.Addresses);
        Assert.Same(session, host.Egress.WebRtc.Sessions.Single());
        Assert.Equal((0, 11L), (peer.Forged, host.Egress.WebRtc.Counters.IceRestarts));
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task Candidates_are_taken_and_what_is_for_older_credentials_is_refused()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(FootageSpec.Small);
        using var peer = await WebRtcPeer.JoinAsync(host, "1");
        await peer.Playing.WaitAsync(s_deadline);
        string tag = $"\"{host.Egress.WebRtc!.Sessions.Single().Credentials.UserFragment}\"";

        Assert.Equal(HttpStatusCode.NoContent, await PatchAsync(host, peer.Location!, peer.CurrentFragment, tag));
        Assert.Equal(HttpStatusCode.NoContent, await PatchAsync(host, peer.Location!, peer.CurrentFragment, null));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await PatchAsync(host, peer.Location!, peer.CurrentFragment, "\"another\""));
        Assert.Equal(HttpStatusCode.BadRequest, await PatchAsync(host, peer.Location!, "a=ice-ufrag:abcd", null));
        Assert.Equal(HttpStatusCode.BadRequest, await PatchAsync(host, peer.Location!, "nonsense", null));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await PatchAsync(host, peer.Location!, peer.CurrentFragment, null, "application/sdp"));
        Assert.Equal(0, host.Egress.WebRtc.Counters.IceRestarts);

        Assert.Equal(HttpStatusCode.OK, await PatchAsync(host, peer.Location!, WebRtcPeer.Fragment(IceCredentials.Generate()), tag));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await PatchAsync(host, peer.Location!, peer.CurrentFragment, tag));

        // A restart that its peer does not go through with changes nothing: the old way still carries the picture.
        int before = peer.Frames;
        await Eventually.TrueAsync(() => peer.Frames >= before + 40, s_deadline);
        Assert.Single(host.Egress.WebRtc.Sessions);
    }

    [Fact]
    public async Task Addresses_from_outside_are_offered_behind_the_machines_own()
    {
        await using var host = await EgressHost.StartAsync(o => o with
        {
            WebRtcAddresses = [IPEndPoint.Parse("203.0.113.7:4000"), IPEndPoint.Parse("2001:db8::7")],
        });
        await host.AddRunningCameraAsync(FootageSpec.Small);
        using var content = new StringContent(WebRtcPeer.SampleOffer());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/sdp");
        using var response = await host.Http.PostAsync(host.Whep("1"), content);
        string answer = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);

        int port = host.Egress.WebRtc!.LocalEndPoint.Port;
        Assert.Equal(
            [$"udp 127.0.0.1 {port}", "udp 203.0.113.7 4000", $"udp 2001:db8::7 {port}", $"tcp 127.0.0.1 {port}", "tcp 203.0.113.7 4000", $"tcp 2001:db8::7 {port}"],
            answer.Split("\r\n").Where(l => l.StartsWith("a=candidate:", StringComparison.Ordinal)).Select(l => l.Split(' ')).Select(f => $"{f[2]} {f[4]} {f[5]}"));
    }

    [Fact]
    public async Task Players_that_know_nothing_of_us_find_the_servers_in_the_Link_headers()
    {
        var servers = EgressHost.IceServersOf("stun:stun.example turn:turn.example?transport=tcp", "s");
        await using var host = await EgressHost.StartAsync(o => o with { IceServers = servers });
        await host.AddRunningCameraAsync(FootageSpec.Small);
        using var content = new StringContent(WebRtcPeer.SampleOffer());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/sdp");
        using var response = await host.Http.PostAsync(host.Whep("1"), content);
        var links = response.Headers.GetValues("Link").ToList();
        Assert.Equal("<stun:stun.example>; rel=\"ice-server\"", links[0]);
        Assert.Matches("^<turn:turn\\.example\\?transport=tcp>; rel=\"ice-server\"; username=\"[0-9]+:tester\"; credential=\"[^\"]+\"; credential-type=\"password\"$", links[1]);
    }

    private static async Task<HttpStatusCode> PatchAsync(
        EgressHost host, Uri location, string fragment, string? ifMatch, string type = "application/trickle-ice-sdpfrag")
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, location) { Content = new StringContent(fragment) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        using var response = await host.Http.SendAsync(request);
        return response.StatusCode;
    }
}
