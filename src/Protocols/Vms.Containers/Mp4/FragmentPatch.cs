using System.Buffers.Binary;
using Vms.Codecs;

namespace Vms.Containers.Mp4;

/// <summary>
/// Moves a stored fragment to another timeline while it is sent. Only fields of constant length change, so that lengths are
/// known without opening the file: the sequence number, decode times, sample description indexes; and our `uuid` box, which
/// describes the fragment as it is stored, becomes `free`.
/// </summary>
/// <param name="FragmentNumber">The new `mfhd` sequence_number.</param>
/// <param name="ShiftTicks">Added to every decode time; 90 kHz.</param>
/// <param name="Tracks">Of the segment, for their timescales.</param>
/// <param name="SampleDescriptions">Per track its new sample_description_index; null leaves 1.</param>
public readonly record struct FragmentPatch(
    uint FragmentNumber, long ShiftTicks, IReadOnlyList<TrackInfo> Tracks, IReadOnlyList<uint>? SampleDescriptions)
{
    /// <param name="fragment">`uuid` + `moof` + `mdat` as stored; changed in place.</param>
    /// <returns>False when this is not a fragment that <see cref="Fmp4FragmentBuilder"/> wrote for such tracks.</returns>
    public bool TryApply(Span<byte> fragment)
    {
        if (!FragmentHeader.TryRead(fragment, out _)) return false;

        int moofStart = FragmentHeader.SizeAt(fragment);
        var top = new BoxReader(fragment[moofStart..]);
        if (!top.Next() || !top.Is("moof"u8)) return false;

        int moofPayload = moofStart + top.PayloadOffset;
        var moof = new BoxReader(top.Payload);
        if (!moof.Next() || !moof.Is("mfhd"u8) || moof.Payload.Length != 8) return false;

        BinaryPrimitives.WriteUInt32BigEndian(fragment[(moofPayload + moof.PayloadOffset + 4)..], FragmentNumber);
        while (moof.Next("traf"u8))
        {
            if (!TryMoveTrack(fragment.Slice(moofPayload + moof.PayloadOffset, moof.Payload.Length))) return false;
        }

        "free"u8.CopyTo(fragment[4..]);
        return true;
    }

    private bool TryMoveTrack(Span<byte> traf)
    {
        var reader = new BoxReader(traf);
        if (!reader.Next() || !reader.Is("tfhd"u8) || reader.Payload.Length != 12) return false;
        uint index = BinaryPrimitives.ReadUInt32BigEndian(reader.Payload[4..]) - Fmp4Writer.TrackIdAt(0);
        if (index >= Tracks.Count) return false;

        int description = reader.PayloadOffset + 8;
        if (!reader.Next() || !reader.Is("tfdt"u8) || reader.Payload.Length != 12) return false;
        int time = reader.PayloadOffset + 4;
        long shift = MediaTime.Rescale(ShiftTicks, FragmentEntry.TicksPerSecond, Tracks[(int)index].Timescale);
        long dts = BinaryPrimitives.ReadInt64BigEndian(traf[time..]);
        BinaryPrimitives.WriteInt64BigEndian(traf[time..], Math.Max(0, dts + shift));
        if (SampleDescriptions is not null) BinaryPrimitives.WriteUInt32BigEndian(traf[description..], SampleDescriptions[(int)index]);
        return true;
    }
}
