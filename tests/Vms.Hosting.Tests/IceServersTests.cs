using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Vms.Testing;

namespace Vms.Hosting.Tests;

public sealed class IceServersTests
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.UnixEpoch.AddSeconds(1_000_000);

    [Fact]
    public void Without_settings_there_are_none() => Assert.Empty(Of([]).For("anna", s_now));

    [Fact]
    public void A_viewer_gets_a_name_of_its_own_that_is_good_for_a_day()
    {
        var servers = Of(new() { ["VMS_ICE_SERVERS"] = "stun:stun.example:3478  turn:turn.example turns:turn.example?transport=tcp", ["VMS_TURN_SECRET"] = "hush" }).For("anna", s_now);
        Assert.Equal(["stun:stun.example:3478"], servers[0].Urls);
        Assert.Null(servers[0].Username);
        Assert.Equal(["turn:turn.example", "turns:turn.example?transport=tcp"], servers[1].Urls);
        Assert.Equal("1086400:anna", servers[1].Username);
#pragma warning disable CA5350 // what TURN servers compute
        Assert.Equal(Convert.ToBase64String(HMACSHA1.HashData("hush"u8, Encoding.UTF8.GetBytes("1086400:anna"))), servers[1].Credential);
#pragma warning restore CA5350
        Assert.Equal("""{"urls":["stun:stun.example:3478"]}""", JsonSerializer.Serialize(servers[0], JsonSerializerOptions.Web));
    }

    [Fact]
    public void Fixed_credentials_and_secrets_in_files_are_taken_as_they_are()
    {
        using var directory = new TestDirectory();
        File.WriteAllText(directory["password"], "hush\n");
        var servers = Of(new() { ["VMS_ICE_SERVERS"] = "turn:turn.example", ["VMS_TURN_USERNAME"] = "vms", ["VMS_TURN_PASSWORD_FILE"] = directory["password"] }).For("anna", s_now);
        Assert.Equal(("vms", "hush"), (servers.Single().Username, servers.Single().Credential));
    }

    [Theory]
    [InlineData("http://turn.example", "s", null, "VMS_ICE_SERVERS")]
    [InlineData("turn://turn.example", "s", null, "VMS_ICE_SERVERS")]
    [InlineData("turn:", "s", null, "VMS_ICE_SERVERS")]
    [InlineData("turn:a", null, null, "VMS_TURN_SECRET")]
    [InlineData("turn:a", "s", "user", "VMS_TURN_SECRET")]
    [InlineData("stun:1 stun:2 stun:3 stun:4 stun:5 stun:6 stun:7 stun:8 stun:9", null, null, "at most 8")]
    public void What_no_browser_would_take_names_its_key(string urls, string? secret, string? username, string expected)
    {
        var settings = new Dictionary<string, string?> { ["VMS_ICE_SERVERS"] = urls, ["VMS_TURN_SECRET"] = secret, ["VMS_TURN_USERNAME"] = username, ["VMS_TURN_PASSWORD"] = username };
        Assert.Contains(expected, Assert.Throws<ValidationException>(() => Of(settings)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("router.example", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("203.0.113.7:70000", false)]
    [InlineData("203.0.113.7", true)]
    [InlineData("203.0.113.7:8189 [2001:db8::7]:9000 2001:db8::8", true)]
    public void Addresses_from_outside_are_numbers(string text, bool accepted)
    {
        var settings = new Dictionary<string, string?> { ["VMS_WEBRTC_ADDRESSES"] = text };
        if (accepted)
            Assert.Equal(text.Split(' ').Length, PlaneOptions.From(Configuration(settings)).WebRtcAddresses.Count);
        else
            Assert.Contains("VMS_WEBRTC_ADDRESSES", Assert.Throws<ValidationException>(() => PlaneOptions.From(Configuration(settings))).Message, StringComparison.Ordinal);
    }

    private static IceServers Of(Dictionary<string, string?> settings) => IceServers.From(Configuration(settings));

    private static IConfiguration Configuration(Dictionary<string, string?> settings) => new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
}
