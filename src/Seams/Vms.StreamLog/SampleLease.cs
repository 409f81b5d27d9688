using Vms.Codecs;
using Vms.StreamLog.Layout;

namespace Vms.StreamLog;

/// <summary>
/// A sample as it stands in the ring. The writer may overwrite <see cref="Payload"/> at any moment: copy what is needed into a buffer of
/// your own in one synchronous pass, then <see cref="Commit"/>; only when that returns true was the copy the sample. The header is
/// already a validated copy. Valid until committed or until the reader is used again.
/// </summary>
public readonly ref struct SampleLease
{
    private readonly StreamLogReader _reader;
    private readonly RecordHeader _record;

    internal SampleLease(StreamLogReader reader, ulong epoch, scoped in RecordHeader record, ReadOnlySpan<byte> payload)
    {
        _reader = reader;
        _record = record;
        Epoch = epoch;
        Payload = payload;
    }

    public SampleHeader Header => _record.ToSampleHeader();

    public long Sequence => _record.Sequence;

    public ulong Epoch { get; }

    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>CRC32C that <see cref="Payload"/> had when it was written. Taken from the record's checksum, without a look at the payload.</summary>
    public uint PayloadChecksum => _record.PayloadChecksum;

    /// <summary>
    /// Compares the record's CRC32C before anything is made of the sample: false when its memory was damaged by something else than the writer,
    /// or overwritten meanwhile. The lease is over then; the next read says what was lost.
    /// </summary>
    public bool IsIntact() => _reader.IsIntact(in _record, Payload);

    /// <summary>True: everything copied from <see cref="Payload"/> is the sample, and the reader has gone on to the next. False: throw the copy
    /// away; the next read says what was lost.</summary>
    /// <param name="verifyChecksum">Also compares the record's CRC32C, which finds memory damaged by something else than the writer.</param>
    public bool Commit(bool verifyChecksum = false) => _reader.Commit(in _record, Payload, verifyChecksum);
}
