using System.Buffers.Binary;

namespace Vms.Containers.Mp4;

/// <summary>Walks the payloads of a fragment as <see cref="Fmp4FragmentBuilder"/> writes it: track by track, in decode order. Safe for any input.</summary>
internal ref struct StoredSamples
{
    /// <summary>data-offset, sample-duration, -size, -flags; and composition-time-offsets.</summary>
    private const uint WithoutOffsets = 0x0701;
    private const uint WithOffsets = 0x0F01;

    private readonly ReadOnlySpan<byte> _payloads;
    private BoxReader _moof;
    private ReadOnlySpan<byte> _entries;        // of the `trun` at hand, what is left of it
    private int _entryBytes;
    private int _position;                      // in the payloads
    private bool _broken;

    /// <param name="content">`moof`, `mdat`, and the zeros that fill the block; anything else is no fragment.</param>
    public StoredSamples(ReadOnlySpan<byte> content)
    {
        _broken = true;
        var top = new BoxReader(content);
        if (!top.Next() || !top.Is("moof"u8)) return;
        Moof = top.Payload;
        _moof = new BoxReader(Moof);
        if (!_moof.Next() || !_moof.Is("mfhd"u8) || !top.Next() || !top.Is("mdat"u8)) return;
        _payloads = top.Payload;
        int end = top.PayloadOffset + top.Payload.Length;
        if (end < content.Length)
        {
            if (!top.Next() || !top.Is("free"u8) || top.Payload.ContainsAnyExcept((byte)0)) return;
            end = top.PayloadOffset + top.Payload.Length;
        }

        _broken = end != content.Length;
    }

    /// <summary>Payload of the `moof`: all that is known of the samples but their payloads.</summary>
    public ReadOnlySpan<byte> Moof { get; }

    public ReadOnlySpan<byte> Payload { get; private set; }

    /// <summary>All samples were read, and their payloads are all that there is.</summary>
    public readonly bool IsComplete => !_broken && _entries.IsEmpty && _position == _payloads.Length;

    public bool Next()
    {
        while (!_broken && _entries.IsEmpty)
        {
            if (!_moof.Next()) return false;
            _broken = !_moof.Is("traf"u8) || !TryBeginTrack(_moof.Payload);
        }

        if (_broken) return false;
        uint size = BinaryPrimitives.ReadUInt32BigEndian(_entries[4..]);
        _broken = size > _payloads.Length - _position;
        if (_broken) return false;
        Payload = _payloads.Slice(_position, (int)size);
        _position += (int)size;
        _entries = _entries[_entryBytes..];
        return true;
    }

    private bool TryBeginTrack(ReadOnlySpan<byte> traf)
    {
        if (!BoxReader.TryFind(traf, "trun"u8, out var trun) || trun.Length < 12) return false;
        uint flags = BinaryPrimitives.ReadUInt32BigEndian(trun) & 0xFFFFFF;
        if (flags is not (WithoutOffsets or WithOffsets)) return false;
        _entryBytes = flags == WithOffsets ? 16 : 12;
        uint count = BinaryPrimitives.ReadUInt32BigEndian(trun[4..]);
        _entries = trun[12..];
        return count > 0 && _entries.Length == count * (long)_entryBytes;
    }
}
