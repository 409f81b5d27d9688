using System.Buffers.Binary;

namespace Vms.Containers.Mp4;

/// <summary>Walks the samples of one track in a fragment as <see cref="Fmp4FragmentBuilder"/> writes it, with their times. Safe for any input.</summary>
public ref struct StoredTrack
{
    private const uint WithOffsets = 0x0F01;
    private const uint WithoutOffsets = 0x0701;
    private const int EntryBytes = 12;              // sample_duration, _size, _flags
    private const int EntryBytesWithOffset = 16;    // and _composition_time_offset

    private readonly int _entryBytes;
    private ReadOnlySpan<byte> _entries;        // of the `trun`, what is left of it
    private ReadOnlySpan<byte> _payloads;       // what is left of them
    private int _nextOffset;
    private long _nextTime;

    /// <summary>Finds the track; without a sample of it the first <see cref="Next"/> is false.</summary>
    /// <param name="fragment">As stored: `uuid` + `moof` + `mdat`.</param>
    /// <param name="trackIndex">Position in the segment's track table.</param>
    public StoredTrack(ReadOnlySpan<byte> fragment, int trackIndex)
    {
        if (!FragmentHeader.TryRead(fragment, out _)) return;
        int contentOffset = FragmentHeader.SizeAt(fragment);
        var content = fragment[contentOffset..];
        if (!BoxReader.TryFind(content, "moof"u8, out var moof)) return;
        var tracks = new BoxReader(moof);
        while (tracks.Next("traf"u8))
        {
            var traf = tracks.Payload;
            if (!BoxReader.TryFind(traf, "tfhd"u8, out var tfhd) || tfhd.Length < 8
                || BinaryPrimitives.ReadUInt32BigEndian(tfhd[4..]) != Fmp4Writer.TrackIdAt(trackIndex)) continue;
            if (!BoxReader.TryFind(traf, "tfdt"u8, out var tfdt) || tfdt.Length != 12
                || !BoxReader.TryFind(traf, "trun"u8, out var trun) || trun.Length < 12) return;

            uint flags = BinaryPrimitives.ReadUInt32BigEndian(trun) & 0xFFFFFF;
            uint offset = BinaryPrimitives.ReadUInt32BigEndian(trun[8..]);
            if (flags is not (WithOffsets or WithoutOffsets) || offset > content.Length) return;
            _entryBytes = flags == WithOffsets ? EntryBytesWithOffset : EntryBytes;
            _entries = trun[12..];
            _payloads = content[(int)offset..];
            _nextOffset = contentOffset + (int)offset;
            _nextTime = BinaryPrimitives.ReadInt64BigEndian(tfdt[4..]);
            return;
        }
    }

    /// <summary>Decode time of the sample, in the track's timescale on the segment's timeline; that of sound is its presentation time.</summary>
    public long Time { get; private set; }

    /// <summary>Up to the next sample, as far as it is known.</summary>
    public int Ticks { get; private set; }

    /// <summary>By how much the sample is shown later than it is decoded, in the track's timescale.</summary>
    public int CompositionOffset { get; private set; }

    /// <summary>Decoding can start with the sample.</summary>
    public bool IsSync { get; private set; }

    /// <summary>Where <see cref="Payload"/> begins in the fragment; the track's payloads follow each other without a hole.</summary>
    public int PayloadOffset { get; private set; }

    public ReadOnlySpan<byte> Payload { get; private set; }

    public bool Next()
    {
        if (_entries.Length < _entryBytes || _entries.IsEmpty) return false;
        uint size = BinaryPrimitives.ReadUInt32BigEndian(_entries[4..]);
        if (size > _payloads.Length) return false;
        Time = _nextTime;
        Ticks = BinaryPrimitives.ReadInt32BigEndian(_entries);
        _nextTime += Ticks;
        IsSync = (BinaryPrimitives.ReadUInt32BigEndian(_entries[8..]) & SampleDependency.IsNonSync) == 0;
        CompositionOffset = _entryBytes == EntryBytesWithOffset ? BinaryPrimitives.ReadInt32BigEndian(_entries[12..]) : 0;
        PayloadOffset = _nextOffset;
        _nextOffset += (int)size;
        Payload = _payloads[..(int)size];
        _payloads = _payloads[(int)size..];
        _entries = _entries[_entryBytes..];
        return true;
    }
}
