using System.Buffers.Binary;
using Vms.Codecs;

namespace Vms.Containers.Mp4;

/// <summary>
/// Moves a stored fragment to another timeline while it is sent. Fields of constant length change (the sequence number, decode
/// times, sample description indexes), and our `uuid` box, which describes the fragment as it is stored, becomes `free`. At most
/// the parameter sets come on top, so that the length is known without opening the file.
/// </summary>
/// <param name="FragmentNumber">The new `mfhd` sequence_number.</param>
/// <param name="ShiftTicks">Added to every decode time; 90 kHz.</param>
/// <param name="Tracks">Of the segment, for their timescales.</param>
/// <param name="SampleDescriptions">Per track its new sample_description_index.</param>
/// <param name="ParameterSets">Length-prefixed NAL units that go in front of the first sample; see <see cref="InBandParameterSets"/>.</param>
public readonly record struct FragmentPatch(
    uint FragmentNumber, long ShiftTicks, IReadOnlyList<TrackInfo> Tracks, IReadOnlyList<uint> SampleDescriptions,
    ReadOnlyMemory<byte> ParameterSets)
{
    /// <summary>Tracks that are not to be seen: bit n is track n. Their `traf` becomes `free`, their payload stays and belongs to nobody; a
    /// fragment of which nothing else is left is `free` as a whole.</summary>
    public byte LeftOut { get; init; }

    /// <param name="buffer">The stored fragment (`uuid` + `moof` + `mdat` + `free`), and room for the parameter sets behind it. Changed in place.</param>
    /// <returns>False when this is not a fragment that <see cref="Fmp4FragmentBuilder"/> wrote for such tracks.</returns>
    public bool TryApply(Span<byte> buffer)
    {
        var fragment = buffer[..^ParameterSets.Length];
        if (!FragmentHeader.TryRead(fragment, out _)) return false;

        int moofStart = FragmentHeader.SizeAt(fragment);
        var top = new BoxReader(fragment[moofStart..]);
        if (!top.Next() || !top.Is("moof"u8)) return false;

        int moofPayload = moofStart + top.PayloadOffset;
        var moof = new BoxReader(top.Payload);
        if (!moof.Next() || !moof.Is("mfhd"u8) || moof.Payload.Length != 8) return false;

        BinaryPrimitives.WriteUInt32BigEndian(fragment[(moofPayload + moof.PayloadOffset + 4)..], FragmentNumber);
        bool first = true;
        int left = 0;
        while (moof.Next("traf"u8))
        {
            int start = moofPayload + moof.PayloadOffset;
            if (!TryMoveTrack(fragment.Slice(start, moof.Payload.Length), first, out bool leftOut)) return false;
            if (leftOut) Hide(fragment, start);
            else left++;
            first = false;
        }

        if (!top.Next() || !top.Is("mdat"u8)) return false;
        InsertParameterSets(buffer, moofStart + top.PayloadOffset);
        Hide(fragment, 8);
        if (left == 0)
        {
            Hide(fragment, moofPayload);
            Hide(fragment, moofStart + top.PayloadOffset);
        }

        return true;
    }

    /// <summary>Players skip the box with this payload.</summary>
    private static void Hide(Span<byte> fragment, int payload) => "free"u8.CopyTo(fragment[(payload - 4)..]);

    private bool TryMoveTrack(Span<byte> traf, bool first, out bool leftOut)
    {
        leftOut = false;
        var reader = new BoxReader(traf);
        if (!reader.Next() || !reader.Is("tfhd"u8) || reader.Payload.Length != 12) return false;
        uint index = BinaryPrimitives.ReadUInt32BigEndian(reader.Payload[4..]) - Fmp4Writer.TrackIdAt(0);
        if (index >= Tracks.Count) return false;
        leftOut = (LeftOut >> (int)index & 1) != 0;
        BinaryPrimitives.WriteUInt32BigEndian(traf[(reader.PayloadOffset + 8)..], SampleDescriptions[(int)index]);

        if (!reader.Next() || !reader.Is("tfdt"u8) || reader.Payload.Length != 12) return false;
        long shift = MediaTime.Rescale(ShiftTicks, FragmentEntry.TicksPerSecond, Tracks[(int)index].Timescale);
        long dts = BinaryPrimitives.ReadInt64BigEndian(reader.Payload[4..]);
        BinaryPrimitives.WriteInt64BigEndian(traf[(reader.PayloadOffset + 4)..], Math.Max(0, dts + shift));

        // trun: flags, sample_count, data_offset, then per sample duration, size, …
        if (!reader.Next() || !reader.Is("trun"u8) || reader.Payload.Length < 24) return false;
        // The parameter sets make the first sample longer and push the other tracks' data back.
        var grows = traf[(reader.PayloadOffset + (first ? 16 : 8))..];
        BinaryPrimitives.WriteUInt32BigEndian(grows, BinaryPrimitives.ReadUInt32BigEndian(grows) + (uint)ParameterSets.Length);
        return true;
    }

    private void InsertParameterSets(Span<byte> buffer, int payload)
    {
        var size = buffer[(payload - 8)..];
        BinaryPrimitives.WriteUInt32BigEndian(size, BinaryPrimitives.ReadUInt32BigEndian(size) + (uint)ParameterSets.Length);
        buffer[payload..^ParameterSets.Length].CopyTo(buffer[(payload + ParameterSets.Length)..]);
        ParameterSets.Span.CopyTo(buffer[payload..]);
    }
}
