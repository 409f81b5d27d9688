using Vms.Codecs;
using Vms.Media.Streams;
using Vms.StreamLog;

namespace Vms.Media.Egress;

/// <summary>
/// Reads the log of one stream for its viewers of one kind: opens it, follows it through growth, overruns and restarts, and hands
/// each sample to the derived type as stage → publish, or discard when the writer lapped us in between.
/// </summary>
/// <remarks>All members but <see cref="Signal"/> and <see cref="IsUrgent"/> belong to the egress thread.</remarks>
internal abstract class StreamEgress(LiveStream stream, EgressThread thread, TimeProvider time) : ISampleSignal
{
    /// <summary>Samples taken in one turn; viewers are served in between.</summary>
    private const int MaxSamplesPerTurn = 64;

    /// <summary>Longest time between two turns: the reader looks whether its log has moved.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMilliseconds(250);

    /// <summary>How often to look for a log that is not there.</summary>
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(250);

    private StreamLogReader? _reader;
    private TimeSpan _nextOpen;
    private uint _tracksVersion;
    private ulong _epoch;               // with _nextSequence: where to go on after the log had to be opened again
    private long _nextSequence = -1;
    private uint _broken;               // tracks whose next sample does not continue the one before it, as bits
    private bool _signalled;

    public LiveStream Stream => stream;

    protected EgressThread Thread => thread;

    protected TimeProvider Time => time;

    /// <summary>The track whose samples are sent; null until the camera has described itself.</summary>
    protected TrackInfo? Video { get; private set; }

    /// <inheritdoc/>
    public virtual bool IsUrgent => true;

    /// <inheritdoc/>
    public void Signal()
    {
        Volatile.Write(ref _signalled, true);
        thread.Wake();
    }

    /// <summary>When the next turn is due without a signal.</summary>
    public TimeSpan Due { get; private set; }

    /// <summary>There is something to do.</summary>
    public bool WantsTurn(TimeSpan now) => Volatile.Read(ref _signalled) || now >= Due;

    /// <summary>Takes what is new and sends what is due.</summary>
    public void Turn(TimeSpan now)
    {
        Volatile.Write(ref _signalled, false);
        bool more = ReadNew(now);
        if (!more)
            ReachedEnd();
        var next = Send(now);
        if (_reader is null && _nextOpen < next)
            next = _nextOpen;
        Due = more ? now : next < now + s_longestWait ? next : now + s_longestWait;
    }

    /// <summary>A turn on the next occasion: there is a new viewer.</summary>
    public void Hurry() => Due = TimeSpan.Zero;

    /// <summary>Begins to follow the log, from its last keyframe on.</summary>
    public void Open()
    {
        stream.Subscribe(this);
        _nextOpen = thread.Now;
    }

    /// <summary>The last viewer has gone.</summary>
    public virtual void Close()
    {
        stream.Unsubscribe(this);
        CloseReader();
    }

    /// <summary>After a fault: forgets everything but the viewers.</summary>
    public void StartOver()
    {
        CloseReader();
        _nextOpen = thread.Now + s_retry;
        _nextSequence = -1;
        Due = _nextOpen;
        Gap();
    }

    /// <summary>A track whose samples can be sent; the first one is.</summary>
    protected virtual bool Takes(TrackInfo track) => track.Codec == CodecKind.H264;

    /// <summary>Where a reader begins that does not continue.</summary>
    protected virtual void Position(StreamLogReader reader) => reader.SeekToLastKeyframe();

    /// <summary>What the log holds has been taken.</summary>
    protected virtual void ReachedEnd()
    {
    }

    /// <summary>Another track table applies from the next sample on: by default the first track that can be sent is.</summary>
    protected virtual void Configure(IReadOnlyList<TrackInfo> tracks)
    {
        var video = tracks.FirstOrDefault(Takes);
        bool changed = video is not null && !video.Equals(Video);
        Video = video;
        if (changed)
            Configure(video!);
    }

    /// <summary>The track that is sent has other parameters from the next sample on.</summary>
    protected virtual void Configure(TrackInfo video)
    {
    }

    /// <summary>The track's samples are to be staged.</summary>
    protected virtual bool Wants(byte trackId) => Video is { } video && trackId == video.Id;

    /// <summary>Copies the sample out of the ring; it may still turn out torn.</summary>
    /// <param name="header">Of a wanted track.</param>
    /// <param name="payload">Ring memory: not to be kept.</param>
    protected abstract void Stage(in SampleHeader header, ReadOnlySpan<byte> payload);

    /// <summary>The staged copy was the sample.</summary>
    protected abstract void Publish(in SampleHeader header);

    /// <summary>The staged copy is to be thrown away.</summary>
    protected abstract void Discard();

    /// <summary>Samples are missing; the next one is a keyframe.</summary>
    protected abstract void Gap();

    /// <summary>Serves the viewers.</summary>
    /// <returns>When there is something to do without a new sample.</returns>
    protected abstract TimeSpan Send(TimeSpan now);

    /// <returns>True when there is more to read.</returns>
    private bool ReadNew(TimeSpan now)
    {
        if (_reader is null && !TryOpen(now))
            return false;

        for (int i = 0; i < MaxSamplesPerTurn; i++)
        {
            switch (_reader!.TryRead(out var lease))
            {
                case ReadOutcome.Sample:
                    Take(lease);
                    break;
                case ReadOutcome.Overrun:
                    Gap();
                    break;
                case ReadOutcome.Moved:
                    if (_reader.MovedToNewLineage)
                        Break();
                    break;
                case ReadOutcome.Closed:
                    CloseReader();
                    _nextOpen = now + s_retry;
                    return false;
                default:
                    return false;
            }
        }

        return true;
    }

    private void Take(in SampleLease lease)
    {
        var header = lease.Header;
        if (header.TracksVersion != _tracksVersion)
            ReadTracks(header.TracksVersion);

        uint track = 1u << (header.TrackId & 31);
        if ((_broken & track) != 0)
            header = header with { Flags = header.Flags | SampleFlags.Discontinuity };
        bool wanted = Wants(header.TrackId);
        if (wanted)
            Stage(header, lease.Payload);
        bool whole = lease.Commit();
        if (whole)
            (_epoch, _nextSequence) = (lease.Epoch, lease.Sequence + 1);
        if (!wanted)
            return;
        if (whole)
            Publish(header);
        else
            Discard();
        if (whole)
            _broken &= ~track;
    }

    private void Break()
    {
        _tracksVersion = 0;
        _broken = uint.MaxValue;
        Gap();
    }

    private void ReadTracks(uint version)
    {
        if (!_reader!.TryGetTracks(version, out var tracks))
            return;

        _tracksVersion = version;
        Configure(tracks);
    }

    private bool TryOpen(TimeSpan now)
    {
        if (now < _nextOpen)
            return false;

        _reader = stream.TryOpenReader();
        if (_reader is null)
        {
            _nextOpen = now + s_retry;
            return false;
        }

        if (_nextSequence >= 0 && _reader.SeekTo(_epoch, _nextSequence))
            return true;

        // A log without a keyframe is read from its oldest sample; nothing is shown before a keyframe comes.
        Break();
        Position(_reader);
        return true;
    }

    private void CloseReader()
    {
        _reader?.Dispose();
        _reader = null;
    }
}
