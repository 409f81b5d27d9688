using System.Buffers.Binary;

namespace Vms.Recorder.Writing;

/// <summary>Segment ids of one stream: UUIDs of version 7 that always ascend, also when the wall clock is set back. Their order is the
/// recording order.</summary>
internal struct SegmentIds(Guid? last)
{
    private long _lastMs = last is { } id ? MillisecondsOf(id) : 0;

    public Guid Next(DateTimeOffset now)
    {
        _lastMs = Math.Max(now.ToUnixTimeMilliseconds(), _lastMs + 1);
        return Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(_lastMs));
    }

    private static long MillisecondsOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return (long)(BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16);
    }
}
