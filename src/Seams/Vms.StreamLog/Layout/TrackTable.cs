using System.Buffers.Binary;
using Vms.Codecs;

namespace Vms.StreamLog.Layout;

/// <summary>
/// Bytes of a track table: count, then per track id, codec, timescale, width, height, length of the codec parameters, the parameters.
/// Numbers are little-endian.
/// </summary>
internal static class TrackTable
{
    internal const int MaxTracks = 8;
    private const int TrackBytes = 1 + 1 + 2 + 4 + 4 + 4 + 4;

    internal static int SizeOf(IReadOnlyList<TrackInfo> tracks) => 4 + tracks.Sum(track => TrackBytes + track.CodecParameters.Length);

    internal static byte[] Encode(IReadOnlyList<TrackInfo> tracks)
    {
        var bytes = new byte[SizeOf(tracks)];
        Span<byte> rest = bytes;
        BinaryPrimitives.WriteInt32LittleEndian(rest, tracks.Count);
        rest = rest[4..];
        foreach (TrackInfo track in tracks)
        {
            rest[0] = track.Id;
            rest[1] = (byte)track.Codec;
            BinaryPrimitives.WriteInt32LittleEndian(rest[4..], track.Timescale);
            BinaryPrimitives.WriteInt32LittleEndian(rest[8..], track.Width);
            BinaryPrimitives.WriteInt32LittleEndian(rest[12..], track.Height);
            BinaryPrimitives.WriteInt32LittleEndian(rest[16..], track.CodecParameters.Length);
            track.CodecParameters.Span.CopyTo(rest[TrackBytes..]);
            rest = rest[(TrackBytes + track.CodecParameters.Length)..];
        }

        return bytes;
    }

    internal static bool TryDecode(ReadOnlySpan<byte> bytes, out IReadOnlyList<TrackInfo> tracks)
    {
        tracks = [];
        if (bytes.Length < 4 || BinaryPrimitives.ReadInt32LittleEndian(bytes) is not (>= 0 and <= MaxTracks and var count))
            return false;
        bytes = bytes[4..];
        var list = new List<TrackInfo>(count);
        for (int i = 0; i < count; i++)
        {
            if (bytes.Length < TrackBytes)
                return false;
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]);
            if (length < 0 || length > bytes.Length - TrackBytes)
                return false;
            list.Add(new TrackInfo(
                bytes[0],
                (CodecKind)bytes[1],
                BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
                bytes.Slice(TrackBytes, length).ToArray(),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[12..])));
            bytes = bytes[(TrackBytes + length)..];
        }

        tracks = list;
        return true;
    }
}
