using FsCheck;
using FsCheck.Fluent;

namespace Vms.Rtp.Tests;

public sealed class RtpPacketViewTests
{
    [Theory]
    [InlineData("plain", "80 E0 0001 00000002 00000003 AABB", "AABB")]
    [InlineData("two CSRCs", "82 60 0001 00000002 00000003 11111111 22222222 AABB", "AABB")]
    [InlineData("padding", "A0 60 0001 00000002 00000003 AABB 00 02", "AABB")]
    [InlineData("extension", "90 60 0001 00000002 00000003 BEDE 0001 10FF0000 AABB", "AABB")]
    [InlineData("extension, CSRC and padding", "B1 60 0001 00000002 00000003 11111111 ABAC 0000 AA 01", "AA")]
    [InlineData("no payload", "80 60 0001 00000002 00000003", "")]
    [InlineData("nothing but padding", "A0 60 0001 00000002 00000003 00 00 00 04", "")]
    public void The_payload_is_what_remains_between_header_and_padding(string what, string packet, string payload)
    {
        Assert.NotEmpty(what);
        Assert.True(RtpPacketView.TryParse(Bytes(packet), out var view));
        Assert.Equal(Bytes(payload), view.Payload.ToArray());
        Assert.Equal((1, 2u, 3u), (view.SequenceNumber, view.Timestamp, view.Ssrc));
        Assert.Equal(96, view.PayloadType);
    }

    [Theory]
    [InlineData("too short", "80 60 0001 00000002 000000")]
    [InlineData("version 1", "40 60 0001 00000002 00000003 AA")]
    [InlineData("CSRCs that do not fit", "8F 60 0001 00000002 00000003 AA")]
    [InlineData("an extension that does not fit", "90 60 0001 00000002 00000003 BEDE 0002 10FF0000")]
    [InlineData("half an extension header", "90 60 0001 00000002 00000003 BEDE")]
    [InlineData("more padding than payload", "A0 60 0001 00000002 00000003 AA 03")]
    [InlineData("padding of zero", "A0 60 0001 00000002 00000003 AA 00")]
    public void What_does_not_add_up_is_refused(string what, string packet)
    {
        Assert.NotEmpty(what);
        Assert.False(RtpPacketView.TryParse(Bytes(packet), out _));
    }

    [Fact]
    public void A_marker_and_an_extension_are_seen()
    {
        Assert.True(RtpPacketView.TryParse(Bytes("90 E0 0001 00000002 00000003 BEDE 0001 10FF0000 AABB"), out var view));
        Assert.True(view.Marker);
        Assert.True(view.HasExtension);
        Assert.Equal(Bytes("BEDE 0001 10FF0000"), view.Extension.ToArray());
    }

    [Fact]
    public void Any_bytes_parse_or_are_refused() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            byte[] packet = [0xB3, .. bytes];
            return !RtpPacketView.TryParse(packet, out var view) || view.Payload.Length + 12 <= packet.Length;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
