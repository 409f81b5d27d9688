using Vms.Codecs;
using Vms.Containers.Mp4;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Gaps;
using Vms.Recorder.Playback;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Import;

/// <summary>
/// Writes fetched footage into the archive, as a stream of the camera's beside those that are recorded: own folder, own chain, signed with the same key.
/// Nothing that was recorded is touched. One caller at a time, from any thread: what pools and queues belong to the drain thread is done there.
/// </summary>
internal sealed class FootageWriter(RecorderContext context, DrainLoop drain, StreamLedger ledger, ImportFootageRequest request)
{
    private const int FragmentBytes = 1 << 20;
    private const long SegmentBytes = 512L << 20;
    private const long SignUs = 10_000_000;

    /// <summary>It is closed at the next keyframe then.</summary>
    public static readonly TimeSpan LongestSegment = TimeSpan.FromMinutes(10);

    /// <summary>Of a segment of ten minutes: for the balance between pools.</summary>
    private const long ExpectedBytes = 300L << 20;

    /// <summary>Recording comes first: with so much queued for the pool the import waits.</summary>
    private const int GiveWayBytes = 4 << 20;

    private static readonly TimeSpan s_fragmentTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_wait = TimeSpan.FromMilliseconds(20);

    private readonly Fmp4FragmentBuilder _builder = new(context.Signer);
    private SegmentIds _ids;
    private PoolWriter _pool = context.Pools.Main;
    private SegmentFile? _segment;
    private TrackInfo[] _tracks = [];       // the video is the first
    private TrackInfo[]? _next;             // from the next keyframe on
    private uint _tracksVersion;
    private DateTimeOffset _begunAt;
    private ulong _epoch;
    private long _sequence;
    private long _segmentFromUs;
    private long _segmentBytes;
    private long _signedUs;

    public long Bytes { get; private set; }

    /// <summary>Goes on behind what was imported before.</summary>
    /// <param name="tail">The newest segment of the stream; null when there is none.</param>
    public async Task BeginAsync(SegmentFile? tail, CancellationToken cancellationToken)
    {
        _ids = new SegmentIds(tail?.Name.Id);
        _begunAt = context.Time.GetUtcNow();
        _epoch = (ulong)UnixTime.ToMicroseconds(_begunAt);
        await OnDrainAsync(() => Begin(tail), cancellationToken);
    }

    private void Begin(SegmentFile? tail)
    {
        ledger.NextRun();
        if (tail is not null && !ledger.Written.HasSample)
        {
            ledger.Restore(new WrittenPosition(tail.Last.Epoch, tail.Last.LastSequence, tail.Last.EndUs), FragmentHeader.ChainAt(tail.LastBox));
        }

        _builder.ResumeChain(ledger.Chain);
        _builder.Reserve = context.ReservedBytes;
        _pool = (tail is null ? null : context.Pools.Of(context.Layout, tail.Path)) ?? _pool;
    }

    /// <summary>What follows is of these tracks. Sound that is new waits for the next keyframe: no picture is lost for it.</summary>
    /// <param name="tracks">The video first.</param>
    public async Task UseAsync(TrackInfo[] tracks, CancellationToken cancellationToken)
    {
        _next = tracks.SequenceEqual(_tracks) ? null : tracks;
        if (_segment is null || !_tracks[0].Equals(tracks[0]))
        {
            await CloseAsync(cancellationToken);
            TakeNext();
        }
    }

    private void TakeNext()
    {
        if (_next is { } tracks)
        {
            (_tracks, _next) = (tracks, null);
            _tracksVersion++;
        }
    }

    /// <returns>False when it was left out: there is no keyframe that it could be decoded from.</returns>
    /// <exception cref="ImportFailedException">The disk does not take it.</exception>
    public async Task<bool> AddAsync(SampleHeader header, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        bool isVideo = _tracks.Length > 0 && header.TrackId == _tracks[0].Id;
        if (_segment is not null && isVideo && (header.IsDiscontinuity || (header.IsKeyframe && (IsFull(header) || _next is not null))))
        {
            await FinishAsync(header, last: true, cancellationToken);
            await CloseAsync(cancellationToken);
        }

        if (_segment is null)
        {
            if (!isVideo || !header.IsKeyframe)
            {
                return false;
            }

            TakeNext();
            await OpenAsync(header, cancellationToken);
        }
        else if (!_tracks.Any(t => t.Id == header.TrackId))
        {
            return false;
        }
        else if (Ends(header, payload.Length))
        {
            await FinishAsync(header, last: false, cancellationToken);
        }

        header = header with { TracksVersion = _tracksVersion };
        if (!_builder.AddSample(header, ++_sequence, payload.Span))
        {
            await FinishAsync(header, last: false, cancellationToken);
            _builder.AddSample(header, _sequence, payload.Span);
        }

        return true;
    }

    /// <summary>May the import end before this sample, without leaving a picture out that is shown before it?</summary>
    public bool CanEndBefore(SampleHeader header) => _builder.SampleCount == 0 || _builder.CanEndBefore(header);

    /// <summary>What was added is queued, and its segment complete.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (_segment is not { } segment)
        {
            return;
        }

        if (_builder.SampleCount > 0)
        {
            var fragment = _builder.Finish(out var header, sign: true);
            await EnqueueAsync(fragment, header, cancellationToken);
        }

        _segment = null;
        await OnDrainAsync(
            () =>
            {
                context.Pools.Correct(_pool, _segmentBytes - ExpectedBytes);
                _pool.Queue.AddClose(ledger, segment);
            },
            cancellationToken);
    }

    /// <summary>Lets go of everything after a failure: what is on disk is a segment that ends there.</summary>
    public async Task AbandonAsync(CancellationToken cancellationToken)
    {
        _builder.Discard();
        await WrittenAsync(cancellationToken);
        var segment = _segment;
        _segment = null;
        await OnDrainAsync(
            () =>
            {
                ledger.NextRun();
                if (segment is not null)
                {
                    _pool.Queue.AddClose(ledger, segment);
                }
            },
            cancellationToken);
        await WrittenAsync(cancellationToken);
    }

    /// <summary>Returns when everything that is queued has been written or dropped.</summary>
    public async Task WrittenAsync(CancellationToken cancellationToken)
    {
        while (ledger.Queued > 0)
        {
            await Task.Delay(s_wait, context.Time, cancellationToken);
        }
    }

    /// <exception cref="ImportFailedException">It does.</exception>
    public void ThrowIfFailed()
    {
        if (ledger.Failure is { } failure)
        {
            throw new ImportFailedException(failure.Reason, $"The archive's disk does not take the footage: {failure.Detail}");
        }
    }

    private bool IsFull(in SampleHeader header) =>
        header.CaptureTimeUs - _segmentFromUs >= LongestSegment.TotalMicroseconds || _segmentBytes + _builder.PayloadBytes >= SegmentBytes;

    private bool Ends(in SampleHeader header, int bytes) =>
        ((header.IsKeyframe && header.TrackId == _tracks[0].Id) || _builder.Duration >= s_fragmentTime || _builder.PayloadBytes + bytes > FragmentBytes) && _builder.CanEndBefore(header);

    private async Task OpenAsync(SampleHeader first, CancellationToken cancellationToken)
    {
        PoolWriter? chosen = null;
        await OnDrainAsync(() => chosen = context.Pools.Choose(_pool, ExpectedBytes), cancellationToken);
        if (chosen is null)
        {
            throw new ImportFailedException(ImportFailedException.PoolAway, "There is no storage pool that can be recorded into.");
        }

        if (chosen != _pool)
        {
            await WrittenAsync(cancellationToken);      // the order of a stream is kept across pools
            ThrowIfFailed();
            _pool = chosen;
        }

        var name = new SegmentName(
            ledger.CameraId, PlaybackSegments.Device, UnixTime.FromMicroseconds(first.CaptureTimeUs), _ids.Next(context.Time.GetUtcNow()));
        _segment = new SegmentFile(name, _pool.Pool.Home.PathOf(name), _tracks, LabelOf(name));
        context.Open.Add(_segment);
        _builder.BeginSegment(_tracks, _tracksVersion, _epoch, _segment.Init);
        _segmentBytes = _segment.Init.Length;
        _segmentFromUs = first.CaptureTimeUs;
        _signedUs = 0;
    }

    private SegmentLabel LabelOf(SegmentName name) => new(
        request.CameraName, name.CameraId, name.Stream, request.SiteId, name.Id, name.Start, RecorderApp.Software)
    {
        Source = SegmentLabel.FromDevice,
        SourceAddress = request.Source,
        FetchedAt = _begunAt,
    };

    private async Task FinishAsync(SampleHeader next, bool last, CancellationToken cancellationToken)
    {
        if (_builder.SampleCount == 0)
        {
            return;
        }

        bool sign = last || next.CaptureTimeUs - _signedUs >= SignUs;
        _signedUs = sign ? next.CaptureTimeUs : _signedUs;
        var fragment = _builder.Finish(next, out var header, sign);
        await EnqueueAsync(fragment, header, cancellationToken);
    }

    private async Task EnqueueAsync(ReadOnlyMemory<byte> fragment, FragmentHeader header, CancellationToken cancellationToken)
    {
        var segment = _segment!;        // the action may run when this call was given up, and the segment with it
        for (bool queued = false; !queued;)
        {
            ThrowIfFailed();
            await OnDrainAsync(
                () =>
                {
                    if (_pool.Queue.QueuedBytes < GiveWayBytes && _pool.Queue.HasRoom(fragment.Length))
                    {
                        _pool.Queue.AddFragment(ledger, segment, header, fragment.Span);
                        queued = true;
                    }
                },
                cancellationToken);
            if (!queued)
            {
                await Task.Delay(s_wait, context.Time, cancellationToken);
            }
        }

        _segmentBytes += fragment.Length;
        Bytes += fragment.Length;
    }

    /// <summary>The recorder that stops runs no more actions: nobody waits for one then.</summary>
    private Task OnDrainAsync(Action action, CancellationToken cancellationToken) => drain.DoAsync(action).WaitAsync(cancellationToken);
}
