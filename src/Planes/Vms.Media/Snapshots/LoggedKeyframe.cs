using System.Buffers;
using Vms.Codecs;
using Vms.Media.Streams;
using Vms.Native.Ffmpeg;
using Vms.StreamLog;

namespace Vms.Media.Snapshots;

/// <summary>A picture that stands alone, as a decoder takes it.</summary>
/// <param name="Bytes">See <see cref="PictureCodec"/>.</param>
internal sealed record LoggedKeyframe(PictureCodec Codec, ReadOnlyMemory<byte> Bytes, DateTimeOffset CapturedAt)
{
    /// <returns>Null when the log holds no keyframe of a codec that can be decoded.</returns>
    public static LoggedKeyframe? Newest(LiveStream stream)
    {
        using var reader = stream.TryOpenReader();
        return reader is not null && reader.SeekToLastKeyframe() ? ReadNext(reader, long.MinValue) : null;
    }

    /// <summary>The first that was captured after a moment.</summary>
    /// <returns>As for the newest.</returns>
    public static LoggedKeyframe? FirstAfter(LiveStream stream, DateTimeOffset moment)
    {
        long momentUs = (moment - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        using var reader = stream.TryOpenReader();
        return reader is not null && (reader.SeekToKeyframeAtOrBefore(momentUs) || reader.SeekToOldestKeyframe()) ? ReadNext(reader, momentUs) : null;
    }

    private static LoggedKeyframe? ReadNext(StreamLogReader reader, long afterUs)
    {
        while (reader.TryRead(out var lease) is var outcome && outcome is not (ReadOutcome.Empty or ReadOutcome.Closed))
        {
            if (outcome != ReadOutcome.Sample)
                continue;
            var keyframe = lease.Header.CaptureTimeUs > afterUs ? Take(reader, lease) : null;
            // Also what is of no use: a sample that is not committed is given again, for ever.
            if (lease.Commit() && keyframe is not null)
                return keyframe;
        }

        return null;
    }

    private static LoggedKeyframe? Take(StreamLogReader reader, in SampleLease lease)
    {
        var header = lease.Header;
        if (!header.IsKeyframe || !reader.TryGetTracks(header.TracksVersion, out var tracks)
            || tracks.FirstOrDefault(t => t.Id == header.TrackId && t.IsVideo) is not { } track)
            return null;

        var output = new ArrayBufferWriter<byte>(lease.Payload.Length + 1024);
        return CodecOf(track) is { } codec && StandaloneKeyframe.TryWrite(track, lease.Payload, output)
            ? new LoggedKeyframe(codec, output.WrittenMemory, DateTimeOffset.UnixEpoch.AddMicroseconds(header.CaptureTimeUs))
            : null;
    }

    /// <returns>Null for what is not decoded here.</returns>
    public static PictureCodec? CodecOf(TrackInfo track) => track.Codec switch
    {
        CodecKind.H264 => PictureCodec.H264,
        CodecKind.H265 => PictureCodec.H265,
        CodecKind.Mjpeg => PictureCodec.Mjpeg,
        _ => null,
    };
}
