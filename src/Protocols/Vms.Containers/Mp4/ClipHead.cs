using System.Buffers;
using Vms.Codecs;

namespace Vms.Containers.Mp4;

/// <summary>One seekable piece of a clip: fragments from a keyframe to the next.</summary>
/// <param name="Bytes">Of all its fragments; below 2 GiB.</param>
/// <param name="DurationTicks">How long it is shown, up to the next piece, holes included; 90 kHz.</param>
public readonly record struct ClipPiece(int Bytes, uint DurationTicks);

/// <summary>The head of a progressive MP4 whose body is stored fragments: `ftyp` + `moov` with an edit list + `sidx`.</summary>
public static class ClipHead
{
    /// <summary>`sidx` counts its pieces in 16 bits.</summary>
    public const int MaxPieces = ushort.MaxValue;

    /// <param name="tracks">Per track the versions of its codec parameters, in the order of sample_description_index.</param>
    /// <param name="shownFromTicks">Media time at which the presentation begins, at or after the first picture; 90 kHz.</param>
    /// <param name="shownTicks">Length of the presentation.</param>
    /// <param name="pieces">The body, without holes between them.</param>
    public static void Write(
        IBufferWriter<byte> destination, IReadOnlyList<IReadOnlyList<TrackInfo>> tracks, long shownFromTicks, long shownTicks,
        IReadOnlyList<ClipPiece> pieces)
    {
        if (pieces.Count > MaxPieces) throw new ArgumentException("Too many pieces for one index", nameof(pieces));

        var box = new BoxWriter(2048 + pieces.Count * 12);
        MovieHeaderWriter.Write(box, tracks, new Presentation(shownFromTicks, shownTicks));
        WriteSegmentIndex(box, pieces);
        destination.Write(box.Written);
    }

    /// <summary>ISO/IEC 14496-12 §8.16.3.</summary>
    private static void WriteSegmentIndex(BoxWriter box, IReadOnlyList<ClipPiece> pieces)
    {
        int sidx = box.BeginFull("sidx"u8, 1, 0);
        box.U32(Fmp4Writer.TrackIdAt(0));               // reference_ID
        box.U32(FragmentEntry.TicksPerSecond);
        box.U64(0);                                     // earliest_presentation_time: behind the edit list, as players take it
        box.U64(0);                                     // first_offset: right behind this box
        box.U16(0);
        box.U16((ushort)pieces.Count);
        foreach (var piece in pieces)
        {
            box.U32((uint)piece.Bytes);                 // reference_type 0: media
            box.U32(piece.DurationTicks);
            box.U32(0x9000_0000);                       // starts_with_SAP, SAP_type 1, SAP_delta_time 0
        }

        box.End(sidx);
    }
}
