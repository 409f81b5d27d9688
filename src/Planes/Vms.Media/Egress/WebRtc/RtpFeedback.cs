namespace Vms.Media.Egress.WebRtc;

/// <summary>What a viewer reports, from the thread that receives it to the thread that sends: lost packets and the wish for a
/// picture. One writer, one reader, no lock; when the reader is late, reports are dropped and come again.</summary>
internal sealed class RtpFeedback
{
    /// <summary>A power of two: two bursts' worth of lost packets and then some.</summary>
    private const int Capacity = 512;

    private readonly ushort[] _lost = new ushort[Capacity];
    private uint _written;
    private uint _read;
    private int _pictureWanted;

    /// <summary>Written by the receiving thread; any may read. In 1/256 since the report before.</summary>
    public byte FractionLost { get; set; }

    /// <summary>NACKed packets so far.</summary>
    public long PacketsReportedLost { get; private set; }

    public void ReportLost(ushort sequenceNumber)
    {
        PacketsReportedLost++;
        uint written = _written;
        if (written - Volatile.Read(ref _read) >= Capacity)
            return;
        _lost[written % Capacity] = sequenceNumber;
        Volatile.Write(ref _written, written + 1);
    }

    public bool TryTakeLost(out ushort sequenceNumber)
    {
        sequenceNumber = 0;
        uint read = _read;
        if (read == Volatile.Read(ref _written))
            return false;
        sequenceNumber = _lost[read % Capacity];
        Volatile.Write(ref _read, read + 1);
        return true;
    }

    public void RequestPicture() => Volatile.Write(ref _pictureWanted, 1);

    public bool TakePictureRequest() => Volatile.Read(ref _pictureWanted) == 1 && Interlocked.Exchange(ref _pictureWanted, 0) == 1;
}
