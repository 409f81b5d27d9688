using Vms.Containers.AtRest;
using Vms.Containers.Integrity;
using Vms.Containers.Mp4;
using Vms.Hosting;
using Vms.Native.Storage;
using Vms.Recorder.Archive;
using Vms.Recorder.AtRest;
using Vms.Recorder.Events;
using Vms.Recorder.Gaps;
using Vms.Recorder.Retention;

namespace Vms.Recorder.Writing;

/// <summary>
/// The one thread that writes to a pool: fragments into their segments and, in the same order, their changes into the journal.
/// It blocks on the disk so that nothing else has to; what it cannot take stays in the stream logs.
/// </summary>
internal sealed partial class PoolWriter : IDisposable
{
    /// <summary>No reservations on a file system with less free space than this: they would look like a full disk.</summary>
    private const long RoomyBytes = 8L << 30;

    /// <summary>Disk trouble is no reason to restart the process: only a hang well beyond any disk's time-out is.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan s_wait = TimeSpan.FromMilliseconds(500);

    private readonly StoragePool _pool;
    private readonly IndexJournal _journal;
    private readonly OpenSegments _open;
    private readonly PoolCommitter _committer;
    private readonly RetentionSweep _retention;
    private readonly RecorderEvents _events;
    private readonly DirectWrites _direct;
    private readonly PoolEncryption _encryption;
    private readonly CurrentSegment _current;
    private readonly RecorderOptions _options;
    private readonly ILogger _logger;
    private readonly Progress _progress;
    private readonly Thread _thread;
    private volatile bool _stopping;

    public PoolWriter(
        StoragePool pool,
        IndexJournal journal,
        OpenSegments open,
        PoolCommitter committer,
        RetentionSweep retention,
        RecorderEvents events,
        DirectWrites direct,
        PoolEncryption encryption,
        RecorderOptions options,
        ProgressMonitor progress,
        ILogger logger)
    {
        _pool = pool;
        _journal = journal;
        _open = open;
        _committer = committer;
        _retention = retention;
        _events = events;
        _direct = direct;
        _encryption = encryption;
        _current = new CurrentSegment(pool.Home);
        _options = options;
        _logger = logger;
        _progress = progress.Register(ThreadOf("pool writer", pool), s_patience);
        _thread = new Thread(Run) { Name = ThreadOf("pool writer", pool), IsBackground = true };
    }

    public StoragePool Pool => _pool;

    public PoolCommitter Committer => _committer;

    public DirectWrites Direct => _direct;

    public WriteQueue Queue { get; } = new();

    /// <summary>A segment is complete; by the writer thread, which must not be kept.</summary>
    public event Action<SegmentRow>? SegmentClosed;

    public static string ThreadOf(string purpose, StoragePool pool) => pool.Home.IsMain ? purpose : $"{purpose} {pool.Name}";

    public void Start()
    {
        _committer.Start();
        _thread.Start();
    }

    /// <summary>Writes and commits what is queued, then ends. The caller has stopped the producer.</summary>
    public void Stop()
    {
        _stopping = true;
        _thread.Join();
        _committer.Stop();
    }

    public void Dispose()
    {
        _progress.Dispose();
        _committer.Dispose();
    }

    private void Run()
    {
        while (!_stopping || !Queue.IsEmpty)
        {
            _progress.Beat();
            if (!Queue.TryTake(s_wait, out var job))
            {
                continue;
            }

            Process(job);
            Queue.Done(job);
        }
    }

    private void Process(in WriteJob job)
    {
        if (job.Ledger.Failure is not null || job.Run != job.Ledger.Run)
        {
            return;     // the drain thread goes back to what is written and queues it again
        }

        switch (job.Kind)
        {
            case WriteKind.Fragment:
                WriteFragment(job, job.Segment!);
                break;
            case WriteKind.Close:
                Close(job.Segment!);
                break;
            case WriteKind.Gap:
                _journal.Append(new GapPut(job.Gap!));
                job.Ledger.Lost(job.Gap!);
                _events.GapBooked(job.Gap!);
                break;
        }
    }

    private void WriteFragment(in WriteJob job, SegmentFile segment)
    {
        try
        {
            Append(job, segment);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string reason = e is IOException io && StorageFile.IsDiskFull(io) ? WriteFailure.DiskFull : WriteFailure.WriteError;
            if (reason == WriteFailure.WriteError && _pool.Probe() is { } why)
            {
                _pool.Fail(why);        // it is not this file
            }

            segment.Release();          // of a disk that was away it is opened anew
            job.Ledger.Fail(new WriteFailure(reason, e.Message, segment, SegmentLost: e is SegmentLostException));
            Log.WriteFailed(_logger, segment.Name.CameraId, segment.Name.Stream, segment.Path, e.Message);
        }
    }

    private void Append(in WriteJob job, SegmentFile segment)
    {
        bool first = !segment.HasFragments;
        var fragment = Queue.BytesOf(job);
        ToStoredForm(fragment, segment);
        while (true)
        {
            try
            {
                if (segment.Handle is null && first)
                {
                    _current.Write(segment);
                }

                segment.Append(fragment, job.Header, ReserveStep(), _direct.Wanted(Queue.QueuedBytes));
                _direct.Wrote(segment.IsDirect);
                break;
            }
            catch (IOException e) when (StorageFile.IsDiskFull(e) && _retention.MakeRoom(_pool, fragment.Length))
            {
                // The oldest video made room: once more.
            }
        }

        _pool.Wrote(fragment.Length);
        job.Ledger.Recorded(job.Header, FragmentHeader.ChainAt(fragment));
        if (FragmentHeader.TryReadLink(fragment, out var link) && link.IsSigned)
        {
            job.Ledger.Signed(StreamHead.Of(segment.Name.CameraId, segment.Name.Stream, segment.Name.Id, job.Header, link.Chain));
        }

        _committer.MarkDirty(segment);
        if (first)
        {
            _journal.Append(new SegmentPut(segment.Row(withGops: false)!));
            Log.Opened(_logger, segment.Name.CameraId, segment.Name.Stream, segment.Path);
        }
    }

    private void ToStoredForm(Span<byte> fragment, SegmentFile segment)
    {
        if (segment.Name.Format == SegmentFormat.Fmp4)
        {
            _encryption.Encrypt(fragment);
        }
        else if (!MatroskaFragment.TryWrite(fragment, segment.Tracks))
        {
            throw new InvalidOperationException("The fragment was made without room for Matroska's block headers");
        }
    }

    private void Close(SegmentFile segment)
    {
        segment.Close();
        if (segment.Row(withGops: true) is { } row)
        {
            _journal.Append(new SegmentPut(row));
            Log.Closed(_logger, row.CameraId, row.Stream, row.Path, row.Bytes, (row.To - row.From).TotalSeconds);
            SegmentClosed?.Invoke(row);
        }
        else
        {
            RemoveEmpty(segment);
        }

        _open.Remove(segment);
        _committer.MarkDirty(segment);
    }

    private void RemoveEmpty(SegmentFile segment)
    {
        try
        {
            _retention.RemoveEmpty(segment.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It holds no video: not worth the process. Retention finds it again by its name.
            Log.EmptyStays(_logger, segment.Path, e.Message);
        }
    }

    private long ReserveStep() =>
        _options.ReserveStep > 0 && _pool.MeasuredFreeBytes > RoomyBytes ? _options.ReserveStep : 0;

    private static partial class Log
    {
        [LoggerMessage(3100, LogLevel.Debug, "Camera {CameraId} {Stream}: recording into {Path}")]
        public static partial void Opened(ILogger logger, string cameraId, string stream, string path);

        [LoggerMessage(3101, LogLevel.Debug, "Camera {CameraId} {Stream}: {Path} is complete, {Bytes} bytes, {Seconds:0.0} s")]
        public static partial void Closed(ILogger logger, string cameraId, string stream, string path, long bytes, double seconds);

        [LoggerMessage(3102, LogLevel.Error, "Camera {CameraId} {Stream}: cannot write {Path} ({Reason}); recording waits and tries again")]
        public static partial void WriteFailed(ILogger logger, string cameraId, string stream, string path, string reason);

        [LoggerMessage(3103, LogLevel.Warning, "Cannot remove {Path}, which holds no video ({Reason})")]
        public static partial void EmptyStays(ILogger logger, string path, string reason);
    }
}
