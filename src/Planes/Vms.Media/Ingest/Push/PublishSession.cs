using System.Net;
using Vms.Media.Ingest.Rtsp;
using Vms.Rtp.Rtcp;

namespace Vms.Media.Ingest.Push;

/// <summary>
/// The media of one publisher, from RECORD to its last packet: the same receivers, watchdog and reports as for a camera that is pulled.
/// Its connection brings the packets, its <see cref="PushReceiver"/> lets time pass. Any thread.
/// </summary>
/// <remarks>Media allocates nothing. The gate is held for one packet or one look.</remarks>
internal sealed class PublishSession
{
    private const string Cname = "vms";
    private static readonly TimeSpan s_reportInterval = TimeSpan.FromSeconds(5);        // RFC 3550 §6.2
    private static readonly TimeSpan s_heartbeatInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly PublishedTracks _published;
    private readonly bool _isUdp;
    private readonly Action<int, byte[], int> _sendReport;
    private readonly byte[] _report = new byte[RtcpWriter.MaxCompoundSize];
    private readonly TaskCompletionSource _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _firstSample = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TrackReceivers? _tracks;
    private SampleAppender? _samples;
    private IngestCounters? _counters;
    private IngestOptions? _options;
    private TimeSpan _since;
    private TimeSpan _heardAt;
    private TimeSpan _reportAt;
    private TimeSpan _heartbeatAt;

    /// <param name="sendReport">Sends a receiver report for a track: buffer and length. Must not block.</param>
    /// <param name="now">Monotonic.</param>
    public PublishSession(PublishedTracks published, string user, IPAddress from, bool isUdp, Action<int, byte[], int> sendReport, TimeSpan now)
    {
        _published = published;
        User = user;
        From = from;
        _isUdp = isUdp;
        _sendReport = sendReport;
        _heardAt = now;
    }

    public string User { get; }

    public IPAddress From { get; }

    public string Transport => _isUdp ? "UDP" : "TCP";

    public IReadOnlyList<string> LeftOut => _published.LeftOut;

    /// <summary>Completes when packets count: the publisher may be told to send.</summary>
    public Task Attached => _attached.Task;

    public Task FirstSample => _firstSample.Task;

    public Task Ended => _ended.Task;

    /// <summary>Set once <see cref="Ended"/>.</summary>
    public PullEnd? End { get; private set; }

    public bool IsSilent(TimeSpan now, TimeSpan limit)
    {
        lock (_gate)
            return now - _heardAt >= limit;
    }

    public void Attach(TrackReceivers tracks, SampleAppender samples, IngestCounters counters, IngestOptions options, in IngestTime now)
    {
        lock (_gate)
        {
            if (End is not null)
                return;
            (_tracks, _samples, _counters, _options) = (tracks, samples, counters, options);
            (_since, _heardAt, _reportAt) = (now.Monotonic, now.Monotonic, now.Monotonic + s_reportInterval);
            tracks.BeginRun(_published.Tracks, _isUdp ? options.ReorderWait : TimeSpan.Zero);
        }

        _attached.TrySetResult();
    }

    /// <param name="media">Section of the announced description.</param>
    /// <param name="datagram">Borrowed.</param>
    public void Receive(int media, bool isRtcp, ReadOnlySpan<byte> datagram, in IngestTime now)
    {
        lock (_gate)
        {
            if (_tracks is null || End is not null)
                return;
            _heardAt = now.Monotonic;
            if (_published.TrackOf(media) is not { } track)
                return;     // left out
            try
            {
                Receive(_tracks[track], track, isRtcp, datagram, now);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Break(e);
            }
        }
    }

    /// <summary>A packet on a channel that was not set up, or from another machine.</summary>
    public void CountForeign()
    {
        lock (_gate)
            _counters?.Foreign();
    }

    /// <summary>After all packets of a receive: viewers are woken once.</summary>
    public void EndPass()
    {
        lock (_gate)
            _samples?.EndPass();
    }

    /// <summary>The watchdog, reports, missing packets. Called about ten times a second.</summary>
    public void Tick(in IngestTime now)
    {
        lock (_gate)
        {
            if (_tracks is null || End is not null)
                return;
            try
            {
                _tracks.Tick(now);
                _samples!.EndPass();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Break(e);
                return;
            }

            _counters!.Measure(now.Monotonic);
            if (now.Monotonic >= _heartbeatAt)
            {
                _heartbeatAt = now.Monotonic + s_heartbeatInterval;
                _samples.Heartbeat();
            }

            Watch(now);
            if (End is not null || now.Monotonic < _reportAt)
                return;
            _reportAt = now.Monotonic + s_reportInterval;
            for (int i = 0; i < _tracks.Count; i++)
                _sendReport(_published.Media[i], _report, _tracks[i].WriteReport(_report, Cname, now));
        }
    }

    /// <summary>Nothing counts any more. Only the first end does.</summary>
    public void Finish(PullEnd end)
    {
        lock (_gate)
            Close(end);
    }

    private void Receive(TrackReceiver receiver, int track, bool isRtcp, ReadOnlySpan<byte> datagram, in IngestTime now)
    {
        if (isRtcp)
        {
            if (receiver.ReceiveRtcp(datagram, now) && track == 0)
                Close(new(PullEndKind.PeerClosed, "The publisher said goodbye (RTCP BYE)."));
            return;
        }

        receiver.Receive(datagram, now);
        if (_samples!.RunSamples > 0)
            _firstSample.TrySetResult();
    }

    /// <summary>What one publisher sends ends its own session at most, never the stream that waits for the next.</summary>
    private void Break(Exception error) => Close(new(PullEndKind.Internal, "The publisher's stream met an internal error.") { Error = error });

    /// <summary>A publisher lives as long as pictures come, as a camera does.</summary>
    private void Watch(in IngestTime now)
    {
        var limit = 2 * _samples!.Gop;
        limit = limit < _options!.WatchdogMinimum ? _options.WatchdogMinimum : limit > _options.WatchdogMaximum ? _options.WatchdogMaximum : limit;
        _counters!.Silent(_tracks!.CountSilent(_since, _options.AudioWatchdog, now));
        if (now.Monotonic - (_tracks.Video.LastSampleAt ?? _since) >= limit)
            Close(new(PullEndKind.NoVideo, $"The publisher is connected and sent no picture for {limit.TotalSeconds:0.#} s."));
    }

    private void Close(PullEnd end)
    {
        if (End is not null)
            return;
        End = end;
        if (end.Error is null)
            _samples?.EndPass();
        _counters?.StopMeasuring();
        _attached.TrySetResult();
        _ended.TrySetResult();
    }
}
