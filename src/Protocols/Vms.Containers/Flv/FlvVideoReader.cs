using System.Buffers.Binary;

namespace Vms.Containers.Flv;

/// <summary>What stands next in the stream.</summary>
public enum FlvRead
{
    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>The decoder configuration record (avcC) of the pictures that follow.</summary>
    Configuration,

    /// <summary>A picture: length-prefixed NAL units.</summary>
    Picture,

    /// <summary>Nobody writes such a stream for us.</summary>
    Malformed,
}

/// <summary>
/// H.264 out of an FLV stream (Adobe Flash Video File Format 10.1, annex E) as it comes through a pipe. Takes any bytes; holds one
/// tag at most, whose length is bounded by the format (16 MiB).
/// </summary>
/// <remarks>Fill <see cref="Room"/>, say how much with <see cref="Filled"/>, then read until <see cref="FlvRead.Incomplete"/>.</remarks>
public sealed class FlvVideoReader
{
    /// <summary>Beyond this a tag is no picture of ours.</summary>
    public const int MaxTagBytes = (1 << 24) - 1;

    private const int HeaderBytes = 9;
    private const int TagHeaderBytes = 11;
    private const int PreviousTagSizeBytes = 4;
    private const int VideoHeaderBytes = 5;
    private const byte VideoTag = 9;
    private const byte Avc = 7;
    private const byte KeyframeType = 1;
    private const int LeastRoom = 64 << 10;

    private byte[] _buffer = new byte[LeastRoom];
    private int _start;
    private int _end;
    private bool _begun;

    /// <summary>Of the last picture.</summary>
    public bool IsKeyframe { get; private set; }

    /// <summary>Of the last picture.</summary>
    public long PresentationMs { get; private set; }

    /// <summary>Where the next bytes of the stream go; never empty.</summary>
    public Memory<byte> Room
    {
        get
        {
            if (_start > 0 && (_start == _end || _buffer.Length - _end < LeastRoom / 2))
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            if (_buffer.Length - _end < LeastRoom / 2)
                Array.Resize(ref _buffer, Math.Min(2 * _buffer.Length, MaxTagBytes + (2 * LeastRoom)));
            return _buffer.AsMemory(_end);
        }
    }

    public void Filled(int bytes) => _end += bytes;

    /// <param name="payload">Valid until the next call of anything.</param>
    public FlvRead TryRead(out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (!_begun)
        {
            const int head = HeaderBytes + PreviousTagSizeBytes;
            var start = Waiting;
            if (start.Length < head)
                return FlvRead.Incomplete;
            if (!start.StartsWith("FLV"u8) || BinaryPrimitives.ReadUInt32BigEndian(start[5..]) != HeaderBytes)
                return FlvRead.Malformed;
            _start += head;
            _begun = true;
        }

        while (true)
        {
            var waiting = Waiting;
            if (waiting.Length < TagHeaderBytes)
                return FlvRead.Incomplete;
            int size = Number24(waiting[1..]);
            int whole = TagHeaderBytes + size + PreviousTagSizeBytes;
            if (waiting.Length < whole)
                return FlvRead.Incomplete;
            _start += whole;
            var tag = waiting.Slice(TagHeaderBytes, size);
            if (waiting[0] != VideoTag)
                continue;
            if (size < VideoHeaderBytes || (tag[0] & 0x0F) != Avc)
                return FlvRead.Malformed;

            payload = tag[VideoHeaderBytes..];
            switch (tag[1])
            {
                case 0:
                    return FlvRead.Configuration;
                case 1 when !payload.IsEmpty:
                    uint decodeMs = (uint)Number24(waiting[4..]) | (uint)waiting[7] << 24;
                    int offset = Number24(tag[2..]) << 8 >> 8;      // signed
                    PresentationMs = decodeMs + (long)offset;
                    IsKeyframe = tag[0] >> 4 == KeyframeType;
                    return FlvRead.Picture;
                default:
                    continue;       // end of sequence
            }
        }
    }

    private ReadOnlySpan<byte> Waiting => _buffer.AsSpan(_start, _end - _start);

    private static int Number24(ReadOnlySpan<byte> bytes) => bytes[0] << 16 | bytes[1] << 8 | bytes[2];
}
