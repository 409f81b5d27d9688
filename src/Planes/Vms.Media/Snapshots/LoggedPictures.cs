using System.Buffers;
using Vms.Codecs;
using Vms.Hosting.Decoding;
using Vms.Media.Streams;
using Vms.Native.Ffmpeg;
using Vms.StreamLog;

namespace Vms.Media.Snapshots;

/// <summary>What the stream log has for the picture of a moment.</summary>
internal static class LoggedPictures
{
    /// <returns>Null when the log holds no keyframe from before the moment, of a codec that can be decoded.</returns>
    public static PicturesUpTo? UpTo(LiveStream stream, DateTimeOffset moment)
    {
        long momentUs = (moment - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        using var reader = stream.TryOpenReader();
        if (reader is null || !reader.SeekToKeyframeAtOrBefore(momentUs))
            return null;

        (PicturesUpTo Pictures, TrackInfo Track)? begun = null;
        while (reader.TryRead(out var lease) is var outcome && outcome is not (ReadOutcome.Empty or ReadOutcome.Closed))
        {
            // Lost: what follows cannot be decoded without it.
            if (outcome != ReadOutcome.Sample)
                break;
            var header = lease.Header;
            if (begun is null && header.IsKeyframe && VideoOf(reader, header) is var (track, codec))
                begun = (new PicturesUpTo(codec, momentUs), track);
            var unit = begun is { } known && known.Track.Id == header.TrackId ? UnitOf(known.Track, lease.Payload) : null;
            // Only behind the commit it is known that what was copied is the sample.
            if (!lease.Commit() || (unit is not null && !begun!.Value.Pictures.TryTake(unit.WrittenSpan, header.CaptureTimeUs)))
                break;
        }

        return begun is { Pictures: { CapturedUs: not null } pictures } ? pictures : null;
    }

    /// <returns>Null where it is none, or of a codec that is not decoded.</returns>
    private static (TrackInfo Track, PictureCodec Codec)? VideoOf(StreamLogReader reader, in SampleHeader header)
    {
        byte id = header.TrackId;
        return reader.TryGetTracks(header.TracksVersion, out var tracks) && tracks.FirstOrDefault(t => t.Id == id && t.IsVideo) is { } track
            && LoggedKeyframe.CodecOf(track) is { } codec ? (track, codec) : null;
    }

    private static ArrayBufferWriter<byte>? UnitOf(TrackInfo track, ReadOnlySpan<byte> payload)
    {
        var unit = new ArrayBufferWriter<byte>(payload.Length + 1024);
        return StandaloneKeyframe.TryWrite(track, payload, unit) ? unit : null;
    }
}
