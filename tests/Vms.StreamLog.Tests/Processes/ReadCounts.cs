namespace Vms.StreamLog.Tests.Processes;

/// <summary>What a reader saw, every accepted sample checked against its hash and its place in the sequence.</summary>
internal sealed class ReadCounts
{
    private readonly byte[] _copy = new byte[StreamLogWriter.MaxPayloadBytes];
    private long _expected = -1;

    internal long Accepted { get; private set; }

    internal long Lost { get; private set; }

    internal long Overruns { get; private set; }

    /// <summary>Copies that Commit refused.</summary>
    internal long Refused { get; private set; }

    /// <summary>Accepted, yet not the sample: must stay 0.</summary>
    internal long Corrupt { get; private set; }

    internal long Moves { get; private set; }

    internal bool JustAccepted { get; private set; }

    internal bool JustOverrun { get; private set; }

    /// <summary>False when there was nothing to read.</summary>
    internal bool ReadOne(StreamLogReader reader)
    {
        JustAccepted = JustOverrun = false;
        ReadOutcome outcome = reader.TryRead(out SampleLease lease);
        if (outcome == ReadOutcome.Sample)
            Take(ref lease);
        else if (outcome == ReadOutcome.Overrun)
            BookOverrun(reader.LastOverrun);
        else if (outcome == ReadOutcome.Moved)
            Moves++;
        return outcome is not (ReadOutcome.Empty or ReadOutcome.Closed);
    }

    private void Take(ref SampleLease lease)
    {
        Span<byte> copy = _copy.AsSpan(0, lease.Payload.Length);
        lease.Payload.CopyTo(copy);
        long sequence = lease.Sequence;
        if (!lease.Commit())
        {
            Refused++;
            return;
        }

        Accepted++;
        JustAccepted = true;
        bool inOrder = _expected < 0 || sequence == _expected;
        if (!inOrder || !TestSamples.IsIntact(copy, sequence))
            Corrupt++;
        _expected = sequence + 1;
    }

    private void BookOverrun(SequenceRange range)
    {
        Overruns++;
        JustOverrun = true;
        Lost += range.Count;
        if (_expected >= 0 && range.From != _expected)
            Corrupt++;
        _expected = range.To;
    }
}
