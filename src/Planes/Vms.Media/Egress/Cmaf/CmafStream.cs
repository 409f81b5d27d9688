using System.Buffers;
using System.Text.Json;
using Vms.Codecs;
using Vms.Containers.Mp4;
using Vms.Media.Egress.Mse;
using Vms.Media.Streams;
using Vms.StreamLog;

namespace Vms.Media.Egress.Cmaf;

/// <summary>Turns one stream into fragments, one per access unit, and gives each to all its MSE viewers and to the window that HLS
/// and DASH are served from.</summary>
/// <remarks>Egress thread only, but for <see cref="Viewers"/> and the attaching and detaching.</remarks>
internal sealed class CmafStream(LiveStream stream, EgressThread thread, CmafCounters counters, TimeProvider time)
    : StreamEgress(stream, thread, time)
{
    /// <summary>The GOP that a newcomer starts from; a longer one has to be waited out.</summary>
    private const int MaxGopBytes = 32 << 20;

    /// <summary>Reordering assumed where the stream does not say.</summary>
    private const int UnknownReorderDepth = 4;

    /// <summary>How far back a new window begins: plain players want three segments before they start.</summary>
    private const long PreRollUs = 12_000_000;

    private readonly CmafMessagePool _pool = new();
    private readonly CmafPartBuilder _builder = new();
    private readonly List<CmafChunk> _gop = [];
    private CmafInit? _init;
    private CmafMessage? _description;
    private CmafMessage? _soundDescription;     // of video and sound
    private TrackInfo? _soundTrack;             // as the camera sends it
    private CmafSound? _sound;
    private CmafMessage? _staged;
    private int _stagedPayload;
    private int _gopBytes;
    private bool _flows;                        // a keyframe has gone out, and nothing since is missing
    private MseViewer[] _viewers = [];
    private CmafWindow? _window;
    private bool _fromEarlier;

    /// <summary>MSE gets each picture; HLS and DASH get parts of 200 ms.</summary>
    public override bool IsUrgent => Volatile.Read(ref _viewers).Length > 0;

    /// <summary>Replaced, never edited. Any thread.</summary>
    public IReadOnlyList<MseViewer> Viewers => Volatile.Read(ref _viewers);

    /// <summary>Rented messages not yet back in the pool. Any thread.</summary>
    public int OutstandingMessages => _pool.Outstanding;

    /// <summary>Distance of the last two keyframes of the log; null when it holds fewer.</summary>
    public static TimeSpan? GroupOfPictures(LiveStream stream)
    {
        using var reader = stream.TryOpenReader();
        return reader is not null && stream.Tracks.FirstOrDefault(t => t.IsVideo) is { } video
            && TryLastKeyframe(reader, out var last) && reader.SeekToKeyframeAtOrBefore(last.CaptureTimeUs - 1) && TryHeader(reader, out var before)
            ? new MediaTime(last.Pts - before.Pts, video.Timescale).ToTimeSpan()
            : null;
    }

    /// <summary>Before it is opened: its first viewer wants some segments at once.</summary>
    public void BeginEarlier() => _fromEarlier = true;

    /// <summary>The viewer gets everything from the last keyframe on. Any thread.</summary>
    public void Attach(MseViewer viewer) => Thread.Post(() =>
    {
        Volatile.Write(ref _viewers, [.. _viewers, viewer]);
        if (_description is not null)
        {
            Configure(viewer);
            foreach (var chunk in _gop)
                Give(viewer, chunk.Message);
        }

        viewer.Pump();
    });

    /// <summary>Any thread.</summary>
    public void Detach(MseViewer viewer) => Thread.Post(() =>
    {
        Volatile.Write(ref _viewers, [.. _viewers.Where(v => v != viewer)]);
        viewer.Drop();
    });

    /// <summary>The one window gets what comes, from the last keyframe on. Any thread.</summary>
    public void Attach(CmafWindow window) => Thread.Post(() =>
    {
        _window = window;
        if (_init is null)
            return;
        window.Configure(_init);
        foreach (var chunk in _gop)
        {
            if (chunk.Message.Kind == CmafMessageKind.Sound)
                window.AddSound(chunk.Message);
            else
                window.Add(chunk);
        }

        window.Begin();
    });

    /// <summary>Any thread; the window is disposed of.</summary>
    public void Detach(CmafWindow window) => Thread.Post(() =>
    {
        if (_window == window)
            _window = null;
        window.Dispose();
    });

    public override void Close()
    {
        base.Close();
        ReleaseGop();
        ReleaseInit();
    }

    protected override bool Takes(TrackInfo track) => CmafCodecs.TryDescribe(track, out _);

    protected override void Position(StreamLogReader reader)
    {
        bool earlier = _fromEarlier;
        _fromEarlier = false;
        if (earlier && TryLastKeyframe(reader, out var last) && (reader.SeekToKeyframeAtOrBefore(last.CaptureTimeUs - PreRollUs) || reader.SeekToOldestKeyframe()))
            return;
        reader.SeekToLastKeyframe();
    }

    protected override void ReachedEnd() => _window?.Begin();

    /// <summary>What is announced is in the track table; whether it comes is looked after by <see cref="CmafSound"/>.</summary>
    protected override void Configure(IReadOnlyList<TrackInfo> tracks)
    {
        SoundPackaging.TryFind(tracks, out var source, out var packaging);
        bool changed = source is null ? _soundTrack is not null : !source.Equals(_soundTrack);
        if (changed)
        {
            _soundTrack = source;
            _sound = packaging is null ? null : new CmafSound(packaging, counters);
        }

        var before = Video;
        base.Configure(tracks);
        if (changed && Video is { } video && video.Equals(before))
            Configure(video);
    }

    protected override void Configure(TrackInfo video)
    {
        ReleaseGop();
        ReleaseInit();
        _flows = false;
        _sound?.Restart();

        CmafCodecs.TryDescribe(video, out var codecs);
        _builder.Begin([video], Math.Min(CmafCodecs.ReorderDepth(video) ?? UnknownReorderDepth, CmafPartBuilder.MaxReorderDepth));
        CmafSoundInit? sound = null;
        if (_sound is { Packaging: var packaging })
        {
            sound = new CmafSoundInit(Init([video, packaging.Track]), Init([packaging.Track], CmafSound.TrackIndex), packaging.Codecs);
            _soundDescription = Describe($"{codecs},{packaging.Codecs}");
        }

        _init = new CmafInit(Init([video]), codecs!, video, sound);
        _description = Describe(codecs!);
        foreach (var viewer in _viewers)
            Configure(viewer);
        _window?.Configure(_init);
    }

    protected override bool Wants(byte trackId) => base.Wants(trackId) || IsSound(trackId);

    protected override void Stage(in SampleHeader header, ReadOnlySpan<byte> payload)
    {
        if (IsSound(header.TrackId))
        {
            _sound!.Stage(payload);
            return;
        }

        _staged = _pool.Rent();
        var room = _staged.Rent(
            CmafMessageKind.Fragment, header.IsKeyframe, WebSocketOpcode.Binary, CmafPartBuilder.HeaderBytes + payload.Length);
        payload.CopyTo(room[CmafPartBuilder.HeaderBytes..]);
        _stagedPayload = payload.Length;
    }

    protected override void Publish(in SampleHeader header)
    {
        if (IsSound(header.TrackId))
        {
            _sound!.Publish(header);
            if (_sound.IsFull)
                SendSound();
            return;
        }

        SendSound();
        var message = _staged!;
        _staged = null;
        if (header.IsDiscontinuity)
            _sound?.Restart();
        if (header.IsKeyframe)
        {
            ReleaseGop();
            _flows = true;
        }
        else if (!_flows)
        {
            message.Release();      // nobody could decode it
            return;
        }

        var times = _builder.WriteHeader(header, _stagedPayload, message.WritablePayload);
        int timescale = Video!.Timescale;
        var chunk = new CmafChunk(
            message, MediaTime.Rescale(times.DecodeTime, timescale, MediaTime.VideoTimescale),
            MediaTime.Rescale(times.PresentationTime, timescale, MediaTime.VideoTimescale),
            (int)MediaTime.Rescale(times.Duration, timescale, MediaTime.VideoTimescale), header.CaptureTimeUs, header.IsDiscontinuity);
        if (header.IsKeyframe || _gop.Count > 0)
            Keep(chunk);
        foreach (var viewer in _viewers)
        {
            viewer.Enqueue(message);
            viewer.Pump();
        }

        _window?.Add(chunk);
        message.Release();
        _sound?.Follow(chunk);
    }

    protected override void Discard()
    {
        _staged?.Release();
        _staged = null;
    }

    protected override void Gap()
    {
        ReleaseGop();
        _flows = false;
        _sound?.Restart();
        foreach (var viewer in _viewers)
            viewer.WaitForKeyframe();
        _window?.Break();
    }

    /// <summary>Viewers are served as samples come and their sockets drain. Here only those are ended whose socket does not.</summary>
    protected override TimeSpan Send(TimeSpan now)
    {
        foreach (var viewer in _viewers)
            viewer.EndIfStalled(now);
        return TimeSpan.MaxValue;
    }

    private static bool TryLastKeyframe(StreamLogReader reader, out SampleHeader header)
    {
        header = default;
        return reader.SeekToLastKeyframe() && TryHeader(reader, out header);
    }

    private static bool TryHeader(StreamLogReader reader, out SampleHeader header)
    {
        header = default;
        if (reader.TryRead(out var lease) != ReadOutcome.Sample)
            return false;
        header = lease.Header;
        return lease.Commit();
    }

    /// <summary>For newcomers; those who watch get every picture, however long the group is.</summary>
    private void Keep(in CmafChunk chunk)
    {
        _gopBytes += chunk.Message.Length;
        if (_gopBytes > MaxGopBytes)
        {
            ReleaseGop();
            return;
        }

        chunk.Message.Share();
        _gop.Add(chunk);
    }

    private void ReleaseGop()
    {
        foreach (var chunk in _gop)
            chunk.Message.Release();
        _gop.Clear();
        _gopBytes = 0;
    }

    private void ReleaseInit()
    {
        _description?.Release();
        _soundDescription?.Release();
        _init?.Release();
        (_description, _soundDescription, _init) = (null, null, null);
    }

    private bool IsSound(byte trackId) => _soundTrack is { } track && track.Id == trackId;

    /// <summary>What waits of the sound, as one fragment for those who hear it.</summary>
    private void SendSound()
    {
        if (_sound is not { HasPending: true } sound || !_flows)
            return;
        var message = _pool.Rent();
        sound.Write(_builder.NextSequence(), message.Rent(CmafMessageKind.Sound, isKeyframe: false, WebSocketOpcode.Binary, sound.PendingBytes));
        if (_gop.Count > 0)
            Keep(new CmafChunk(message, 0, 0, 0, 0, IsDiscontinuity: false));
        foreach (var viewer in _viewers)
        {
            Give(viewer, message);
            viewer.Pump();
        }

        _window?.AddSound(message);
        message.Release();
    }

    private static void Give(MseViewer viewer, CmafMessage fragment)
    {
        if (fragment.Kind != CmafMessageKind.Sound || viewer.Hears)
            viewer.Enqueue(fragment);
    }

    /// <summary>Sound is for viewers that have said they can play it.</summary>
    private void Configure(MseViewer viewer)
    {
        viewer.Hears = _init!.Sound is { } sound && viewer.Plays(sound.Codecs);
        viewer.Configure(viewer.Hears ? _soundDescription! : _description!, viewer.Hears ? _init.All : _init.Video);
    }

    private CmafMessage Init(IReadOnlyList<TrackInfo> tracks, int firstIndex = 0)
    {
        var init = new ArrayBufferWriter<byte>();
        Fmp4Writer.WriteInit(init, tracks, firstIndex);
        return Message(CmafMessageKind.Init, WebSocketOpcode.Binary, init.WrittenSpan);
    }

    private CmafMessage Describe(string codecs) => Message(CmafMessageKind.Description, WebSocketOpcode.Text, JsonSerializer.SerializeToUtf8Bytes(
        new MseHello("mse", $"video/mp4; codecs=\"{codecs}\""), MseJson.Default.MseHello));

    private CmafMessage Message(CmafMessageKind kind, WebSocketOpcode opcode, ReadOnlySpan<byte> bytes)
    {
        var message = _pool.Rent();
        bytes.CopyTo(message.Rent(kind, isKeyframe: false, opcode, bytes.Length));
        return message;
    }
}
