using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Vms.Codecs;
using Vms.Contracts.Media;
using Vms.Recorder.Archive;
using Vms.Rpc;
using FetchedFootage = Vms.Contracts.Media.Footage;

namespace Vms.Recorder.Tests.Import;

/// <summary>Media's local socket, with a device behind it that has recorded everything: frame n, whose counter is <see cref="First"/> + n, was captured n / 25 s
/// behind a start. What it gives begins with the keyframe at or before what it is asked for, as devices do.</summary>
internal sealed class DeviceMedia : IAsyncDisposable
{
    /// <summary>Counters of the device's frames are told from those of the live stream.</summary>
    public const long First = 1_000_000;

    /// <summary>What no picture holds.</summary>
    public const ulong SoundMark = 0x5AC3_71E9_0000_0000;

    private const int PacketsPerSecond = 50;

    private readonly Support.Footage _footage;
    private readonly DateTimeOffset _start;
    private readonly WebApplication _app;

    private DeviceMedia(string run, Support.Footage footage, DateTimeOffset start)
    {
        (_footage, _start) = (footage, start);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls();
        builder.WebHost.ConfigureKestrel(k => k.ListenUnixSocket(Path.Combine(run, "planes", "media.rpc.sock"), l => l.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.MapServerStreaming(
            "vms.media.v1.MediaPlane/FetchFootage", FetchFootageRequest.Parser, (request, rpc) => FetchAsync(request, rpc.CancellationToken));
    }

    public List<FetchFootageRequest> Requests { get; } = [];

    /// <summary>The frames it has.</summary>
    public (long From, long To) Has { get; set; } = (0, long.MaxValue);

    /// <summary>20 ms of G.711 a packet, which begins with <see cref="SoundMark"/> and its number behind the start; told and sent from so many frames of a call on. Null: none.</summary>
    public int? SoundFrom { get; set; }

    /// <summary>As devices that know no ranges do it: it begins with the moment that it is asked for, keyframe or not.</summary>
    public bool BeginsExactly { get; set; }

    /// <summary>It goes away after so many frames of a call; 0: it does not.</summary>
    public int BreaksAfter { get; set; }

    public static async Task<DeviceMedia> StartAsync(string run, Support.Footage footage, DateTimeOffset start)
    {
        var media = new DeviceMedia(run, footage, start);
        await media._app.StartAsync();
        return media;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async IAsyncEnumerable<FetchedFootage> FetchAsync(FetchFootageRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Requests.Add(request);
        long from = Math.Max(Has.From, FrameAt(request.FromUnixUs)), to = Math.Min(Has.To, FrameAt(request.ToUnixUs) + 13);
        while (from > 0 && !BeginsExactly && !_footage.Sample(First + from).Keyframe)
        {
            from--;
        }

        if (from >= to)
        {
            throw new RpcException(RpcStatus.Aborted, "noFootage: The device has nothing of this time.");
        }

        var track = _footage.Track;
        yield return new FetchedFootage
        {
            Track = new FootageTrack { Codec = (int)track.Codec, Timescale = track.Timescale, CodecParameters = ByteString.CopyFrom(track.CodecParameters.Span), Width = track.Width, Height = track.Height },
        };
        long packet = from * PacketsPerSecond / Support.Footage.FramesPerSecond;
        for (long frame = from; frame < to; frame++)
        {
            if (frame - from == SoundFrom)
            {
                yield return new FetchedFootage { Track = new FootageTrack { Id = 1, Codec = (int)CodecKind.PcmA, Timescale = 8000 } };
            }

            for (; SoundFrom <= frame - from && packet * Support.Footage.FramesPerSecond <= frame * PacketsPerSecond; packet++)
            {
                yield return SoundOf(packet);
            }

            if (BreaksAfter > 0 && frame - from == BreaksAfter)
            {
                throw new RpcException(RpcStatus.Aborted, "brokeOff: The device closed the connection.");
            }

            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            var (payload, keyframe, pts) = _footage.Sample(First + frame);
            yield return new FetchedFootage
            {
                Sample = new FootageSample
                {
                    Payload = ByteString.CopyFrom(payload),
                    Keyframe = keyframe,
                    Discontinuity = frame == from,
                    Pts = pts,
                    CaptureUnixUs = UnixTime.ToMicroseconds(_start) + (frame * 1_000_000 / Support.Footage.FramesPerSecond),
                },
            };
        }
    }

    private FetchedFootage SoundOf(long packet)
    {
        byte[] payload = new byte[160];
        BinaryPrimitives.WriteUInt64BigEndian(payload, SoundMark + (ulong)packet);
        return new FetchedFootage
        {
            Sample = new FootageSample
            {
                TrackId = 1,
                Payload = ByteString.CopyFrom(payload),
                Keyframe = true,
                Pts = 77_777 + (packet * 160),
                CaptureUnixUs = UnixTime.ToMicroseconds(_start) + (packet * 1_000_000 / PacketsPerSecond),
            },
        };
    }

    private long FrameAt(long us) => Math.Max(0, (us - UnixTime.ToMicroseconds(_start)) * Support.Footage.FramesPerSecond / 1_000_000);
}
