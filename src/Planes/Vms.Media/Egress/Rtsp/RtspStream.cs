using System.Security.Cryptography;
using Vms.Codecs;
using Vms.Media.Streams;
using Vms.Rtsp.Server;

namespace Vms.Media.Egress.Rtsp;

/// <summary>Sends one stream to all its RTSP viewers: each sample is cut and numbered once, and its bytes are the same for all.</summary>
/// <remarks>Egress thread only, but for <see cref="Viewers"/>, <see cref="AttachAsync"/>, <see cref="DetachAsync"/> and <see cref="SsrcOf"/>.</remarks>
internal sealed class RtspStream : StreamEgress
{
    /// <summary>The GOP that a newcomer starts from; a longer one has to be waited out.</summary>
    private const int MaxGopBytes = 32 << 20;

    private const int MaxTracks = 8;
    private static readonly TimeSpan s_reportInterval = TimeSpan.FromSeconds(5);

    /// <summary>How long the answer to PLAY waits for something to begin with, so that it can say where that begins.</summary>
    private static readonly TimeSpan s_startPatience = TimeSpan.FromSeconds(2);

    private readonly RtspDatagrams? _datagrams;
    private readonly uint _firstSsrc = (uint)RandomNumberGenerator.GetInt32(1, int.MaxValue - MaxTracks);
    private readonly string _cname = "vms-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
    private readonly RtspUnitPool _pool = new();
    private readonly RtspTrack?[] _tracks = new RtspTrack?[MaxTracks];
    private readonly List<RtspUnit> _gop = [];
    private readonly List<Newcomer> _newcomers = [];        // they wait for a start
    private RtspTrack? _staged;
    private int _videoTracks;           // bits
    private bool _flows;                // since the last start nothing is missing
    private int _gopBytes;
    private TimeSpan _nextReport;
    private RtspViewer[] _viewers = [];

    /// <param name="datagrams">The egress thread's own, shared by its streams; null without UDP.</param>
    public RtspStream(LiveStream stream, EgressThread thread, RtspDatagrams? datagrams, TimeProvider time)
        : base(stream, thread, time) => _datagrams = datagrams;

    /// <summary>Raised on the egress thread with the numbers of tracks that are now something else: their viewers have to ask anew.</summary>
    public event Action<int>? TracksReplaced;

    /// <summary>Replaced, never edited. Any thread.</summary>
    public IReadOnlyList<RtspViewer> Viewers => Volatile.Read(ref _viewers);

    /// <summary>Rented units not yet back in the pool. Any thread.</summary>
    public int OutstandingUnits => _pool.Outstanding;

    /// <summary>Any thread.</summary>
    public uint SsrcOf(int track) => _firstSsrc + (uint)track;

    /// <summary>The viewer gets everything from the last keyframe on; where there is none yet, it is waited for. Any thread.</summary>
    /// <param name="reply">Called on the egress thread: answers PLAY, given where each track begins.</param>
    /// <returns>When the reply is out, or the viewer was detached before.</returns>
    public async Task AttachAsync(RtspViewer viewer, Func<IReadOnlyList<RtspTrackStart>, byte[]> reply)
    {
        var newcomer = new Newcomer(viewer, reply);
        await OnThreadAsync(() =>
        {
            newcomer.Deadline = Thread.Now + s_startPatience;
            if (_gop.Exists(u => viewer.Wants(u.TrackId)))
                Begin(newcomer);
            else
                _newcomers.Add(newcomer);
            Hurry();
        });
        await newcomer.Begun.Task;
    }

    private void Begin(Newcomer newcomer)
    {
        try
        {
            Begin(newcomer.Viewer, newcomer.Reply);
            newcomer.Begun.SetResult();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            newcomer.Begun.SetException(e);     // one viewer's trouble, not the thread's
        }
    }

    private void Begin(RtspViewer viewer, Func<IReadOnlyList<RtspTrackStart>, byte[]> reply)
    {
        var first = new List<RtspUnit>();
        foreach (var track in _tracks)
        {
            if (track is { HasSent: true } && viewer.Wants(track.Info.Id))
                first.Add(Report(track, goodbye: false));
        }

        int reports = first.Count;
        first.AddRange(_gop);
        viewer.Begin(reply, first);
        foreach (var report in first.Take(reports))
            report.Release();
        Volatile.Write(ref _viewers, [.. _viewers, viewer]);
    }

    /// <summary>Those who waited for a start, once there is one or their time is over.</summary>
    /// <returns>When the next one's time is over.</returns>
    private TimeSpan BeginNewcomers(TimeSpan now)
    {
        var next = TimeSpan.MaxValue;
        for (int i = 0; i < _newcomers.Count;)
        {
            var newcomer = _newcomers[i];
            if (now < newcomer.Deadline && !_gop.Exists(u => newcomer.Viewer.Wants(u.TrackId)))
            {
                next = Earlier(next, newcomer.Deadline);
                i++;
                continue;
            }

            _newcomers.RemoveAt(i);
            Begin(newcomer);
        }

        return next;
    }

    /// <summary>Any thread.</summary>
    /// <param name="goodbye">The viewer is told (RTCP BYE).</param>
    /// <returns>When nothing more is sent.</returns>
    public Task DetachAsync(RtspViewer viewer, bool goodbye) => OnThreadAsync(() =>
    {
        Volatile.Write(ref _viewers, [.. _viewers.Where(v => v != viewer)]);
        if (_newcomers.Find(n => n.Viewer == viewer) is { } newcomer)
        {
            _newcomers.Remove(newcomer);
            newcomer.Begun.SetResult();
        }

        viewer.Stop();
        if (!goodbye)
            return;
        var reports = _tracks.Where(t => t is { HasSent: true } && viewer.Wants(t.Info.Id)).Select(t => Report(t!, goodbye: true)).ToList();
        viewer.SayGoodbye(reports, _datagrams);
        foreach (var report in reports)
            report.Release();
    });

    public override void Close()
    {
        base.Close();
        ReleaseGop();
    }

    protected override void Configure(IReadOnlyList<TrackInfo> tracks)
    {
        int replaced = 0;
        _videoTracks = 0;
        for (byte id = 0; id < MaxTracks; id++)
        {
            var info = tracks.FirstOrDefault(t => t.Id == id && RtspTrack.CanSend(t));
            if (info is { IsVideo: true })
                _videoTracks |= 1 << id;
            if (_tracks[id] is { } known && (info is null || !known.TryChange(info)))
            {
                replaced |= 1 << id;
                _tracks[id] = null;
            }

            if (_tracks[id] is null && info is not null)
                _tracks[id] = new RtspTrack(info, SsrcOf(id), _cname);
        }

        if (replaced != 0)
        {
            Gap();
            TracksReplaced?.Invoke(replaced);
        }
    }

    protected override bool Wants(byte trackId) => trackId < MaxTracks && _tracks[trackId] is not null;

    protected override void Stage(in SampleHeader header, ReadOnlySpan<byte> payload)
    {
        _staged = _flows || IsStart(header) ? _tracks[header.TrackId] : null;      // else nobody could decode it
        _staged?.Stage(header, payload);
    }

    protected override void Publish(in SampleHeader header)
    {
        if (_staged is not { } track)
            return;

        bool isStart = IsStart(header);
        var unit = _pool.Rent();
        if (!track.HasSent || header.IsDiscontinuity)
            _nextReport = TimeSpan.Zero;
        track.Publish(header, unit, isStart);
        if (isStart)
        {
            ReleaseGop();
            _flows = true;
        }

        if (isStart || _gop.Count > 0)
            Keep(unit);
        foreach (var viewer in _viewers)
            viewer.Offer(unit);
        unit.Release();
    }

    protected override void Discard() => _staged = null;

    protected override void Gap()
    {
        _flows = false;
        ReleaseGop();
        foreach (var viewer in _viewers)
            viewer.WaitForKeyframe();
    }

    protected override TimeSpan Send(TimeSpan now)
    {
        var next = _newcomers.Count > 0 ? BeginNewcomers(now) : TimeSpan.MaxValue;
        if (now >= _nextReport)
            SendReports(now);
        next = Earlier(next, _nextReport);
        var viewers = _viewers;
        for (int i = 0; i < viewers.Length; i++)
        {
            if (viewers[i] is RtspTcpViewer tcp)
                tcp.EndIfStalled(now);
            else if (viewers[i] is RtspUdpViewer udp)
                next = Earlier(next, _datagrams!.Send(udp, i, now, viewers));
        }

        _datagrams?.Flush(viewers);
        return next;
    }

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => other < one ? other : one;

    /// <summary>Where a newcomer can begin: a keyframe, or anything where there is no video.</summary>
    private bool IsStart(in SampleHeader header) =>
        _videoTracks == 0 || header.IsKeyframe && (_videoTracks >> header.TrackId & 1) != 0;

    private void SendReports(TimeSpan now)
    {
        _nextReport = now + s_reportInterval;
        foreach (var track in _tracks)
        {
            if (track is not { HasSent: true })
                continue;
            var report = Report(track, goodbye: false);
            foreach (var viewer in _viewers)
                viewer.Offer(report);
            report.Release();
        }
    }

    private Task OnThreadAsync(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread.Post(() =>
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                done.SetException(e);       // as with a viewer that begins
            }
        });
        return done.Task;
    }

    private RtspUnit Report(RtspTrack track, bool goodbye)
    {
        var unit = _pool.Rent();
        track.WriteReport(unit, Time, goodbye);
        return unit;
    }

    private void Keep(RtspUnit unit)
    {
        _gopBytes += unit.Length;
        if (_gopBytes > MaxGopBytes)
            ReleaseGop();
        else
            _gop.Add(unit.Share());
    }

    private void ReleaseGop()
    {
        foreach (var unit in _gop)
            unit.Release();
        _gop.Clear();
        _gopBytes = 0;
    }

    /// <summary>Has asked to play.</summary>
    private sealed class Newcomer(RtspViewer viewer, Func<IReadOnlyList<RtspTrackStart>, byte[]> reply)
    {
        public RtspViewer Viewer => viewer;

        public Func<IReadOnlyList<RtspTrackStart>, byte[]> Reply => reply;

        public TimeSpan Deadline { get; set; }

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
