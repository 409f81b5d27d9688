using System.Net;
using System.Text;
using Vms.WebRtc.Stun;

namespace Vms.WebRtc.Tests.Stun;

/// <summary>The vectors of RFC 5769 (still those of RFC 8489), and what must not be taken for a message.</summary>
public sealed class StunMessageTests
{
    private static readonly byte[] s_password = "VOkJxbRl1RmTxUk/WvJxBt"u8.ToArray();
    private static readonly byte[] s_transactionId = Hex.Bytes("b7e7a701 bc34d686 fa87dfae");

    // RFC 5769 §2.1
    private static readonly byte[] s_request = Hex.Bytes(
        """
        0001 0058 2112a442 b7e7a701 bc34d686 fa87dfae
        8022 0010 5354554e 20746573 7420636c 69656e74
        0024 0004 6e0001ff
        8029 0008 932ff9b1 51263b36
        0006 0009 6576746a 3a683676 59202020
        0008 0014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
        8028 0004 e57a3bcf
        """);

    // RFC 5769 §2.2
    private static readonly byte[] s_responseV4 = Hex.Bytes(
        """
        0101 003c 2112a442 b7e7a701 bc34d686 fa87dfae
        8022 000b 74657374 20766563 746f7220
        0020 0008 0001a147 e112a643
        0008 0014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7
        8028 0004 c07d4c96
        """);

    // RFC 5769 §2.3
    private static readonly byte[] s_responseV6 = Hex.Bytes(
        """
        0101 0048 2112a442 b7e7a701 bc34d686 fa87dfae
        8022 000b 74657374 20766563 746f7220
        0020 0014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
        0008 0014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41
        8028 0004 c8fb0b4c
        """);

    public static TheoryData<byte[]> Vectors => [s_request, s_responseV4, s_responseV6];

    [Theory, MemberData(nameof(Vectors))]
    public void The_vectors_pass_their_own_checks(byte[] datagram)
    {
        Assert.True(StunMessage.TryParse(datagram, out var message));
        Assert.True(message.VerifyFingerprint());
        Assert.True(message.VerifyIntegrity(s_password));
        Assert.False(message.VerifyIntegrity("another password"u8));
    }

    [Fact]
    public void The_request_of_RFC_5769_is_read()
    {
        Assert.True(StunMessage.TryParse(s_request, out var message));
        Assert.Equal(StunMessageType.BindingRequest, message.Type);
        Assert.Equal("evtj:h6vY", Encoding.UTF8.GetString(message.Username));
        Assert.Equal(0x6e0001ffu, message.Priority);
        Assert.False(message.UseCandidate);
        Assert.False(message.HasUnknownRequired);
        Assert.Equal(s_transactionId, message.TransactionId.ToArray());
    }

    [Theory]
    [InlineData("192.0.2.1", "0001a147 e112a643")]
    [InlineData("2001:db8:1234:5678:11:2233:4455:6677", "0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9")]
    public void XOR_MAPPED_ADDRESS_is_written_as_in_RFC_5769(string address, string expected)
    {
        var buffer = new byte[128];
        var builder = new StunMessageBuilder(buffer, StunMessageType.BindingSuccess, s_transactionId);
        builder.AddXorMappedAddress(IPAddress.Parse(address).GetAddressBytes(), 32853);
        Assert.Equal(Hex.Bytes(expected), buffer[24..builder.Length]);
    }

    [Fact]
    public void A_written_message_passes_the_checks_of_the_reader()
    {
        var buffer = new byte[256];
        var builder = new StunMessageBuilder(buffer, StunMessageType.BindingRequest, s_transactionId);
        builder.AddUsername("abcd:efg"u8);
        builder.AddPriority(7);
        builder.AddUseCandidate();
        builder.AddIceRole(StunAttributeType.IceControlling, 42);
        builder.AddIntegrity(s_password);
        builder.AddFingerprint();

        Assert.True(StunMessage.TryParse(buffer.AsSpan(0, builder.Length), out var message));
        Assert.True(message.VerifyFingerprint() && message.VerifyIntegrity(s_password) && message.UseCandidate);
        Assert.Equal("abcd:efg", Encoding.UTF8.GetString(message.Username));
    }

    [Theory, MemberData(nameof(Vectors))]
    public void Any_flipped_bit_is_noticed(byte[] datagram)
    {
        int fingerprintAt = datagram.Length - 8;
        for (int bit = 0; bit < datagram.Length * 8; bit++)
        {
            // Behind MESSAGE-INTEGRITY an attribute of any other type is ignored: the fingerprint's own type may change.
            if (bit / 8 >= fingerprintAt && bit / 8 < fingerprintAt + 2)
                continue;
            var damaged = (byte[])datagram.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            bool accepted = StunMessage.TryParse(damaged, out var message)
                && message.VerifyFingerprint() && message.VerifyIntegrity(s_password);
            Assert.False(accepted, $"bit {bit}");
        }
    }

    [Theory, MemberData(nameof(Vectors))]
    public void A_truncated_message_is_none(byte[] datagram)
    {
        for (int length = 0; length < datagram.Length; length++)
            Assert.False(StunMessage.TryParse(datagram.AsSpan(0, length), out _));
    }

    [Fact]
    public void An_unknown_attribute_that_must_be_understood_is_reported()
    {
        var datagram = Hex.Bytes("0001 0008 2112a442 b7e7a701 bc34d686 fa87dfae 7777 0004 00000000");
        Assert.True(StunMessage.TryParse(datagram, out var message));
        Assert.True(message.HasUnknownRequired);
    }

    [Theory]
    [InlineData("nothing after FINGERPRINT", "0001 0010 2112a442 b7e7a701 bc34d686 fa87dfae 8028 0004 00000000 0025 0000 0025 0000")]
    [InlineData("attribute longer than the message", "0001 0004 2112a442 b7e7a701 bc34d686 fa87dfae 0006 0010")]
    [InlineData("MESSAGE-INTEGRITY of a wrong length", "0001 0008 2112a442 b7e7a701 bc34d686 fa87dfae 0008 0004 00000000")]
    [InlineData("no magic cookie", "0001 0000 2112a443 b7e7a701 bc34d686 fa87dfae")]
    public void What_is_malformed_is_refused(string what, string hex) =>
        Assert.False(StunMessage.TryParse(Hex.Bytes(hex), out _), what);

    [Fact]
    public void Random_bytes_never_throw()
    {
        var random = new Random(1);
        var datagram = new byte[200];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(datagram);
            s_request.AsSpan(0, 20).CopyTo(datagram);
            datagram[3] = 180;      // a plausible header, then noise
            if (StunMessage.TryParse(datagram, out var message))
                message.VerifyIntegrity(s_password);
        }
    }
}
