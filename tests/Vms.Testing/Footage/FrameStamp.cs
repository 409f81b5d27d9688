using System.Buffers.Text;
using Vms.Codecs;

namespace Vms.Testing.Footage;

/// <summary>
/// The stamp every frame of a fake camera carries in an SEI (user_data_unregistered): <c>VMSSIM c=00001 n=0000000042
/// t=0000123456789012</c>: camera, frame number, monotonic nanoseconds when it was sent. Found anywhere downstream, also in
/// files and in memory, so that lost and doubled frames can be counted.
/// </summary>
public readonly record struct FrameStamp(int Camera, uint Frame, long SentNs)
{
    private const int CameraAt = 9;
    private const int CameraDigits = 5;
    private const int FrameAt = 17;
    private const int FrameDigits = 10;
    private const int SentAt = 30;
    private const int SentDigits = 16;
    private const int TextLength = SentAt + SentDigits;
    private const byte UserDataUnregistered = 5;

    /// <summary>Bytes of the SEI NAL unit; one more for H.265.</summary>
    public const int SeiLength = 1 + 2 + 16 + TextLength + 1;

    private static ReadOnlySpan<byte> Magic => "VMSSIM c="u8;

    // The first 16 bytes: the UUID "VMSSIM-LATENCY-1" in ASCII.
    private static ReadOnlySpan<byte> Uuid => "VMSSIM-LATENCY-1"u8;

    /// <summary>Monotonic nanoseconds, comparable between the processes of one machine on Linux.</summary>
    public static long NowNs => (long)((Int128)TimeProvider.System.GetTimestamp() * 1_000_000_000 / TimeProvider.System.TimestampFrequency);

    /// <summary>The stamp as an SEI NAL unit. Digits hold no zeros in a row, so nothing needs escaping.</summary>
    public byte[] ToSei(CodecKind codec = CodecKind.H264)
    {
        Span<byte> text = stackalloc byte[TextLength];
        Write(text);
        // NAL header (H.265: prefix SEI), the message, rbsp_trailing_bits
        return codec == CodecKind.H265
            ? [0x4E, 0x01, UserDataUnregistered, 16 + TextLength, .. Uuid, .. text, 0x80]
            : [0x06, UserDataUnregistered, 16 + TextLength, .. Uuid, .. text, 0x80];
    }

    /// <summary>Writes the text, <see cref="TextLength"/> bytes.</summary>
    public void Write(Span<byte> text)
    {
        Magic.CopyTo(text);
        Digits(text.Slice(CameraAt, CameraDigits), (ulong)Camera);
        " n="u8.CopyTo(text[(CameraAt + CameraDigits)..]);
        Digits(text.Slice(FrameAt, FrameDigits), Frame);
        " t="u8.CopyTo(text[(FrameAt + FrameDigits)..]);
        Digits(text.Slice(SentAt, SentDigits), (ulong)SentNs);
    }

    /// <summary>All stamps in any bytes: a sample, a segment file, a dump.</summary>
    public static IReadOnlyList<FrameStamp> FindAll(ReadOnlySpan<byte> bytes)
    {
        var stamps = new List<FrameStamp>();
        for (int at = bytes.IndexOf(Magic); at >= 0;)
        {
            if (TryParse(bytes[at..], out var stamp))
                stamps.Add(stamp);
            bytes = bytes[(at + Magic.Length)..];
            at = bytes.IndexOf(Magic);
        }

        return stamps;
    }

    /// <summary>The first stamp in any bytes.</summary>
    public static bool TryFind(ReadOnlySpan<byte> bytes, out FrameStamp stamp)
    {
        int at = bytes.IndexOf(Magic);
        stamp = default;
        return at >= 0 && TryParse(bytes[at..], out stamp);
    }

    /// <summary>Offset of the text in <paramref name="bytes"/>, or -1.</summary>
    internal static int IndexIn(ReadOnlySpan<byte> bytes) => bytes.IndexOf(Magic);

    public override string ToString() => $"VMSSIM c={Camera:D5} n={Frame:D10} t={SentNs:D16}";

    private static bool TryParse(ReadOnlySpan<byte> text, out FrameStamp stamp)
    {
        stamp = default;
        if (text.Length < TextLength
            || !Utf8Parser.TryParse(text.Slice(CameraAt, CameraDigits), out int camera, out _)
            || !Utf8Parser.TryParse(text.Slice(FrameAt, FrameDigits), out uint frame, out _)
            || !Utf8Parser.TryParse(text.Slice(SentAt, SentDigits), out long sent, out _))
        {
            return false;
        }

        stamp = new FrameStamp(camera, frame, sent);
        return true;
    }

    private static void Digits(Span<byte> text, ulong number)
    {
        for (int i = text.Length - 1; i >= 0; i--)
        {
            text[i] = (byte)('0' + (number % 10));
            number /= 10;
        }
    }
}
