using System.Buffers;
using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Codecs.H265;
using Vms.Media.Streams;
using Vms.Native.Ffmpeg;
using Vms.StreamLog;

namespace Vms.Media.Snapshots;

/// <summary>A picture that stands alone, as a decoder takes it.</summary>
/// <param name="Bytes">See <see cref="PictureCodec"/>.</param>
internal sealed record NewestKeyframe(PictureCodec Codec, ReadOnlyMemory<byte> Bytes, DateTimeOffset CapturedAt)
{
    private static ReadOnlySpan<byte> StartCode => [0, 0, 0, 1];

    /// <returns>Null when the log holds no keyframe of a codec that can be decoded.</returns>
    public static NewestKeyframe? Read(LiveStream stream)
    {
        using var reader = stream.TryOpenReader();
        if (reader is null || !reader.SeekToLastKeyframe())
            return null;

        while (reader.TryRead(out var lease) is var outcome && outcome is not (ReadOutcome.Empty or ReadOutcome.Closed))
        {
            if (outcome != ReadOutcome.Sample)
                continue;
            var keyframe = Take(reader, lease);
            // Also what is of no use: a sample that is not committed is given again, for ever.
            if (lease.Commit() && keyframe is not null)
                return keyframe;
        }

        return null;
    }

    private static NewestKeyframe? Take(StreamLogReader reader, in SampleLease lease)
    {
        var header = lease.Header;
        if (!header.IsKeyframe || !reader.TryGetTracks(header.TracksVersion, out var tracks)
            || tracks.FirstOrDefault(t => t.Id == header.TrackId && t.IsVideo) is not { } track)
            return null;

        var output = new ArrayBufferWriter<byte>(lease.Payload.Length + 1024);
        return Write(track, lease.Payload, output) is { } codec
            ? new NewestKeyframe(codec, output.WrittenMemory, DateTimeOffset.UnixEpoch.AddMicroseconds(header.CaptureTimeUs))
            : null;
    }

    private static PictureCodec? Write(TrackInfo track, ReadOnlySpan<byte> sample, ArrayBufferWriter<byte> output)
    {
        if (track.Codec == CodecKind.Mjpeg)
        {
            output.Write(sample);
            return PictureCodec.Mjpeg;
        }

        PictureCodec codec;
        if (track.Codec == CodecKind.H264 && AvcDecoderConfiguration.TryParse(track.CodecParameters, out var avc))
        {
            codec = PictureCodec.H264;
            WriteSets(avc.Sps.Concat(avc.Pps), output);
        }
        else if (track.Codec == CodecKind.H265 && HevcDecoderConfiguration.TryParse(track.CodecParameters, out var hevc))
        {
            codec = PictureCodec.H265;
            WriteSets(hevc.Vps.Concat(hevc.Sps).Concat(hevc.Pps), output);
        }
        else
        {
            return null;
        }

        foreach (var nal in new NalUnits(sample))
            WriteNal(nal, output);
        return codec;
    }

    private static void WriteSets(IEnumerable<ReadOnlyMemory<byte>> sets, ArrayBufferWriter<byte> output)
    {
        foreach (var set in sets)
            WriteNal(set.Span, output);
    }

    private static void WriteNal(ReadOnlySpan<byte> nal, ArrayBufferWriter<byte> output)
    {
        output.Write(StartCode);
        output.Write(nal);
    }
}
