using Vms.Codecs;

namespace Vms.Rtp.Tests;

public sealed class ReplayExtensionTests
{
    /// <summary>2009-06-15T11:49:00.440Z: 0xCDE0F45C seconds since 1900 and 0.44 of one.</summary>
    private const string Time = "CDE0 F45C 70A3 D70A";

    [Theory]
    [InlineData("ABAC 0003 " + Time + " 80 05 0000", true, false, false, 5)]
    [InlineData("ABAC 0003 " + Time + " 40 FF 0000", false, true, false, 255)]
    [InlineData("ABAC 0003 " + Time + " 20 00 0000", false, false, true, 0)]
    [InlineData("ABAC 0004 " + Time + " E0 01 0000 FFD8 0001", true, true, true, 1)]     // with JPEG's words behind it
    public void Times_and_flags_are_read(string hex, bool clean, bool ends, bool discontinuous, int request)
    {
        Assert.True(ReplayExtension.TryParse(Bytes(hex), out var replay));
        Assert.Equal((clean, ends, discontinuous, (byte)request), (replay.IsCleanPoint, replay.EndsSection, replay.IsDiscontinuous, replay.Request));
        Assert.InRange(replay.RecordedUs - NtpTime.ToUnixMicroseconds(0xCDE0F45C_70A3D70A), 0, 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ABAC 0003 CDE0 F45C 70A3 D70A 80 05 00")]
    [InlineData("BEDE 0003 CDE0 F45C 70A3 D70A 80 05 0000")]        // RFC 8285
    public void Others_and_short_ones_are_none(string hex) => Assert.False(ReplayExtension.TryParse(Bytes(hex), out _));

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
