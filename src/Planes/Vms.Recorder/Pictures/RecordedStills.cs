using System.Buffers;
using System.Buffers.Binary;
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

    /// <summary>Twelve seconds at 25 pictures a second. Of what comes later in such a long group only the beginning is decoded.</summary>
    private const int MaxUnits = 300;

    /// <summary>Below what goes to the decoder in one message.</summary>
    private const int MaxBytes = 16 << 20;

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
        var units = new PicturesUpTo(track, gop, UnixTime.ToMicroseconds(at));
        using (var file = reader.Open(keyframe.Segment.Path))
        {
            for (int i = 0; i < gop.Fragments.Length && !units.IsFull; i++)
            {
                var fragment = gop.Fragments.Span[i];
                byte[] buffer = ArrayPool<byte>.Shared.Rent(fragment.Length);
                try
                {
                    var stored = buffer.AsMemory(0, fragment.Length);
                    await reader.ReadStoredAsync(file, keyframe.Segment.Path, fragment, stored, cancellationToken);
                    units.Take(stored.Span);
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }

        if (units.CapturedUs is not { } capturedUs)
        {
            throw units.IsFull
                ? new PictureException("The keyframe is without its parameter sets, or larger than any that is decoded", isRejected: true)
                : new RecordingUnreadableException(UnreadableReason.Damaged, keyframe.Segment.Path);
        }

        return (await decoding.ToJpegOfLastAsync(codec, units.Written, width, Quality, cancellationToken), UnixTime.FromMicroseconds(capturedUs));
    }

    /// <summary>The samples of a GOP up to a moment, as the decoder takes them: each with its length before it.</summary>
    private sealed class PicturesUpTo(TrackInfo track, RecordedGop gop, long atUs)
    {
        private readonly long _zeroUs = gop.FromUs - new MediaTime(gop.Fragments.Span[0].StartTicks, FragmentEntry.TicksPerSecond).ToMicroseconds();
        private readonly ArrayBufferWriter<byte> _units = new();
        private int _count;

        /// <summary>What follows is behind the moment, or too much.</summary>
        public bool IsFull { get; private set; }

        /// <summary>Of the newest picture; null before the first.</summary>
        public long? CapturedUs { get; private set; }

        public ReadOnlyMemory<byte> Written => _units.WrittenMemory;

        public void Take(ReadOnlySpan<byte> fragment)
        {
            for (var samples = new StoredTrack(fragment, 0); !IsFull && samples.Next();)
            {
                long shownUs = _zeroUs + new MediaTime(samples.Time + samples.CompositionOffset, track.Timescale).ToMicroseconds();
                var unit = new ArrayBufferWriter<byte>(samples.Payload.Length + 1024);
                // The keyframe counts also where its time is a rounding behind.
                if ((CapturedUs is not null && shownUs > atUs) || _count == MaxUnits || !StandaloneKeyframe.TryWrite(track, samples.Payload, unit)
                    || _units.WrittenCount + unit.WrittenCount + sizeof(int) > MaxBytes)
                {
                    IsFull = true;
                    return;
                }

                if (track.Codec == CodecKind.Mjpeg) _units.ResetWrittenCount();     // each stands alone
                BinaryPrimitives.WriteInt32LittleEndian(_units.GetSpan(sizeof(int)), unit.WrittenCount);
                _units.Advance(sizeof(int));
                _units.Write(unit.WrittenSpan);
                CapturedUs = Math.Max(shownUs, CapturedUs ?? 0);
                _count++;
            }
        }
    }
}
