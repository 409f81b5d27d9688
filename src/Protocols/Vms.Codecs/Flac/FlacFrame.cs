using System.Buffers.Binary;

namespace Vms.Codecs.Flac;

/// <summary>Wraps 16-bit samples in FLAC frames without compressing them (RFC 9639): what browsers play where they do not play the samples
/// themselves. Blocks of any length up to <see cref="MaxBlock"/>.</summary>
public static class FlacFrame
{
    public const int StreamInfoBytes = 34;

    /// <summary>Samples per channel in a frame.</summary>
    public const int MaxBlock = 4096;

    public const int MaxChannels = 8;

    private const int MinBlock = 16;            // what STREAMINFO may say at least; the last block may be shorter
    private const int BitsPerSample = 16;
    private const byte Verbatim = 1 << 1;       // §9.2.1
    private const byte Constant = 0;
    private const int MaxNumberBytes = 7;
    private const int MaxHeaderBytes = 4 + MaxNumberBytes + 2 + 1;
    private const ulong NumberMask = 0xF_FFFF_FFFF;

    /// <summary>§8.2; no total length, no checksum.</summary>
    public static byte[] StreamInfo(int rate, int channels)
    {
        var info = new byte[StreamInfoBytes];
        BinaryPrimitives.WriteUInt16BigEndian(info, MinBlock);
        BinaryPrimitives.WriteUInt16BigEndian(info.AsSpan(2), MaxBlock);
        // 20 bits of rate, 3 of channels, 5 of sample size, 36 of total samples
        BinaryPrimitives.WriteUInt64BigEndian(
            info.AsSpan(10), (ulong)rate << 44 | (ulong)(channels - 1) << 41 | (ulong)(BitsPerSample - 1) << 36);
        return info;
    }

    /// <param name="streamInfo">As <see cref="StreamInfo"/> gives it.</param>
    public static int ChannelsOf(ReadOnlySpan<byte> streamInfo) => (streamInfo[12] >> 1 & 7) + 1;

    public static int MaxBytes(int block, int channels) => MaxHeaderBytes + channels * (1 + 2 * block) + 2;

    /// <summary>What <see cref="Write"/> makes of so many samples of each channel.</summary>
    public static int BytesOf(int block, int channels, long firstSample) =>
        MaxHeaderBytes - MaxNumberBytes + NumberBytes((ulong)firstSample & NumberMask) + channels * (1 + 2 * block) + 2;

    /// <summary>Writes one frame.</summary>
    /// <param name="samples">Channels in turn; at most <see cref="MaxBlock"/> of each.</param>
    /// <param name="firstSample">Number of the first one in the stream.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(ReadOnlySpan<short> samples, int channels, long firstSample, Span<byte> destination)
    {
        int block = samples.Length / channels;
        int at = WriteHeader(block, channels, firstSample, destination);
        for (int channel = 0; channel < channels; channel++)
        {
            destination[at++] = Verbatim;
            for (int i = channel; i < samples.Length; i += channels, at += 2)
                BinaryPrimitives.WriteInt16BigEndian(destination[at..], samples[i]);
        }

        return Finish(destination, at);
    }

    /// <summary>Writes one frame in which nothing is heard.</summary>
    public static int WriteSilence(int block, int channels, long firstSample, Span<byte> destination)
    {
        int at = WriteHeader(block, channels, firstSample, destination);
        for (int channel = 0; channel < channels; channel++)
        {
            destination[at++] = Constant;
            destination[at++] = 0;
            destination[at++] = 0;
        }

        return Finish(destination, at);
    }

    /// <summary>§9.1: blocks of different lengths, so that the frame carries the number of its first sample.</summary>
    private static int WriteHeader(int block, int channels, long firstSample, Span<byte> destination)
    {
        destination[0] = 0xFF;
        destination[1] = 0xF9;
        destination[2] = 0b0111_0000;                               // length in 16 bits below, rate as in STREAMINFO
        destination[3] = (byte)(channels - 1 << 4 | 0b100 << 1);    // independent channels, 16 bits
        int at = 4 + WriteNumber((ulong)firstSample & NumberMask, destination[4..]);
        BinaryPrimitives.WriteUInt16BigEndian(destination[at..], (ushort)(block - 1));
        at += 2;
        destination[at] = Crc8(destination[..at]);
        return at + 1;
    }

    private static int Finish(Span<byte> destination, int at)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination[at..], Crc16(destination[..at]));
        return at + 2;
    }

    /// <summary>§9.1.5: as UTF-8 would, up to 36 bits.</summary>
    private static int WriteNumber(ulong number, Span<byte> destination)
    {
        if (number < 0x80)
        {
            destination[0] = (byte)number;
            return 1;
        }

        int length = NumberBytes(number);
        for (int i = length - 1; i > 0; i--, number >>= 6)
            destination[i] = (byte)(0x80 | number & 0x3F);
        destination[0] = (byte)(0xFF << 8 - length | (int)number);
        return length;
    }

    private static int NumberBytes(ulong number)
    {
        if (number < 0x80)
            return 1;
        int length = 2;
        while (length < MaxNumberBytes && number >= 1UL << 5 * length + 1)
            length++;
        return length;
    }

    /// <summary>x^8 + x^2 + x + 1.</summary>
    private static byte Crc8(ReadOnlySpan<byte> bytes)
    {
        int crc = 0;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
                crc = crc << 1 ^ ((crc & 0x80) != 0 ? 0x107 : 0);
        }

        return (byte)crc;
    }

    private static readonly ushort[] s_crc16 = [.. Enumerable.Range(0, 256).Select(Crc16Of)];

    /// <summary>x^16 + x^15 + x^2 + 1.</summary>
    private static ushort Crc16(ReadOnlySpan<byte> bytes)
    {
        int crc = 0;
        foreach (byte b in bytes)
            crc = (crc << 8 ^ s_crc16[crc >> 8 & 0xFF ^ b]) & 0xFFFF;
        return (ushort)crc;
    }

    private static ushort Crc16Of(int value)
    {
        int crc = value << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = crc << 1 ^ ((crc & 0x8000) != 0 ? 0x18005 : 0);
        return (ushort)crc;
    }
}
