using System.Buffers.Binary;
using Vms.Codecs;
using Vms.Containers.AtRest;
using Vms.Containers.Integrity;

namespace Vms.Containers.Mp4;

/// <summary>
/// What the `uuid` box in front of every stored `moof` says about its fragment: enough to find a torn tail, to rebuild the index
/// and to go on writing, without parsing anything else. Layout in docs/ref/segment-format.md; players skip the box.
/// </summary>
/// <param name="TracksVersion">Version of the track table the samples decode with.</param>
/// <param name="Epoch">Epoch of the stream log the samples came from.</param>
/// <param name="FirstSequence">Stream log sequence of the first sample.</param>
/// <param name="LastSequence">Of the last one; the recorder resumes at the next.</param>
/// <param name="FirstCaptureTimeUs">Capture time of the first sample, UTC microseconds since 1970.</param>
/// <param name="LastCaptureTimeUs">Of the last one.</param>
/// <param name="StartTicks">As <see cref="FragmentEntry.StartTicks"/>.</param>
/// <param name="DurationTicks">As <see cref="FragmentEntry.DurationTicks"/>.</param>
/// <param name="SampleCount">Samples of all tracks.</param>
/// <param name="StartsWithKeyframe">The first sample of the first track is a keyframe.</param>
/// <param name="FragmentNumber">The `mfhd` sequence_number: 1 for the first fragment of a segment.</param>
/// <param name="Length">Bytes of `uuid` + `moof` + `mdat` + `free`.</param>
public readonly record struct FragmentHeader(
    uint TracksVersion, ulong Epoch, long FirstSequence, long LastSequence, long FirstCaptureTimeUs, long LastCaptureTimeUs,
    long StartTicks, int DurationTicks, int SampleCount, bool StartsWithKeyframe, uint FragmentNumber, int Length)
{
    public const byte FormatVersion = 2;
    public const int MaxTracks = 8;

    /// <summary>Size of the box for a number of tracks.</summary>
    public static int SizeOf(int tracks) => SizeOf(tracks, FormatVersion);

    /// <summary>Capture time at which the last sample ends, UTC microseconds since 1970.</summary>
    public long EndUs => Math.Max(LastCaptureTimeUs + 1, FirstCaptureTimeUs + (DurationTicks * 100L / 9));

    public FragmentEntry ToEntry(long offset) =>
        new(offset, Length, StartTicks, DurationTicks, SampleCount, StartsWithKeyframe, FirstCaptureTimeUs);

    /// <summary>4379f4a2-e630-4125-948c-9e5732587337: marks a fragment of ours. Never changes; the version byte behind it does.</summary>
    internal static ReadOnlySpan<byte> UserType =>
        [0x43, 0x79, 0xf4, 0xa2, 0xe6, 0x30, 0x41, 0x25, 0x94, 0x8c, 0x9e, 0x57, 0x32, 0x58, 0x73, 0x37];

    internal const int UserTypePosition = 8;
    internal const int MinBytes = TracksPosition + TrackStateBytes + sizeof(uint);
    /// <summary>The box is never longer.</summary>
    public const int MaxBytes = TracksPosition + MaxTracks * TrackStateBytes + ChainLink.Bytes + sizeof(uint);

    private const byte WithoutChain = 1;    // the version before
    private const int ContentChecksumPosition = 96;
    private const int TracksPosition = 100;
    private const int TrackStateBytes = 24;
    private const byte KeyframeFlag = 1;
    private const byte SignedFlag = 2;
    private const byte FormFlags = (byte)(StoredForm.Encrypted | StoredForm.Matroska);

    private static int SizeOf(int tracks, byte version) =>
        ChainPosition(tracks) + (version == WithoutChain ? 0 : ChainLink.Bytes) + sizeof(uint);

    private static int ChainPosition(int tracks) => TracksPosition + tracks * TrackStateBytes;

    /// <summary>Reads and checks the box at the start of <paramref name="source"/>: type, version, ceilings and its own checksum.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out FragmentHeader header)
    {
        header = default;
        if (source.Length < MinBytes || !source[4..8].SequenceEqual("uuid"u8)
            || !source.Slice(UserTypePosition, UserType.Length).SequenceEqual(UserType) || source[24] is not (WithoutChain or FormatVersion))
        {
            return false;
        }

        int tracks = BinaryPrimitives.ReadUInt16BigEndian(source[26..]);
        if (tracks is 0 or > MaxTracks) return false;
        int size = SizeOf(tracks, source[24]);
        if (BinaryPrimitives.ReadUInt32BigEndian(source) != (uint)size || source.Length < size) return false;
        if (BinaryPrimitives.ReadUInt32BigEndian(source[(size - 4)..]) != Crc32C.Of(source[..(size - 4)])) return false;

        uint length = BinaryPrimitives.ReadUInt32BigEndian(source[92..]);
        uint duration = BinaryPrimitives.ReadUInt32BigEndian(source[80..]);
        uint samples = BinaryPrimitives.ReadUInt32BigEndian(source[84..]);
        if (length <= size || length > GopTable.MaxFragmentBytes || duration > int.MaxValue || samples > int.MaxValue) return false;

        header = new FragmentHeader(
            BinaryPrimitives.ReadUInt32BigEndian(source[28..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[32..]),
            BinaryPrimitives.ReadInt64BigEndian(source[40..]),
            BinaryPrimitives.ReadInt64BigEndian(source[48..]),
            BinaryPrimitives.ReadInt64BigEndian(source[56..]),
            BinaryPrimitives.ReadInt64BigEndian(source[64..]),
            BinaryPrimitives.ReadInt64BigEndian(source[72..]),
            (int)duration,
            (int)samples,
            (source[25] & KeyframeFlag) != 0,
            BinaryPrimitives.ReadUInt32BigEndian(source[88..]),
            (int)length);
        return true;
    }

    /// <summary>The fragment's place in its stream's chain; false when it was written before there were chains.</summary>
    /// <param name="box">What <see cref="TryRead"/> accepted.</param>
    public static bool TryReadLink(ReadOnlySpan<byte> box, out ChainLink link)
    {
        bool has = box[24] != WithoutChain;
        link = has ? new ChainLink(box.Slice(ChainPosition(TracksAt(box)), ChainLink.Bytes), (box[25] & SignedFlag) != 0) : default;
        return has;
    }

    /// <summary>The chain with this fragment; empty when it was written before there were chains.</summary>
    /// <param name="box">As for <see cref="TryReadLink"/>.</param>
    public static ReadOnlySpan<byte> ChainAt(ReadOnlySpan<byte> box) => TryReadLink(box, out var link) ? link.Chain : default;

    /// <summary>In which form the content stands behind the box. In any other than the canonical one the content's checksum is of the bytes that are stored.</summary>
    /// <param name="box">What <see cref="TryRead"/> accepted.</param>
    public static StoredForm FormOf(ReadOnlySpan<byte> box) => (StoredForm)(box[25] & FormFlags);

    /// <summary>The content was brought into another form.</summary>
    internal static void SetForm(Span<byte> box, StoredForm form, uint contentChecksum)
    {
        ClearForm(box);
        box[25] |= (byte)form;
        BinaryPrimitives.WriteUInt32BigEndian(box[ContentChecksumPosition..], contentChecksum);
        BinaryPrimitives.WriteUInt32BigEndian(box[^4..], Crc32C.Of(box[..^4]));
    }

    /// <summary>Leaves what is the same in every form; checksums become zeros.</summary>
    /// <param name="box">The whole box and nothing behind it.</param>
    internal static void ClearForm(Span<byte> box)
    {
        box[25] &= unchecked((byte)~FormFlags);
        box.Slice(ContentChecksumPosition, sizeof(uint)).Clear();
        box[^4..].Clear();
    }

    /// <summary>Size of the box at the start of bytes that <see cref="TryRead"/> accepted.</summary>
    public static int SizeAt(ReadOnlySpan<byte> box) => SizeOf(TracksAt(box), box[24]);

    internal static int TracksAt(ReadOnlySpan<byte> box) => BinaryPrimitives.ReadUInt16BigEndian(box[26..]);

    internal static uint ContentChecksumAt(ReadOnlySpan<byte> box) => BinaryPrimitives.ReadUInt32BigEndian(box[ContentChecksumPosition..]);

    internal static TrackClock TrackClockAt(ReadOnlySpan<byte> box, int track)
    {
        var state = box.Slice(TracksPosition + track * TrackStateBytes, TrackStateBytes);
        return new TrackClock(
            BinaryPrimitives.ReadInt64BigEndian(state),
            BinaryPrimitives.ReadInt64BigEndian(state[8..]),
            (int)BinaryPrimitives.ReadUInt32BigEndian(state[16..]),
            (int)BinaryPrimitives.ReadUInt32BigEndian(state[20..]));
    }

    /// <summary>Where <see cref="ChainLink"/> stands in a box that is being written.</summary>
    internal static Span<byte> LinkOf(Span<byte> box, int tracks) => box.Slice(ChainPosition(tracks), ChainLink.Bytes);

    /// <summary>Fills the whole box. The clocks have been written before with <see cref="WriteTrackClock"/>, the chain into <see cref="LinkOf"/>.</summary>
    internal void Write(Span<byte> box, int tracks, bool signed, uint contentChecksum)
    {
        int size = SizeOf(tracks);
        BinaryPrimitives.WriteUInt32BigEndian(box, (uint)size);
        "uuid"u8.CopyTo(box[4..]);
        UserType.CopyTo(box[UserTypePosition..]);
        box[24] = FormatVersion;
        box[25] = (byte)((StartsWithKeyframe ? KeyframeFlag : 0) | (signed ? SignedFlag : 0));
        BinaryPrimitives.WriteUInt16BigEndian(box[26..], (ushort)tracks);
        BinaryPrimitives.WriteUInt32BigEndian(box[28..], TracksVersion);
        BinaryPrimitives.WriteUInt64BigEndian(box[32..], Epoch);
        BinaryPrimitives.WriteInt64BigEndian(box[40..], FirstSequence);
        BinaryPrimitives.WriteInt64BigEndian(box[48..], LastSequence);
        BinaryPrimitives.WriteInt64BigEndian(box[56..], FirstCaptureTimeUs);
        BinaryPrimitives.WriteInt64BigEndian(box[64..], LastCaptureTimeUs);
        BinaryPrimitives.WriteInt64BigEndian(box[72..], StartTicks);
        BinaryPrimitives.WriteUInt32BigEndian(box[80..], (uint)DurationTicks);
        BinaryPrimitives.WriteUInt32BigEndian(box[84..], (uint)SampleCount);
        BinaryPrimitives.WriteUInt32BigEndian(box[88..], FragmentNumber);
        BinaryPrimitives.WriteUInt32BigEndian(box[92..], (uint)Length);
        BinaryPrimitives.WriteUInt32BigEndian(box[ContentChecksumPosition..], contentChecksum);
        BinaryPrimitives.WriteUInt32BigEndian(box[(size - 4)..], Crc32C.Of(box[..(size - 4)]));
    }

    internal static void WriteTrackClock(Span<byte> box, int track, in TrackClock clock)
    {
        var state = box.Slice(TracksPosition + track * TrackStateBytes, TrackStateBytes);
        BinaryPrimitives.WriteInt64BigEndian(state, clock.PtsOrigin);
        BinaryPrimitives.WriteInt64BigEndian(state[8..], clock.LastDts);
        BinaryPrimitives.WriteUInt32BigEndian(state[16..], (uint)clock.DecodeDelay);
        BinaryPrimitives.WriteUInt32BigEndian(state[20..], (uint)clock.NominalDuration);
    }
}

/// <summary>How a track's stream time becomes the media time of a segment, and where its decode clock stands. In the track's timescale.</summary>
/// <param name="PtsOrigin">Media time = PTS − this.</param>
/// <param name="LastDts">Decode time of the last sample written, media time; -1 before the first.</param>
/// <param name="DecodeDelay">By how much presentation runs behind decoding: 0 without B-frames; never shrinks within a segment.</param>
/// <param name="NominalDuration">Usual distance of two samples.</param>
internal readonly record struct TrackClock(long PtsOrigin, long LastDts, int DecodeDelay, int NominalDuration);
