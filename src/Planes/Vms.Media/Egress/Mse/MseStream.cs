using System.Buffers;
using System.Text.Json;
using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Containers.Mp4;
using Vms.Media.Streams;

namespace Vms.Media.Egress.Mse;

/// <summary>Turns one stream into fragments, one per access unit, and gives each to all its MSE viewers.</summary>
/// <remarks>Egress thread only, but for <see cref="Viewers"/>, <see cref="Attach"/> and <see cref="Detach"/>. Video only: a
/// browser would wait for an audio track that a camera has announced and does not send.</remarks>
internal sealed class MseStream(LiveStream stream, EgressThread thread, TimeProvider time)
    : StreamEgress(stream, thread, time)
{
    /// <summary>The GOP that a newcomer starts from; a longer one has to be waited out.</summary>
    private const int MaxGopBytes = 32 << 20;

    /// <summary>Reordering assumed where the stream does not say.</summary>
    private const int UnknownReorderDepth = 4;

    private readonly MseMessagePool _pool = new();
    private readonly CmafPartBuilder _builder = new();
    private readonly List<MseMessage> _gop = [];
    private MseMessage? _description;
    private MseMessage? _init;
    private MseMessage? _staged;
    private int _stagedPayload;
    private int _gopBytes;
    private MseViewer[] _viewers = [];

    /// <summary>Replaced, never edited. Any thread.</summary>
    public IReadOnlyList<MseViewer> Viewers => Volatile.Read(ref _viewers);

    /// <summary>Rented messages not yet back in the pool. Any thread.</summary>
    public int OutstandingMessages => _pool.Outstanding;

    /// <summary>The viewer gets everything from the last keyframe on. Any thread.</summary>
    public void Attach(MseViewer viewer) => Thread.Post(() =>
    {
        Volatile.Write(ref _viewers, [.. _viewers, viewer]);
        if (_description is not null)
        {
            viewer.Configure(_description, _init!);
            foreach (var message in _gop)
                viewer.Enqueue(message);
        }

        viewer.Pump();
    });

    /// <summary>Any thread.</summary>
    public void Detach(MseViewer viewer) => Thread.Post(() =>
    {
        Volatile.Write(ref _viewers, [.. _viewers.Where(v => v != viewer)]);
        viewer.Drop();
    });

    public override void Close()
    {
        base.Close();
        ReleaseGop();
        _description?.Release();
        _init?.Release();
        (_description, _init) = (null, null);
    }

    protected override void Configure(TrackInfo video)
    {
        ReleaseGop();
        _description?.Release();
        _init?.Release();

        int reorderDepth = UnknownReorderDepth;
        var codec = "";
        if (AvcDecoderConfiguration.TryParse(video.CodecParameters, out var avc))
        {
            codec = avc.CodecString;
            if (H264Sps.TryParse(avc.Sps[0].Span, out var sps) && sps.MaxNumReorderFrames is { } depth)
                reorderDepth = Math.Min(depth, CmafPartBuilder.MaxReorderDepth);
        }

        _builder.Begin([video], reorderDepth);
        var init = new ArrayBufferWriter<byte>();
        Fmp4Writer.WriteInit(init, [video]);
        _init = Message(MseMessageKind.Init, WebSocketOpcode.Binary, init.WrittenSpan);
        _description = Message(MseMessageKind.Description, WebSocketOpcode.Text, JsonSerializer.SerializeToUtf8Bytes(
            new MseHello("mse", $"video/mp4; codecs=\"{codec}\""), MseJson.Default.MseHello));
        foreach (var viewer in _viewers)
            viewer.Configure(_description, _init);
    }

    protected override void Stage(in SampleHeader header, ReadOnlySpan<byte> payload)
    {
        _staged = _pool.Rent();
        var room = _staged.Rent(
            MseMessageKind.Fragment, header.IsKeyframe, WebSocketOpcode.Binary, CmafPartBuilder.HeaderBytes + payload.Length);
        payload.CopyTo(room[CmafPartBuilder.HeaderBytes..]);
        _stagedPayload = payload.Length;
    }

    protected override void Publish(in SampleHeader header)
    {
        var message = _staged!;
        _staged = null;
        if (header.IsKeyframe)
            ReleaseGop();
        else if (_gop.Count == 0)
        {
            message.Release();      // nobody could decode it
            return;
        }

        _builder.WriteHeader(header, _stagedPayload, message.WritablePayload);
        Keep(message);
        foreach (var viewer in _viewers)
        {
            viewer.Enqueue(message);
            viewer.Pump();
        }

        message.Release();
    }

    protected override void Discard()
    {
        _staged?.Release();
        _staged = null;
    }

    protected override void Gap()
    {
        ReleaseGop();
        foreach (var viewer in _viewers)
            viewer.WaitForKeyframe();
    }

    /// <summary>Viewers are served as samples come and their sockets drain. Here only those are ended whose socket does not.</summary>
    protected override TimeSpan Send(TimeSpan now)
    {
        foreach (var viewer in _viewers)
            viewer.EndIfStalled(now);
        return TimeSpan.MaxValue;
    }

    private void Keep(MseMessage message)
    {
        _gopBytes += message.Length;
        if (_gopBytes > MaxGopBytes)
            ReleaseGop();
        else
            _gop.Add(message.Share());
    }

    private void ReleaseGop()
    {
        foreach (var message in _gop)
            message.Release();
        _gop.Clear();
        _gopBytes = 0;
    }

    private MseMessage Message(MseMessageKind kind, WebSocketOpcode opcode, ReadOnlySpan<byte> bytes)
    {
        var message = _pool.Rent();
        bytes.CopyTo(message.Rent(kind, isKeyframe: false, opcode, bytes.Length));
        return message;
    }
}
