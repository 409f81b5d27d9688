using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Vms.Testing;

namespace Vms.Hosting.Tests;

public sealed class PlaneOptionsTests
{
    [Fact]
    public void Defaults_are_loopback_and_the_documented_ports()
    {
        var options = From([]);
        Assert.Equal(("127.0.0.1", 8080, 8081, 8082, 8189, 8554), (options.BindAddress, options.HttpPort, options.MediaPort, options.PlaybackPort, options.WebRtcPort, options.RtspPort));
    }

    [Theory]
    [InlineData("")]
    [InlineData("off")]
    public void Rtsp_can_be_switched_off(string value) => Assert.Null(From(new() { ["VMS_RTSP_PORT"] = value }).RtspPort);

    [Theory]
    [InlineData("abc")]
    [InlineData("65536")]
    [InlineData("-1")]
    public void A_port_out_of_range_names_its_key_and_the_range(string value)
    {
        var e = Assert.Throws<ValidationException>(() => From(new() { ["VMS_HTTP_PORT"] = value }));
        Assert.Contains("VMS_HTTP_PORT", e.Message, StringComparison.Ordinal);
        Assert.Contains("0 to 65535", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_can_be_given_as_a_file()
    {
        using var directory = new TestDirectory();
        File.WriteAllText(directory["nats"], "nats://secret@localhost:4222\n");
        Assert.Equal("nats://secret@localhost:4222", From(new() { ["VMS_NATS_FILE"] = directory["nats"] }).Nats);
    }

    [Fact]
    public void A_secret_file_that_is_missing_names_its_key()
    {
        var e = Assert.Throws<ValidationException>(() => From(new() { ["VMS_NATS_FILE"] = "/nowhere/secret" }));
        Assert.Contains("VMS_NATS_FILE", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sockets_stay_within_what_a_socket_path_holds_also_for_a_data_path_of_150_characters()
    {
        var options = From(new() { ["VMS_DATA"] = "/srv/" + new string('d', 145) });
        Assert.InRange(options.SocketOf("recorder", "http").Length, 1, 107);
    }

    [Fact]
    public void Two_data_directories_have_two_run_directories() =>
        Assert.NotEqual(RunDirectories.For("/srv/a"), RunDirectories.For("/srv/b"));

    private static PlaneOptions From(Dictionary<string, string?> settings) =>
        PlaneOptions.From(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
}
