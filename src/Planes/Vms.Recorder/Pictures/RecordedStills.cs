using System.Buffers;
using Google.Protobuf;
using Vms.Codecs;
using Vms.Containers;
using Vms.Containers.Mp4;
using Vms.Contracts.Recorder;
using Vms.Hosting.Decoding;
using Vms.Native.Jpeg;
using Vms.Recorder.Archive;
using Vms.Recorder.Playback;
using Vms.Recorder.Playback.Samples;
using Vms.Rpc;

namespace Vms.Recorder.Pictures;

/// <summary>Stills of a moment out of the archive, for events that the stream log no longer knows: decoded forward from the keyframe before it. Any thread.</summary>
internal sealed class RecordedStills(KeyframeSearch search, FragmentReader reader, PictureDecoding decoding, SegmentDamage damage)
{
    private const int DefaultWidth = 1920;
    private const int MinWidth = 16;
    private const int MaxWidth = 8192;
    private const int Quality = 82;

    public static void Map(WebApplication app)
    {
        var stills = app.Services.GetRequiredService<RecordedStills>();
        app.MapUnary("vms.recorder.v1.RecorderPlane/TakeRecordedStill", TakeRecordedStillRequest.Parser, stills.TakeAsync);
    }

    private async Task<RecordedStill> TakeAsync(TakeRecordedStillRequest request, RpcContext context)
    {
        int width = request.MaxWidth == 0 ? DefaultWidth : Math.Clamp(request.MaxWidth, MinWidth, MaxWidth);
        try
        {
            var at = UnixTime.FromMicroseconds(Math.Clamp(request.AtUnixMs, 0, long.MaxValue / 1000) * 1000);
            return await AtAsync(request.CameraId, request.Stream, at, width, context.CancellationToken) is var (picture, capturedAt)
                ? new RecordedStill { Jpeg = UnsafeByteOperations.UnsafeWrap(picture.Bytes), CapturedAtUnixMs = capturedAt.ToUnixTimeMilliseconds() }
                : throw new RpcException(RpcStatus.NotFound, "noRecording: nothing is recorded at this time");
        }
        catch (IndexUnavailableException e)
        {
            throw new RpcException(RpcStatus.Unavailable, $"{IndexUnavailableException.Code}: {e.Message}");
        }
        catch (RecordingUnreadableException e)
        {
            if (e.Reason != UnreadableReason.KeyMissing) damage.Report(e.Path);     // without its key nothing is known of the file
            throw new RpcException(RpcStatus.NotFound, $"unreadable: {e.Told}");
        }
        catch (PictureException e) when (e.IsRejected)
        {
            throw new RpcException(RpcStatus.NotFound, $"undecodable: {e.Message}");
        }
        catch (PictureException e) when (e.IsBusy)
        {
            throw new RpcException(RpcStatus.Unavailable, $"busy: {e.Message}");
        }
        catch (PictureException e)
        {
            // A library is missing, or the decoder ended on it: whoever asks again soon gets nothing else.
            throw new RpcException(RpcStatus.NotFound, $"noDecoder: {e.Message}");
        }
    }

    /// <returns>Null where nothing is recorded.</returns>
    /// <exception cref="IndexUnavailableException">The index is away.</exception>
    /// <exception cref="RecordingUnreadableException">What is on the disk is not what was recorded.</exception>
    /// <exception cref="PictureException">It cannot be decoded.</exception>
    internal async Task<(JpegPicture Picture, DateTimeOffset CapturedAt)?> AtAsync(
        string cameraId, string stream, DateTimeOffset at, int width, CancellationToken cancellationToken)
    {
        if (await search.AtAsync(cameraId, stream, at, cancellationToken) is not { } keyframe) return null;
        var track = keyframe.Segment.Tracks[0];
        var codec = KeyframeDecoding.CodecOf(track) ?? throw new PictureException($"There is no decoder for what was recorded ({track.Codec})", isRejected: true);
        var gop = RecordedGop.In(keyframe.Segment).First(g => g.Fragments.Span[0].Offset == keyframe.Fragment.Offset);
        var pictures = new PicturesUpTo(codec, UnixTime.ToMicroseconds(at));
        bool goesOn = true;
        using (var file = reader.Open(keyframe.Segment.Path))
        {
            for (int i = 0; i < gop.Fragments.Length && goesOn; i++)
            {
                var fragment = gop.Fragments.Span[i];
                byte[] buffer = ArrayPool<byte>.Shared.Rent(fragment.Length);
                try
                {
                    var stored = buffer.AsMemory(0, fragment.Length);
                    await reader.ReadStoredAsync(file, keyframe.Segment.Path, fragment, stored, cancellationToken);
                    goesOn = Take(pictures, track, stored.Span, ZeroUs(gop));
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }

        if (pictures.CapturedUs is not { } capturedUs)
        {
            throw goesOn
                ? new RecordingUnreadableException(UnreadableReason.Damaged, keyframe.Segment.Path)
                : new PictureException("The keyframe is without its parameter sets, or larger than any that is decoded", isRejected: true);
        }

        return (await decoding.ToJpegOfLastAsync(codec, pictures.Units, width, Quality, cancellationToken), UnixTime.FromMicroseconds(capturedUs));
    }

    /// <summary>Wall clock of the media time zero of a group.</summary>
    private static long ZeroUs(RecordedGop gop) => gop.FromUs - new MediaTime(gop.Fragments.Span[0].StartTicks, FragmentEntry.TicksPerSecond).ToMicroseconds();

    /// <returns>False: nothing that follows is wanted.</returns>
    private static bool Take(PicturesUpTo pictures, TrackInfo track, ReadOnlySpan<byte> fragment, long zeroUs)
    {
        for (var samples = new StoredTrack(fragment, 0); samples.Next();)
        {
            long shownUs = zeroUs + new MediaTime(samples.Time + samples.CompositionOffset, track.Timescale).ToMicroseconds();
            var unit = new ArrayBufferWriter<byte>(samples.Payload.Length + 1024);
            if (!StandaloneKeyframe.TryWrite(track, samples.Payload, unit) || !pictures.TryTake(unit.WrittenSpan, shownUs))
            {
                return false;
            }
        }

        return true;
    }
}
