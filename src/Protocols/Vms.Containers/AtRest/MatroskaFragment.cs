using System.Buffers;
using System.Buffers.Binary;
using Vms.Codecs;
using Vms.Containers.Matroska;
using Vms.Containers.Mp4;

namespace Vms.Containers.AtRest;

/// <summary>
/// A stored fragment as part of a Matroska file (RFC 9559), in place and without a change of length: `uuid` header and `moof` inside Void elements,
/// the samples as SimpleBlocks of a Cluster, padding, and at the end the beginning of the Void element that the next fragment's header is the
/// content of. So headers stand where they stand in MP4, and players see an endless Matroska segment. Layout in docs/ref/segment-format.md.
/// </summary>
/// <remarks>Blocks stand track by track in decode order, as samples do in `mdat`: bringing them together again moves bytes only forward.</remarks>
public static class MatroskaFragment
{
    /// <summary>Padding that such a fragment needs besides <see cref="BlockBytes"/> for each sample (<see cref="Fmp4FragmentBuilder.Reserve"/>).</summary>
    public const int ReservedBytes = 2 * VoidBytes + (MaxClusters * ClusterBytes) + VoidBytes;

    /// <summary>Header of a SimpleBlock: id, size of four bytes, track, time, flags.</summary>
    public const int BlockBytes = 9;

    /// <summary>Void element with a size of eight bytes, without its content.</summary>
    internal const int VoidBytes = 9;

    /// <summary>A block's time is 16 bits of milliseconds from its cluster's: pauses of more than 32 s need another one. A fragment ends after a second.</summary>
    private const int MaxClusters = 4;

    private const int ClusterBytes = 4 + 8 + 1 + 1 + 8;
    private const int BlockFieldBytes = 4;          // of the block's content: track, time, flags
    private const byte Keyframe = 0x80;
    private const uint SizeMarker = 0x1000_0000;    // a size of four bytes
    private const uint WithoutOffsets = 0x0701;
    private const uint WithOffsets = 0x0F01;

    /// <summary>Brings a canonical fragment into this form.</summary>
    /// <param name="fragment">All of it. Written over.</param>
    /// <param name="tracks">Of the segment.</param>
    /// <returns>False, and nothing is changed, when it is none or has too little padding.</returns>
    public static bool TryWrite(Span<byte> fragment, IReadOnlyList<TrackInfo> tracks)
    {
        ArgumentNullException.ThrowIfNull(tracks);
        if (!FragmentHeader.TryRead(fragment, out var header) || header.Length != fragment.Length || FragmentHeader.FormOf(fragment) != StoredForm.Canonical
            || header.SampleCount is <= 0 or > Fmp4FragmentBuilder.MaxSamples)
        {
            return false;
        }

        int boxBytes = FragmentHeader.SizeAt(fragment);
        var content = fragment[boxBytes..];
        var boxes = new BoxReader(content);
        if (!boxes.Next() || !boxes.Is("moof"u8)) return false;
        int moof = boxes.PayloadOffset + boxes.Payload.Length;
        if (!boxes.Next() || !boxes.Is("mdat"u8)) return false;

        var blocks = ArrayPool<Block>.Shared.Rent(header.SampleCount);
        byte[] table = ArrayPool<byte>.Shared.Rent(moof);
        try
        {
            content[..moof].CopyTo(table);
            var found = blocks.AsSpan(0, header.SampleCount);
            if (!TryRead(table.AsSpan(8, moof - 8), tracks, found, boxes.PayloadOffset, boxes.Payload.Length)) return false;
            int end = Place(found, VoidBytes + moof);
            if (content.Length - end < 2 * VoidBytes) return false;

            // From the end: everything moves back, and nothing over what has not been moved yet.
            for (int i = found.Length - 1; i >= 0; i--) content.Slice(found[i].Offset, found[i].Length).CopyTo(content[found[i].Target..]);
            WriteVoid(content, moof);
            table.AsSpan(0, moof).CopyTo(content[VoidBytes..]);
            WriteBlocks(content, found);
            content[end..].Clear();
            WriteVoid(content[end..], content.Length - end - (2 * VoidBytes));
            WriteVoid(content[^VoidBytes..], boxBytes);
            FragmentHeader.SetForm(fragment[..boxBytes], StoredForm.Matroska, Crc32C.Of(content));
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(table);
            ArrayPool<Block>.Shared.Return(blocks);
        }
    }

    /// <summary>Brings back, byte for byte, what <see cref="TryWrite"/> was given.</summary>
    /// <param name="fragment">All of it. Written over, and worthless when this fails. Safe for any input.</param>
    public static bool TryRestore(Span<byte> fragment)
    {
        if (!FragmentHeader.TryRead(fragment, out var header) || header.Length != fragment.Length || FragmentHeader.FormOf(fragment) != StoredForm.Matroska) return false;
        var box = fragment[..FragmentHeader.SizeAt(fragment)];
        var content = fragment[box.Length..];
        if (!TryReadVoid(content, out int moof) || moof < 8) return false;
        int at = VoidBytes + moof;
        content[VoidBytes..at].CopyTo(content);
        int to = moof + 8;
        while (content.Length - at >= ClusterBytes && BinaryPrimitives.ReadUInt32BigEndian(content[at..]) == MatroskaId.Cluster)
        {
            ulong size = BinaryPrimitives.ReadUInt64BigEndian(content[(at + 4)..]) & 0x00FF_FFFF_FFFF_FFFF;
            if (size < ClusterBytes - 12 || size > (ulong)(content.Length - at - 12)) return false;
            int end = at + 12 + (int)size;
            at += ClusterBytes;
            while (at < end)
            {
                if (end - at < BlockBytes || content[at] != MatroskaId.SimpleBlock) return false;
                uint length = BinaryPrimitives.ReadUInt32BigEndian(content[(at + 1)..]) ^ SizeMarker;
                if (length < BlockFieldBytes || length > end - at - 5) return false;
                int payload = (int)length - BlockFieldBytes;
                content.Slice(at + BlockBytes, payload).CopyTo(content[to..]);
                to += payload;
                at += BlockBytes + payload;
            }
        }

        BinaryPrimitives.WriteInt32BigEndian(content[moof..], to - moof);
        "mdat"u8.CopyTo(content[(moof + 4)..]);
        if (content.Length - to < 8) return false;
        FreeBox.Write(content[to..]);
        FragmentHeader.SetForm(box, StoredForm.Canonical, Crc32C.Of(content));
        return true;
    }

    internal static void WriteVoid(Span<byte> destination, int content)
    {
        destination[0] = (byte)MatroskaId.Void;
        EbmlWriter.Size(destination[1..], (ulong)content);
    }

    internal static bool TryReadVoid(ReadOnlySpan<byte> source, out int content)
    {
        content = 0;
        if (source.Length < VoidBytes || source[0] != MatroskaId.Void || source[1] != 1) return false;
        ulong size = BinaryPrimitives.ReadUInt64BigEndian(source[1..]) & 0x00FF_FFFF_FFFF_FFFF;
        if (size > (ulong)(source.Length - VoidBytes)) return false;
        content = (int)size;
        return true;
    }

    /// <summary>The samples, in the order of their payloads.</summary>
    private static bool TryRead(ReadOnlySpan<byte> moof, IReadOnlyList<TrackInfo> tracks, Span<Block> blocks, int offset, int payloadBytes)
    {
        int count = 0;
        var boxes = new BoxReader(moof);
        while (boxes.Next("traf"u8))
        {
            var traf = boxes.Payload;
            if (!BoxReader.TryFind(traf, "tfhd"u8, out var tfhd) || tfhd.Length < 8 || !BoxReader.TryFind(traf, "tfdt"u8, out var tfdt) || tfdt.Length != 12
                || !BoxReader.TryFind(traf, "trun"u8, out var trun) || trun.Length < 12)
            {
                return false;
            }

            uint track = BinaryPrimitives.ReadUInt32BigEndian(tfhd[4..]);
            uint flags = BinaryPrimitives.ReadUInt32BigEndian(trun) & 0xFFFFFF;
            if (track == 0 || track > tracks.Count || flags is not (WithOffsets or WithoutOffsets)) return false;
            int timescale = tracks[(int)track - 1].Timescale;
            int entryBytes = flags == WithOffsets ? 16 : 12;
            long time = BinaryPrimitives.ReadInt64BigEndian(tfdt[4..]);
            for (var entries = trun[12..]; entries.Length >= entryBytes; entries = entries[entryBytes..])
            {
                uint length = BinaryPrimitives.ReadUInt32BigEndian(entries[4..]);
                if (count == blocks.Length || length > payloadBytes) return false;
                long shown = time + (flags == WithOffsets ? BinaryPrimitives.ReadUInt32BigEndian(entries[12..]) : 0);
                blocks[count++] = new Block
                {
                    Offset = offset,
                    Length = (int)length,
                    Milliseconds = MediaTime.Rescale(shown, timescale, 1000),
                    Track = (byte)track,
                    IsKeyframe = BinaryPrimitives.ReadUInt32BigEndian(entries[8..]) == SampleDependency.Sync,
                };
                time += BinaryPrimitives.ReadUInt32BigEndian(entries);
                offset += (int)length;
                payloadBytes -= (int)length;
            }
        }

        return count == blocks.Length && payloadBytes == 0;
    }

    /// <summary>Where every payload goes, and which block begins a cluster.</summary>
    /// <returns>Behind the last one.</returns>
    private static int Place(Span<Block> blocks, int at)
    {
        long clusterMs = 0;
        int clusters = 0;
        foreach (ref var block in blocks)
        {
            if (clusters == 0 || (clusters < MaxClusters && block.Milliseconds - clusterMs is < short.MinValue or > short.MaxValue))
            {
                block.BeginsCluster = true;
                clusterMs = Math.Max(0, block.Milliseconds);
                clusters++;
                at += ClusterBytes;
            }

            block.Relative = (short)Math.Clamp(block.Milliseconds - clusterMs, short.MinValue, short.MaxValue);
            at += BlockBytes;
            block.Target = at;
            at += block.Length;
        }

        return at;
    }

    private static void WriteBlocks(Span<byte> content, ReadOnlySpan<Block> blocks)
    {
        for (int i = 0; i < blocks.Length; i++)
        {
            var block = blocks[i];
            if (block.BeginsCluster)
            {
                int end = i + 1;
                while (end < blocks.Length && !blocks[end].BeginsCluster) end++;
                var cluster = content[(block.Target - BlockBytes - ClusterBytes)..];
                BinaryPrimitives.WriteUInt32BigEndian(cluster, MatroskaId.Cluster);
                EbmlWriter.Size(cluster[4..], (ulong)(blocks[end - 1].Target + blocks[end - 1].Length - (block.Target - BlockBytes - ClusterBytes) - 12));
                cluster[12] = (byte)MatroskaId.ClusterTimestamp;
                cluster[13] = 0x80 | 8;
                BinaryPrimitives.WriteInt64BigEndian(cluster[14..], Math.Max(0, block.Milliseconds));
            }

            var header = content[(block.Target - BlockBytes)..];
            header[0] = (byte)MatroskaId.SimpleBlock;
            BinaryPrimitives.WriteUInt32BigEndian(header[1..], SizeMarker | (uint)(block.Length + BlockFieldBytes));
            header[5] = (byte)(0x80 | block.Track);
            BinaryPrimitives.WriteInt16BigEndian(header[6..], block.Relative);
            header[8] = block.IsKeyframe ? Keyframe : (byte)0;
        }
    }

    private struct Block
    {
        public int Offset;          // of the payload, in the canonical content
        public int Length;
        public int Target;          // in this form
        public long Milliseconds;   // presentation, on the segment's timeline
        public short Relative;      // to the cluster's
        public byte Track;
        public bool IsKeyframe;
        public bool BeginsCluster;
    }
}
