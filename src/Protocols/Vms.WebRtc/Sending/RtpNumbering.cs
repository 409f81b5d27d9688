namespace Vms.WebRtc.Sending;

/// <summary>
/// Where one viewer stands in the history of its stream, and under which numbers it sees the packets. Skips leave no hole in
/// its sequence numbers, so that it does not ask for what was left out on purpose.
/// </summary>
/// <remarks>
/// <para>A run is a stretch of consecutive packets of the history. <see cref="Jump"/> starts a new run, the numbers just go
/// on. A NACK is traced back through the last <see cref="MaxRuns"/> runs to the very packet that carried the number, with the
/// timestamp it carried: one (SSRC, roll-over counter, sequence number) never means two packets, which the key stream of SRTP
/// would not survive.</para>
/// <para>A run may start in the past, at the last keyframe. The frames up to where the stream stands now get timestamps one
/// tick apart that end at the present: the receiver then decodes them as fast as it can instead of playing them in real time
/// and staying late.</para>
/// </remarks>
public sealed class RtpNumbering
{
    /// <summary>Runs remembered. More jumps within a round trip only mean that a NACK for the oldest goes unanswered.</summary>
    private const int MaxRuns = 16;

    private readonly Run[] _runs = new Run[MaxRuns];
    private readonly ulong _firstIndex;
    private int _runCount;      // all so far; the last stands at (_runCount - 1) % MaxRuns
    private bool _started;
    private uint _lastTimestamp;

    /// <param name="firstSequenceNumber">Random, below 2^15 so that the first packets lost do not straddle a roll-over (RFC 3711 §3.3.1).</param>
    public RtpNumbering(ushort firstSequenceNumber)
    {
        _firstIndex = firstSequenceNumber;
        NextIndex = firstSequenceNumber;
    }

    /// <summary>48-bit index (roll-over counter, sequence number) of the next packet.</summary>
    public ulong NextIndex { get; private set; }

    /// <summary>The packet of the history that is sent next.</summary>
    public long NextPacket { get; private set; }

    /// <summary>Timestamp of the last packet sent.</summary>
    public uint LastTimestamp => _lastTimestamp;

    /// <summary>Continues at another packet of the history, before or after the present one.</summary>
    /// <param name="packet">First packet of the new run: a keyframe.</param>
    /// <param name="history">The stream's.</param>
    public void Jump(long packet, RtpHistory history)
    {
        long liveFrom = history.Head;
        uint firstTimestamp = 0;
        long firstFrame = 0;
        if (packet < liveFrom)
        {
            firstFrame = history[packet].Frame;
            long catchUp = history.Frame - firstFrame;
            // Ends at the newest frame's own timestamp; but never before what this viewer has seen.
            firstTimestamp = history[liveFrom - 1].Timestamp - (uint)(catchUp - 1);
            if (_started && (int)(firstTimestamp - _lastTimestamp) <= 0)
                firstTimestamp = _lastTimestamp + 1;
        }

        _runs[_runCount++ % MaxRuns] = new Run(NextIndex, packet, liveFrom, firstTimestamp, firstFrame);
        NextPacket = packet;
    }

    /// <summary>Takes the next packet.</summary>
    /// <returns>Its index and the timestamp it carries.</returns>
    public (ulong Index, uint Timestamp) Advance(RtpHistory history)
    {
        ref readonly var run = ref _runs[(_runCount - 1) % MaxRuns];
        uint timestamp = run.TimestampOf(NextPacket, history[NextPacket]);
        _lastTimestamp = timestamp;
        _started = true;
        NextPacket++;
        return (NextIndex++, timestamp);
    }

    /// <summary>Finds the packet that was sent under a sequence number, if it is still known and held.</summary>
    public bool TryFind(ushort sequenceNumber, RtpHistory history, out ulong index, out long packet, out uint timestamp)
    {
        (index, packet, timestamp) = (0, 0, 0);
        if (NextIndex == _firstIndex)
            return false;

        ulong last = NextIndex - 1;
        index = (last & ~0xFFFFUL) | sequenceNumber;
        if (index > last)
        {
            if (index < 0x1_0000)
                return false;
            index -= 0x1_0000;
        }

        if (index < _firstIndex)
            return false;

        for (int i = _runCount - 1; i >= Math.Max(0, _runCount - MaxRuns); i--)
        {
            ref readonly var run = ref _runs[i % MaxRuns];
            if (index < run.FirstIndex)
                continue;

            packet = run.FirstPacket + (long)(index - run.FirstIndex);
            if (!history.Holds(packet))
                return false;
            timestamp = run.TimestampOf(packet, history[packet]);
            return true;
        }

        return false;
    }

    /// <param name="FirstIndex">The viewer's number of the run's first packet.</param>
    /// <param name="FirstPacket">That packet in the history.</param>
    /// <param name="LiveFrom">From here on the stream's own timestamps count.</param>
    /// <param name="FirstTimestamp">Of the run's first frame when it lies in the past.</param>
    /// <param name="FirstFrame">That frame.</param>
    private readonly record struct Run(ulong FirstIndex, long FirstPacket, long LiveFrom, uint FirstTimestamp, long FirstFrame)
    {
        public uint TimestampOf(long packet, in RtpHistoryEntry entry) =>
            packet >= LiveFrom ? entry.Timestamp : FirstTimestamp + (uint)(entry.Frame - FirstFrame);
    }
}
