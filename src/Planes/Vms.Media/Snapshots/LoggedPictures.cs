using System.Buffers;
using System.Buffers.Binary;
using Vms.Codecs;
using Vms.Media.Streams;
using Vms.Native.Ffmpeg;
using Vms.StreamLog;

namespace Vms.Media.Snapshots;

/// <summary>What a decoder needs for the picture of a moment: the keyframe before it and all up to it.</summary>
/// <param name="Units">Each with its length before it; see <see cref="PictureDecoder.ToJpegOfLast"/>.</param>
/// <param name="CapturedAt">Of the last one.</param>
internal sealed record PicturesUpTo(PictureCodec Codec, ReadOnlyMemory<byte> Units, DateTimeOffset CapturedAt)
{
    /// <summary>Twelve seconds at 25 pictures a second. Of what comes later in such a long group only the beginning is decoded.</summary>
    private const int MaxUnits = 300;

    /// <summary>Below what goes to the decoder in one message.</summary>
    private const int MaxBytes = 16 << 20;

    /// <returns>Null when the log holds no keyframe from before the moment, of a codec that can be decoded.</returns>
    public static PicturesUpTo? Read(LiveStream stream, DateTimeOffset moment)
    {
        var momentUs = (moment - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        using var reader = stream.TryOpenReader();
        if (reader is null || !reader.SeekToKeyframeAtOrBefore(momentUs))
            return null;

        var units = new ArrayBufferWriter<byte>();
        (PictureCodec Codec, int Track, long CapturedUs)? begun = null;
        for (var count = 0; count < MaxUnits && reader.TryRead(out var lease) is var outcome && outcome is not (ReadOutcome.Empty or ReadOutcome.Closed);)
        {
            // Lost: what follows cannot be decoded without it.
            if (outcome != ReadOutcome.Sample)
                break;
            var header = lease.Header;
            var isBehind = header.CaptureTimeUs > momentUs;
            var unit = isBehind || (begun is { } known && known.Track != header.TrackId) ? null : Take(reader, lease, isFirst: begun is null);
            if (!lease.Commit() || isBehind)
                break;
            if (unit is not { } taken)
                continue;
            if (units.WrittenCount + taken.Bytes.Length + sizeof(int) > MaxBytes)
                break;
            count++;
            begun = (taken.Codec, header.TrackId, Math.Max(header.CaptureTimeUs, begun?.CapturedUs ?? 0));
            if (taken.Codec == PictureCodec.Mjpeg)
                units = new ArrayBufferWriter<byte>();      // each stands alone
            BinaryPrimitives.WriteInt32LittleEndian(units.GetSpan(sizeof(int)), taken.Bytes.Length);
            units.Advance(sizeof(int));
            units.Write(taken.Bytes.Span);
        }

        return begun is { } found ? new PicturesUpTo(found.Codec, units.WrittenMemory, DateTimeOffset.UnixEpoch.AddMicroseconds(found.CapturedUs)) : null;
    }

    private static (PictureCodec Codec, ReadOnlyMemory<byte> Bytes)? Take(StreamLogReader reader, in SampleLease lease, bool isFirst)
    {
        var header = lease.Header;
        if ((isFirst && !header.IsKeyframe) || !reader.TryGetTracks(header.TracksVersion, out var tracks)
            || tracks.FirstOrDefault(t => t.Id == header.TrackId && t.IsVideo) is not { } track)
            return null;

        var output = new ArrayBufferWriter<byte>(lease.Payload.Length + 1024);
        return NewestKeyframe.CodecOf(track) is { } codec && StandaloneKeyframe.TryWrite(track, lease.Payload, output) ? (codec, output.WrittenMemory) : null;
    }
}
