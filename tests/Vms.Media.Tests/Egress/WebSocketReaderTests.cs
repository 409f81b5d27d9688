using System.Text;
using Vms.Media.Egress.Mse;

namespace Vms.Media.Tests.Egress;

/// <summary>RFC 6455 frames as viewers send them, the examples of §1.3 and §5.7 among them.</summary>
public sealed class WebSocketReaderTests
{
    [Fact]
    public void The_key_is_answered_as_in_RFC_6455() =>
        Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WebSocketFrame.AcceptOf("dGhlIHNhbXBsZSBub25jZQ=="));

    [Theory]
    [InlineData("818537fa213d7f9f4d5158", WebSocketOpcode.Text, "Hello")]                   // §5.7, masked
    [InlineData("010348656c", WebSocketOpcode.Text, "Hello")]                                // in two fragments
    [InlineData("898537fa213d7f9f4d5158", WebSocketOpcode.Ping, "Hello")]
    [InlineData("818000000000", WebSocketOpcode.Text, "")]
    internal async Task A_message_is_read(string hex, WebSocketOpcode opcode, string text)
    {
        if (hex.StartsWith("0103", StringComparison.Ordinal))
            hex = Mask(false, 1, "Hel") + Mask(true, 0, "lo");
        var (readOpcode, payload) = await Reader(hex).ReadAsync(CancellationToken.None);
        Assert.Equal((opcode, text), (readOpcode, Encoding.ASCII.GetString(payload.Span)));
    }

    [Theory]
    [InlineData("not masked", "810548656c6c6f")]
    [InlineData("64-bit length", "81ff0000000000001000 00000000")]
    [InlineData("too long", "81feffff00000000")]
    [InlineData("reserved bit", "c18000000000")]
    [InlineData("unknown kind", "838000000000")]
    [InlineData("long ping", "89fe00ff00000000")]
    [InlineData("continuation of nothing", "808000000000")]
    public async Task What_breaks_the_rules_is_refused(string what, string hex)
    {
        Assert.NotEmpty(what);
        await Assert.ThrowsAsync<WebSocketProtocolException>(() => Reader(hex).ReadAsync(CancellationToken.None).AsTask());
    }

    [Theory]
    [InlineData(0, "8200")]
    [InlineData(125, "827d")]
    [InlineData(126, "827e007e")]
    [InlineData(65_535, "827effff")]
    [InlineData(65_536, "827f0000000000010000")]
    public void A_frame_header_has_the_shortest_form(int length, string expected)
    {
        var header = new byte[WebSocketFrame.MaxHeaderLength];
        int written = WebSocketFrame.WriteHeader(header, WebSocketOpcode.Binary, length);
        Assert.Equal(expected, Convert.ToHexStringLower(header.AsSpan(0, written)));
    }

    private static string Mask(bool final, int opcode, string text) =>
        $"{(final ? 0x80 : 0) | opcode:x2}{0x80 | text.Length:x2}00000000{Convert.ToHexStringLower(Encoding.ASCII.GetBytes(text))}";

    private static WebSocketReader Reader(string hex) =>
        new(new MemoryStream(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))));
}
