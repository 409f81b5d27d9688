using System.Runtime.InteropServices;
using Vms.Containers.Mp4;
using Vms.Recorder.Archive;
using Vms.Recorder.Gaps;

namespace Vms.Recorder.Writing;

internal enum WriteKind
{
    /// <summary>Append a fragment to its segment.</summary>
    Fragment,

    /// <summary>The segment gets no more fragments.</summary>
    Close,

    /// <summary>Put a gap on the books, in its place between fragments.</summary>
    Gap,
}

/// <param name="Run">Of the ledger when the job was queued: a job of an ended run is dropped.</param>
/// <param name="Offset">Where the fragment's bytes lie in the queue's buffer.</param>
internal readonly record struct WriteJob(
    WriteKind Kind, StreamLedger Ledger, int Run, SegmentFile? Segment, FragmentHeader Header, int Offset, int Length, GapRow? Gap);

/// <summary>
/// What the drain thread hands to the writer thread of a pool, in order. Fragments are copied into one ring of bytes, so that the
/// queue is bounded in bytes and allocates nothing; when there is no room the drain thread leaves the samples in the stream log.
/// </summary>
/// <remarks>One producer, one consumer. Fragments of whole blocks lie at whole blocks of memory, so that a disk can take them from there.</remarks>
internal sealed class WriteQueue
{
    /// <summary>Room for the largest fragment there can be (1 MiB and one sample of at most 16 MiB), wherever the ring stands.
    /// Pages that are never used cost no memory: the ring starts over whenever it is empty.</summary>
    public const int DefaultCapacityBytes = 64 << 20;

    /// <summary>With so much queued the writer begins at once.</summary>
    private const int WakeBytes = 8 << 20;

    /// <summary>Fragments are taken up to here. Jobs without bytes are few (two per segment, one per gap) and never turned away: nobody
    /// could put them off, so the ring of jobs grows for them.</summary>
    private const int MaxJobs = 4096;

    private readonly object _gate = new();      // waited on, which a Lock cannot do
    private readonly Memory<byte> _bytes;
    private WriteJob[] _jobs = new WriteJob[MaxJobs];
    private int _firstJob;
    private int _jobCount;
    private int _head;          // of the bytes: where the next fragment goes
    private int _tail;          // where the oldest one begins
    private int _queuedBytes;

    public WriteQueue(int capacityBytes = DefaultCapacityBytes)
    {
        byte[] array = GC.AllocateUninitializedArray<byte>(capacityBytes + FreeBox.BlockBytes, pinned: true);
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
        _bytes = array.AsMemory((int)(-address & (FreeBox.BlockBytes - 1)), capacityBytes);
    }

    public int QueuedBytes => Volatile.Read(ref _queuedBytes);

    public bool IsEmpty => Volatile.Read(ref _jobCount) == 0;

    /// <summary>Would a fragment of that size, and a few jobs beside it, be taken now?</summary>
    public bool HasRoom(int fragmentBytes)
    {
        lock (_gate)
        {
            return _jobCount < MaxJobs - 8 && PlaceFor(fragmentBytes) >= 0;
        }
    }

    /// <summary>Copies a fragment in. <see cref="HasRoom"/> was asked first.</summary>
    public void AddFragment(StreamLedger ledger, SegmentFile segment, in FragmentHeader header, ReadOnlySpan<byte> fragment)
    {
        int place;
        lock (_gate)
        {
            place = PlaceFor(fragment.Length);
            if (place < 0)
            {
                throw new InvalidOperationException($"No room for a fragment of {fragment.Length} bytes in a queue of {_bytes.Length}");
            }
        }

        fragment.CopyTo(_bytes.Span[place..]);      // the consumer does not look there before the job is in
        lock (_gate)
        {
            _head = place + fragment.Length;
            _queuedBytes += fragment.Length;
            Add(new WriteJob(WriteKind.Fragment, ledger, ledger.Run, segment, header, place, fragment.Length, null));
        }
    }

    /// <summary>Fragments do not wake the writer one by one: the producer says so when a pass is over.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            if (_jobCount > 0)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    public void AddClose(StreamLedger ledger, SegmentFile segment)
    {
        lock (_gate)
        {
            Add(new WriteJob(WriteKind.Close, ledger, ledger.Run, segment, default, 0, 0, null));
        }
    }

    public void AddGap(StreamLedger ledger, GapRow gap)
    {
        lock (_gate)
        {
            Add(new WriteJob(WriteKind.Gap, ledger, ledger.Run, null, default, 0, 0, gap));
        }
    }

    /// <summary>The oldest job; it stays until <see cref="Done"/>.</summary>
    public bool TryTake(TimeSpan wait, out WriteJob job)
    {
        lock (_gate)
        {
            if (_jobCount == 0)
            {
                Monitor.Wait(_gate, wait);
            }

            job = _jobCount > 0 ? _jobs[_firstJob] : default;
            return _jobCount > 0;
        }
    }

    /// <summary>A fragment's bytes, for the one who took the job; may be written over.</summary>
    public Span<byte> BytesOf(in WriteJob job) => _bytes.Span.Slice(job.Offset, job.Length);

    /// <summary>Frees the place of the job taken last.</summary>
    public void Done(in WriteJob job)
    {
        lock (_gate)
        {
            _jobs[_firstJob] = default;
            _firstJob = (_firstJob + 1) % _jobs.Length;
            _jobCount--;
            job.Ledger.JobDone();
            if (job.Kind == WriteKind.Fragment)
            {
                _tail = job.Offset + job.Length;
                _queuedBytes -= job.Length;
            }

            if (_queuedBytes == 0)
            {
                _head = _tail = 0;
            }
        }
    }

    /// <summary>Offset of a free run of that length, or -1. The bytes in use run from tail to head, or wrap once.</summary>
    private int PlaceFor(int length)
    {
        if (_queuedBytes == 0)
        {
            return length <= _bytes.Length ? 0 : -1;
        }

        if (_head > _tail)
        {
            return _bytes.Length - _head >= length ? _head : _tail >= length ? 0 : -1;
        }

        return _tail - _head >= length ? _head : -1;
    }

    private void Add(in WriteJob job)
    {
        if (_jobCount == _jobs.Length)
        {
            var larger = new WriteJob[_jobs.Length * 2];
            for (int i = 0; i < _jobCount; i++)
            {
                larger[i] = _jobs[(_firstJob + i) % _jobs.Length];
            }

            _jobs = larger;
            _firstJob = 0;
        }

        _jobs[(_firstJob + _jobCount) % _jobs.Length] = job;
        _jobCount++;
        job.Ledger.JobQueued();
        if (job.Kind != WriteKind.Fragment || _queuedBytes >= WakeBytes)
        {
            Monitor.Pulse(_gate);
        }
    }
}
