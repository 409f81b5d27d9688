using Vms.Codecs;

namespace Vms.Media.Ingest;

/// <summary>What one stream's ingest counted since the pipeline started. Written by the ingest thread that has the session, read
/// by anybody: each number is right, together they may be of slightly different moments.</summary>
internal sealed class IngestCounters
{
    private static readonly TimeSpan s_rateWindow = TimeSpan.FromSeconds(2);

    private readonly long[] _lost = new long[Enum.GetValues<GapCause>().Length];
    private long _packets;
    private long _bytes;
    private long _samples;
    private long _lastSampleUs;
    private long _lostPackets;
    private long _stalePackets;
    private long _malformedPackets;
    private long _foreignPackets;
    private long _garbageBytes;
    private long _reconnects;
    private long _otherSamples;
    private long _lostOther;
    private long _earlySamples;
    private int _silentTracks;
    private double _fps;
    private double _bitrate;

    private TimeSpan _windowStart;
    private long _windowSamples;
    private long _windowBytes;

    /// <summary>RTP packets received.</summary>
    public long Packets => Volatile.Read(ref _packets);

    /// <summary>Bytes of these packets.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Video samples in the stream log.</summary>
    public long Samples => Volatile.Read(ref _samples);

    /// <summary>When the last of them came, by the wall clock in microseconds since 1970; 0: there is none.</summary>
    public long LastSampleUs => Volatile.Read(ref _lastSampleUs);

    /// <summary>Audio and metadata samples in the stream log.</summary>
    public long OtherSamples => Volatile.Read(ref _otherSamples);

    /// <summary>Audio and metadata samples that came damaged, or not at all as far as their packets tell.</summary>
    public long LostOtherSamples => Volatile.Read(ref _lostOther);

    /// <summary>Audio and metadata samples left out because they came before the first picture of a session.</summary>
    public long EarlySamples => Volatile.Read(ref _earlySamples);

    /// <summary>Audio tracks that bring nothing while pictures come.</summary>
    public int SilentTracks => Volatile.Read(ref _silentTracks);

    /// <summary>RTP packets that never came.</summary>
    public long LostPackets => Volatile.Read(ref _lostPackets);

    /// <summary>Doubled or much too late.</summary>
    public long StalePackets => Volatile.Read(ref _stalePackets);

    /// <summary>No RTP, or payload that broke the rules of its format.</summary>
    public long MalformedPackets => Volatile.Read(ref _malformedPackets);

    /// <summary>Another payload type, channel or sender than the track's (Geovision sends a stray payload type 50).</summary>
    public long ForeignPackets => Volatile.Read(ref _foreignPackets);

    /// <summary>Bytes on the RTSP connection that were neither message nor frame.</summary>
    public long GarbageBytes => Volatile.Read(ref _garbageBytes);

    /// <summary>Sessions that were playing and ended.</summary>
    public long Reconnects => Volatile.Read(ref _reconnects);

    /// <summary>Video samples per second, measured; 0 while nothing comes.</summary>
    public double Fps => Volatile.Read(ref _fps);

    public double BitrateBps => Volatile.Read(ref _bitrate);

    /// <summary>Access units that arrived, wholly or in part, and are not in the log.</summary>
    public long Lost(GapCause cause) => Volatile.Read(ref _lost[(int)cause]);

    public void Packet(int bytes)
    {
        Volatile.Write(ref _packets, _packets + 1);
        Volatile.Write(ref _bytes, _bytes + bytes);
    }

    public void Sample(long utcUs)
    {
        Volatile.Write(ref _samples, _samples + 1);
        Volatile.Write(ref _lastSampleUs, utcUs);
    }

    public void OtherSample() => Volatile.Write(ref _otherSamples, _otherSamples + 1);

    public void LoseOther(long count) => Volatile.Write(ref _lostOther, _lostOther + count);

    public void Early() => Volatile.Write(ref _earlySamples, _earlySamples + 1);

    public void Silent(int tracks) => Volatile.Write(ref _silentTracks, tracks);

    public void LosePackets(long count) => Volatile.Write(ref _lostPackets, _lostPackets + count);

    public void LoseSamples(GapCause cause, long count) => Volatile.Write(ref _lost[(int)cause], _lost[(int)cause] + count);

    public void Stale() => Volatile.Write(ref _stalePackets, _stalePackets + 1);

    public void Malformed() => Volatile.Write(ref _malformedPackets, _malformedPackets + 1);

    public void Foreign() => Volatile.Write(ref _foreignPackets, _foreignPackets + 1);

    public void Garbage(long bytes) => Volatile.Write(ref _garbageBytes, _garbageBytes + bytes);

    public void Reconnected() => Volatile.Write(ref _reconnects, _reconnects + 1);

    /// <summary>Closes a measuring window when it is long enough.</summary>
    public void Measure(TimeSpan now)
    {
        var elapsed = now - _windowStart;
        if (elapsed < s_rateWindow)
            return;

        if (_windowStart != TimeSpan.Zero)
        {
            Volatile.Write(ref _fps, (_samples - _windowSamples) / elapsed.TotalSeconds);
            Volatile.Write(ref _bitrate, (_bytes - _windowBytes) * 8 / elapsed.TotalSeconds);
        }

        (_windowStart, _windowSamples, _windowBytes) = (now, _samples, _bytes);
    }

    /// <summary>The session is over.</summary>
    public void StopMeasuring()
    {
        _windowStart = TimeSpan.Zero;
        Silent(0);
        Volatile.Write(ref _fps, 0);
        Volatile.Write(ref _bitrate, 0);
    }
}
