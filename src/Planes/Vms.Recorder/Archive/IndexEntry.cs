using Vms.Codecs;

namespace Vms.Recorder.Archive;

/// <summary>One change of the index, as the journal keeps it and the database gets it. Each carries the whole row and its
/// version: applying it twice, or late, changes nothing.</summary>
internal abstract record IndexEntry(string CameraId, string Stream)
{
    public abstract Guid Id { get; }

    public abstract int Version { get; }
}

/// <summary>A segment was opened, closed or found again. <see cref="SegmentRow.Gops"/> is filled when it is closed.</summary>
internal sealed record SegmentPut(SegmentRow Segment) : IndexEntry(Segment.CameraId, Segment.Stream)
{
    public override Guid Id => Segment.Id;

    public override int Version => Segment.Version;
}

internal sealed record SegmentDeleted(DeletedSegment Deleted) : IndexEntry(Deleted.CameraId, Deleted.Stream)
{
    public override Guid Id => Deleted.Id;

    public override int Version => Deleted.Version;
}

internal sealed record GapPut(GapRow Gap) : IndexEntry(Gap.CameraId, Gap.Stream)
{
    public override Guid Id => Gap.Id;

    public override int Version => Gap.Version;
}

/// <summary>The tracks of a segment as one value for the journal and the index.</summary>
internal static class TrackTable
{
    public const int MaxTracks = 8;
    public const int MaxParameterBytes = 1 << 16;

    public static void Write(BinaryWriter writer, IReadOnlyList<TrackInfo> tracks)
    {
        writer.Write((byte)tracks.Count);
        foreach (var track in tracks)
        {
            writer.Write(track.Id);
            writer.Write((byte)track.Codec);
            writer.Write(track.Timescale);
            writer.Write(track.Width);
            writer.Write(track.Height);
            writer.Write(track.CodecParameters.Length);
            writer.Write(track.CodecParameters.Span);
        }
    }

    /// <exception cref="InvalidDataException">Not written by <see cref="Write"/>.</exception>
    public static IReadOnlyList<TrackInfo> Read(BinaryReader reader)
    {
        int count = reader.ReadByte();
        if (count > MaxTracks)
        {
            throw new InvalidDataException($"{count} tracks, at most {MaxTracks}");
        }

        var tracks = new TrackInfo[count];
        for (int i = 0; i < count; i++)
        {
            byte id = reader.ReadByte();
            var codec = (CodecKind)reader.ReadByte();
            int timescale = reader.ReadInt32();
            int width = reader.ReadInt32();
            int height = reader.ReadInt32();
            int length = reader.ReadInt32();
            if (length is < 0 or > MaxParameterBytes)
            {
                throw new InvalidDataException($"{length} bytes of codec parameters, at most {MaxParameterBytes}");
            }

            tracks[i] = new TrackInfo(id, codec, timescale, reader.ReadBytes(length), width, height);
        }

        return tracks;
    }

    public static byte[] ToBytes(IReadOnlyList<TrackInfo> tracks)
    {
        var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        Write(writer, tracks);
        return buffer.ToArray();
    }

    public static IReadOnlyList<TrackInfo> FromBytes(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        return Read(reader);
    }
}
