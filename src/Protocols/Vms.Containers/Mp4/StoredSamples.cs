using System.Buffers.Binary;

namespace Vms.Containers.Mp4;

/// <summary>Walks the samples of a fragment as <see cref="Fmp4FragmentBuilder"/> writes it: track by track, in decode order. Safe for any input.</summary>
internal ref struct StoredSamples
{
    private readonly ReadOnlySpan<byte> _payloads;
    private BoxReader _moof;
    private ReadOnlySpan<byte> _entries;        // of the `trun` at hand, what is left of it
    private bool _hasOffsets;
    private int _position;                      // in the payloads
    private long _nextDts;
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

    /// <summary>Payload of the `moof`.</summary>
    public ReadOnlySpan<byte> Moof { get; }

    public uint TrackId { get; private set; }

    /// <summary>In the track's timescale, as are the other times.</summary>
    public long Dts { get; private set; }

    public long Pts { get; private set; }

    public bool IsSync { get; private set; }

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
        uint duration = BinaryPrimitives.ReadUInt32BigEndian(_entries);
        uint size = BinaryPrimitives.ReadUInt32BigEndian(_entries[4..]);
        IsSync = BinaryPrimitives.ReadUInt32BigEndian(_entries[8..]) == SampleDependency.Sync;
        Dts = _nextDts;
        Pts = Dts + (_hasOffsets ? BinaryPrimitives.ReadUInt32BigEndian(_entries[12..]) : 0);
        _broken = size > _payloads.Length - _position;
        if (_broken) return false;
        Payload = _payloads.Slice(_position, (int)size);
        _position += (int)size;
        _nextDts += duration;
        _entries = _entries[EntryBytes..];
        return true;
    }

    private readonly int EntryBytes => _hasOffsets ? 16 : 12;

    private bool TryBeginTrack(ReadOnlySpan<byte> traf)
    {
        var reader = new BoxReader(traf);
        if (!reader.Next() || !reader.Is("tfhd"u8) || reader.Payload.Length != 12) return false;
        TrackId = BinaryPrimitives.ReadUInt32BigEndian(reader.Payload[4..]);
        if (!reader.Next() || !reader.Is("tfdt"u8) || reader.Payload.Length != 12) return false;
        _nextDts = BinaryPrimitives.ReadInt64BigEndian(reader.Payload[4..]);
        if (!reader.Next() || !reader.Is("trun"u8) || reader.Payload.Length < 12) return false;
        uint flags = BinaryPrimitives.ReadUInt32BigEndian(reader.Payload) & 0xFFFFFF;
        if (flags is not (0x0F01 or 0x0701)) return false;
        _hasOffsets = flags == 0x0F01;
        uint count = BinaryPrimitives.ReadUInt32BigEndian(reader.Payload[4..]);
        _entries = reader.Payload[12..];
        return count > 0 && _entries.Length == count * (long)EntryBytes;
    }
}
