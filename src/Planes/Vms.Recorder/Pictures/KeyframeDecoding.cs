using System.Buffers;
using Vms.Codecs;
using Vms.Containers.Mp4;
using Vms.Hosting.Decoding;
using Vms.Native.Ffmpeg;
using Vms.Native.Jpeg;
using Vms.Native.Storage;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Pictures;

/// <summary>Reads a keyframe from its file, checks it against its checksum and has it decoded by the child. Any thread.</summary>
internal sealed class KeyframeDecoding(FragmentReader reader, PictureDecoding decoding)
{
    /// <param name="maxWidth">The picture keeps its shape and is never enlarged.</param>
    /// <param name="quality">1..100.</param>
    /// <param name="readOnce">It is not read again soon: it must not push other pages out of the cache.</param>
    /// <exception cref="RecordingUnreadableException">What is on the disk is not what was recorded.</exception>
    /// <exception cref="PictureException">It cannot be decoded; the message says why.</exception>
    public Task<JpegPicture> ToJpegAsync(
        RecordedKeyframe keyframe, int maxWidth, int quality, bool readOnce, CancellationToken cancellationToken) =>
        ReadAsync(
            keyframe,
            stored => ToJpegAsync(keyframe.Segment.Tracks[0], stored, keyframe.Segment.Path, maxWidth, quality, cancellationToken),
            readOnce,
            cancellationToken);

    /// <summary>Its brightness alone, read once.</summary>
    /// <param name="maxWidth">As for a JPEG.</param>
    /// <exception cref="RecordingUnreadableException">What is on the disk is not what was recorded.</exception>
    /// <exception cref="PictureException">It cannot be decoded; the message says why.</exception>
    public Task<LumaPicture> ToLumaAsync(RecordedKeyframe keyframe, int maxWidth, CancellationToken cancellationToken) =>
        ReadAsync(
            keyframe,
            stored =>
            {
                var (codec, picture) = Decodable(keyframe.Segment.Tracks[0], stored.Span, keyframe.Segment.Path);
                return decoding.ToLumaAsync(codec, picture, maxWidth, cancellationToken);
            },
            readOnce: true,
            cancellationToken);

    /// <summary>Has the keyframe of a fragment decoded that was read and checked.</summary>
    /// <param name="fragment">Borrowed until the call comes back.</param>
    /// <exception cref="RecordingUnreadableException">It begins with no keyframe.</exception>
    /// <exception cref="PictureException">It cannot be decoded; the message says why.</exception>
    public Task<JpegPicture> ToJpegAsync(
        TrackInfo track, ReadOnlyMemory<byte> fragment, string path, int maxWidth, int quality, CancellationToken cancellationToken)
    {
        var (codec, picture) = Decodable(track, fragment.Span, path);
        return decoding.ToJpegAsync(codec, picture, maxWidth, quality, cancellationToken);
    }

    /// <param name="decode">Gets the fragment, borrowed until its task completes.</param>
    private async Task<T> ReadAsync<T>(
        RecordedKeyframe keyframe, Func<ReadOnlyMemory<byte>, Task<T>> decode, bool readOnce, CancellationToken cancellationToken)
    {
        var (segment, fragment, _) = keyframe;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(fragment.Length);
        try
        {
            var stored = buffer.AsMemory(0, fragment.Length);
            using (var file = reader.Open(segment.Path))
            {
                await reader.ReadStoredAsync(file, segment.Path, fragment, stored, cancellationToken);
                if (readOnce) StorageFile.DropCache(file, fragment.Offset, fragment.Length);
            }

            return await decode(stored);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static (PictureCodec Codec, ReadOnlyMemory<byte> Picture) Decodable(TrackInfo track, ReadOnlySpan<byte> fragment, string path)
    {
        if (!StoredKeyframe.TryRead(fragment, out var sample)) throw new RecordingUnreadableException(UnreadableReason.Damaged, path);
        var output = new ArrayBufferWriter<byte>(sample.Length + 1024);
        if (CodecOf(track) is { } codec && StandaloneKeyframe.TryWrite(track, sample, output)) return (codec, output.WrittenMemory);
        throw new PictureException($"There is no decoder for what was recorded ({track.Codec})");
    }

    /// <summary>Null where there is no decoder.</summary>
    internal static PictureCodec? CodecOf(TrackInfo track) => track.Codec switch
    {
        CodecKind.H264 => PictureCodec.H264,
        CodecKind.H265 => PictureCodec.H265,
        CodecKind.Mjpeg => PictureCodec.Mjpeg,
        _ => null,
    };
}
