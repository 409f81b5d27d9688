using Vms.Codecs;
using Vms.Rtp;

namespace Vms.Media.Ingest.Replay;

/// <summary>
/// What comes first of a device whose address carries the range. It may begin with the keyframe in front of what it was asked for, and only a sender report says so:
/// until that, or until enough has come, nothing is looked at. One caller at a time.
/// </summary>
internal sealed class FootageHold
{
    /// <summary>By the clock of the pictures' packets. A device that has not reported by then does not report, or too late.</summary>
    private const long LongestUs = 2_000_000;

    /// <summary>A device whose clock stands still is not waited for any longer than this.</summary>
    private const int MaxBytes = 16 << 20;

    private readonly List<(bool IsSound, byte[] Datagram)> _datagrams = [];
    private int _bytes;

    /// <summary>In the order in which they came.</summary>
    public IReadOnlyList<(bool IsSound, byte[] Datagram)> Datagrams => _datagrams;

    /// <summary>RTP timestamp of the first picture; null before it.</summary>
    public uint? First { get; private set; }

    /// <param name="datagram">Borrowed.</param>
    /// <returns>False when it is not kept: nothing more is to be waited for.</returns>
    public bool TryAdd(bool isSound, ReadOnlySpan<byte> datagram)
    {
        if (_bytes + datagram.Length > MaxBytes)
            return false;
        if (!isSound && RtpPacketView.TryParse(datagram, out var packet))
        {
            First ??= packet.Timestamp;
            if (MediaTime.Rescale((int)(packet.Timestamp - First.Value), SampleAppender.VideoTimescale, 1_000_000) > LongestUs)
                return false;
        }

        _bytes += datagram.Length;
        _datagrams.Add((isSound, datagram.ToArray()));
        return true;
    }
}
