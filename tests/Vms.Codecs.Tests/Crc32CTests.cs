using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Vms.Codecs.Tests;

public sealed class Crc32CTests
{
    [Fact]
    public void Known_vectors_of_the_standard_come_out()
    {
        Assert.Equal(0xE3069283u, Crc32C.Of(Encoding.ASCII.GetBytes("123456789")));
        Assert.Equal(0x8A9136AAu, Crc32C.Of(new byte[32]));                                  // RFC 3720 §B.4
        Assert.Equal(0x46DD794Eu, Crc32C.Of([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(7), InlineData(767), InlineData(768), InlineData(769), InlineData(5000), InlineData(12_288), InlineData(40_001)]
    public void Interleaved_streams_give_what_one_bit_at_a_time_gives(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        uint slow = ~0u;
        foreach (byte b in bytes)
        {
            slow ^= b;
            for (int bit = 0; bit < 8; bit++)
                slow = (slow >> 1) ^ ((slow & 1) != 0 ? 0x82F63B78 : 0);
        }

        Assert.Equal(~slow, Crc32C.Append(0, bytes));
        Assert.Equal(~slow, Crc32C.Append(Crc32C.Append(0, bytes.AsSpan(0, length / 3)), bytes.AsSpan(length / 3)));
    }

    [Fact]
    public void Checksums_of_parts_give_that_of_the_whole() =>
        Prop.ForAll(Gen.Choose(0, 1 << 17).Two().ToArbitrary(), lengths =>
        {
            var (first, second) = lengths;
            byte[] bytes = new byte[first + second];
            new Random(HashCode.Combine(first, second)).NextBytes(bytes);
            return (Crc32C.Shift(Crc32C.Of(bytes.AsSpan(0, first)), second) ^ Crc32C.Of(bytes.AsSpan(first))) == Crc32C.Of(bytes);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0), InlineData(1), InlineData((1 << 24) + 1), InlineData(int.MaxValue)]
    public void A_checksum_moves_past_any_number_of_bytes_one_by_one_or_at_once(int bytes)
    {
        const uint Checksum = 0xDEADBEEF;
        int half = bytes / 2;
        Assert.Equal(Crc32C.Shift(Checksum, bytes), Crc32C.Shift(Crc32C.Shift(Checksum, half), bytes - half));
        if (bytes <= 1 << 25)
            Assert.Equal(Crc32C.Append(Checksum, new byte[bytes]), Crc32C.Shift(Checksum, bytes) ^ Crc32C.Of(new byte[bytes]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Crc32C.Shift(Checksum, -1));
    }
}
