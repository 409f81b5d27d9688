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
            if (outcome != ReadOutcome.Sample || !lease.Header.IsKeyframe || !reader.TryGetTracks(lease.Header.TracksVersion, out var tracks))
                continue;
            var id = lease.Header.TrackId;
            if (tracks.FirstOrDefault(t => t.Id == id && t.IsVideo) is not { } track)
                continue;
            var output = new ArrayBufferWriter<byte>(lease.Payload.Length + 1024);
            var codec = Write(track, lease.Payload, output);
            var capturedAt = DateTimeOffset.UnixEpoch.AddMicroseconds(lease.Header.CaptureTimeUs);
            if (lease.Commit() && codec is { } known)
                return new NewestKeyframe(known, output.WrittenMemory, capturedAt);
        }

        return null;
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
