using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Vms.Codecs;
using Vms.Containers.Matroska;
using Vms.Containers.Mp4;

namespace Vms.Containers.AtRest;

/// <summary>
/// What a Matroska segment begins with: EBML header, Info, Tracks and Tags for players, and inside a Void element the init segment that its fragments
/// belong to in their canonical form. Whole blocks; ends with the beginning of the Void element around the first fragment's header. It has the length of
/// the canonical init segment, which ends in so much more `free`.
/// </summary>
public static class MatroskaHead
{
    private static readonly DateTimeOffset s_epoch = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="label">What the file says about itself.</param>
    public static byte[] Make(IReadOnlyList<TrackInfo> tracks, SegmentLabel? label)
    {
        ArgumentNullException.ThrowIfNull(tracks);
        var head = new ArrayBufferWriter<byte>(FreeBox.BlockBytes);
        EbmlWriter.Begin(head);
        EbmlWriter.Element(head, MatroskaId.Info, Info(label));
        var entries = new ArrayBufferWriter<byte>();
        for (int i = 0; i < tracks.Count; i++) MatroskaTrack.Write(entries, tracks[i], i + 1);
        EbmlWriter.Element(head, MatroskaId.Tracks, entries.WrittenSpan);
        if (label is not null) EbmlWriter.Element(head, MatroskaId.Tags, Tags(label));

        var init = new ArrayBufferWriter<byte>(FreeBox.BlockBytes);
        Fmp4Writer.WriteInit(init, tracks, label: label);
        int used = head.WrittenCount + MatroskaFragment.VoidBytes + init.WrittenCount + MatroskaFragment.VoidBytes;
        byte[] stored = new byte[used + (-used & (FreeBox.BlockBytes - 1))];
        head.WrittenSpan.CopyTo(stored);
        var rest = stored.AsSpan(head.WrittenCount);
        MatroskaFragment.WriteVoid(rest, rest.Length - (2 * MatroskaFragment.VoidBytes));
        init.WrittenSpan.CopyTo(rest[MatroskaFragment.VoidBytes..]);
        MatroskaFragment.WriteVoid(rest[^MatroskaFragment.VoidBytes..], FragmentHeader.SizeOf(tracks.Count));
        return stored;
    }

    /// <summary>Whether a file that begins so is Matroska.</summary>
    public static bool IsOne(ReadOnlySpan<byte> fileStart) => fileStart.Length >= 4 && BinaryPrimitives.ReadUInt32BigEndian(fileStart) == MatroskaId.Ebml;

    /// <summary>Puts the canonical init segment in the place of the head. Nothing happens to a file that is MP4, or begins with no such head.</summary>
    /// <param name="fileStart">The first bytes of the file, with all of the head. Safe for any input.</param>
    public static void Restore(Span<byte> fileStart)
    {
        if (!IsOne(fileStart) || !TryFindVoid(fileStart, out int at) || !MatroskaFragment.TryReadVoid(fileStart[at..], out int content)) return;
        int from = at + MatroskaFragment.VoidBytes;
        int length = from + content + MatroskaFragment.VoidBytes;
        var boxes = new BoxReader(fileStart.Slice(from, content));
        if (length > fileStart.Length || !boxes.Next() || !boxes.Is("ftyp"u8) || !boxes.Next() || !boxes.Is("moov"u8)) return;
        int init = boxes.PayloadOffset + boxes.Payload.Length;
        fileStart.Slice(from, init).CopyTo(fileStart);
        FreeBox.Write(fileStart[init..length]);
    }

    /// <summary>The Void element among those that the segment begins with.</summary>
    private static bool TryFindVoid(ReadOnlySpan<byte> head, out int at)
    {
        at = 0;
        while (head.Length - at >= 12)
        {
            if (head[at] == MatroskaId.Void) return true;
            uint id = BinaryPrimitives.ReadUInt32BigEndian(head[at..]);
            if (id == MatroskaId.Segment)
            {
                at += 12;
                continue;
            }

            if (id is not (MatroskaId.Ebml or MatroskaId.Info or MatroskaId.Tracks or MatroskaId.Tags)) return false;
            ulong size = BinaryPrimitives.ReadUInt64BigEndian(head[(at + 4)..]) & 0x00FF_FFFF_FFFF_FFFF;
            if (size > (ulong)(head.Length - at - 12)) return false;
            at += 12 + (int)size;
        }

        return false;
    }

    private static ReadOnlySpan<byte> Info(SegmentLabel? label)
    {
        var info = new ArrayBufferWriter<byte>();
        EbmlWriter.Number(info, MatroskaId.TimestampScale, 1_000_000);
        var software = Encoding.UTF8.GetBytes(label?.Software ?? "vms");
        EbmlWriter.Element(info, MatroskaId.MuxingApp, software);
        EbmlWriter.Element(info, MatroskaId.WritingApp, software);
        if (label is null) return info.WrittenSpan;
        EbmlWriter.Element(info, MatroskaId.Title, Encoding.UTF8.GetBytes(SegmentLabel.Cut(label.Title)));
        EbmlWriter.Number(info, MatroskaId.DateUtc, (ulong)((label.Start - s_epoch).Ticks / TimeSpan.TicksPerMillisecond * 1_000_000));
        return info.WrittenSpan;
    }

    private static ReadOnlySpan<byte> Tags(SegmentLabel label)
    {
        var tag = new ArrayBufferWriter<byte>();
        var targets = new ArrayBufferWriter<byte>();
        EbmlWriter.Number(targets, MatroskaId.TargetTypeValue, 50);
        EbmlWriter.Element(tag, MatroskaId.Targets, targets.WrittenSpan);
        Say(tag, "DATE_RECORDED", SegmentLabel.TimeOf(label.Start));
        Say(tag, "CAMERA_ID", label.CameraId);
        Say(tag, "STREAM", label.Stream);
        Say(tag, "SITE_ID", label.SiteId);
        Say(tag, "SEGMENT_ID", label.SegmentId.ToString());
        Say(tag, "CLASS", label.Class);
        var tags = new ArrayBufferWriter<byte>();
        EbmlWriter.Element(tags, MatroskaId.Tag, tag.WrittenSpan);
        return tags.WrittenSpan;
    }

    private static void Say(ArrayBufferWriter<byte> tag, string name, string value)
    {
        if (value.Length == 0) return;
        var simple = new ArrayBufferWriter<byte>();
        EbmlWriter.Element(simple, MatroskaId.TagName, Encoding.ASCII.GetBytes(name));
        EbmlWriter.Element(simple, MatroskaId.TagString, Encoding.UTF8.GetBytes(SegmentLabel.Cut(value)));
        EbmlWriter.Element(tag, MatroskaId.SimpleTag, simple.WrittenSpan);
    }
}
