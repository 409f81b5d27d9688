using System.Buffers.Binary;
using System.Security.Cryptography;
using Vms.Codecs;

namespace Vms.StreamLog.Tests;

/// <summary>A directory of its own for one test, and samples whose content follows from their sequence number.</summary>
public sealed class LogFixture : IDisposable
{
    public const string Name = "cam-1.main";

    private readonly string _path = System.IO.Path.Combine("/dev/shm", "vms-test-" + Guid.NewGuid().ToString("n")[..12]);

    public LogFixture()
    {
        if (!System.IO.Directory.Exists("/dev/shm"))
            _path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetFileName(_path));
        Directory = new StreamLogDirectory(_path);
    }

    public StreamLogDirectory Directory { get; }

    public string LogPath => System.IO.Path.Combine(_path, Name + ".ring");

    /// <summary>A log that never grows.</summary>
    public static StreamLogOptions Fixed(long bytes) => new() { InitialCapacityBytes = bytes, MaxCapacityBytes = bytes };

    public StreamLogWriter OpenWriter(StreamLogOptions options, TimeProvider? time = null) =>
        StreamLogWriter.Open(Directory, Name, options, time ?? TimeProvider.System);

    public StreamLogReader OpenReader(TimeProvider? time = null)
    {
        Assert.True(StreamLogReader.TryOpen(Directory, Name, time ?? TimeProvider.System, out StreamLogReader? reader));
        return reader;
    }

    public static readonly TrackInfo Video = new(0, CodecKind.H264, 90_000, new byte[] { 1, 0x64, 0, 0x1F }, 1920, 1080);
    public static readonly TrackInfo Audio = new(1, CodecKind.PcmA, 8_000, ReadOnlyMemory<byte>.Empty, 0, 0);

    /// <summary>The sample that a test writer appends as number <paramref name="sequence"/>: a keyframe every <paramref name="gop"/>.</summary>
    public static SampleHeader HeaderOf(long sequence, int gop = 10) => new(
        0, sequence % gop == 1 || gop == 1 ? SampleFlags.Keyframe : SampleFlags.None, GapCause.None, 1, sequence * 3600, sequence * 40_000);

    /// <summary>Fills a payload: SHA-256 of the rest, then a stream that only this sequence number has.</summary>
    public static void FillPayload(Span<byte> payload, long sequence)
    {
        ulong state = (ulong)sequence * 0x9E3779B97F4A7C15 + 1;
        Span<byte> body = payload.Length > 32 ? payload[32..] : payload;
        for (int i = 0; i + 8 <= body.Length; i += 8)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            BinaryPrimitives.WriteUInt64LittleEndian(body[i..], state);
        }

        for (int i = body.Length & ~7; i < body.Length; i++)
            body[i] = (byte)(sequence + i);
        if (payload.Length > 32)
            SHA256.HashData(body, payload);
    }

    public static byte[] PayloadOf(long sequence, int length)
    {
        var payload = new byte[length];
        FillPayload(payload, sequence);
        return payload;
    }

    public static bool IsIntact(ReadOnlySpan<byte> payload)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(payload[32..], hash);
        return payload.Length > 32 && hash.SequenceEqual(payload[..32]);
    }

    /// <summary>Appends the next sample of the test's stream.</summary>
    public static AppendResult AppendNext(StreamLogWriter writer, int length = 100, int gop = 10) =>
        writer.Append(HeaderOf(writer.NextSequence, gop), PayloadOf(writer.NextSequence, length));

    public void Dispose() => System.IO.Directory.Delete(_path, recursive: true);
}
