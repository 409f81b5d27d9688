using System.Buffers.Binary;

namespace Vms.WebRtc.Srtp;

/// <summary>Why a received packet was not taken.</summary>
public enum SrtcpOutcome
{
    Accepted,

    /// <summary>Too short, or not encrypted.</summary>
    Malformed,

    /// <summary>Seen before, or older than the window.</summary>
    Replayed,

    /// <summary>Wrong tag.</summary>
    Forged,
}

/// <summary>Checks and decrypts the RTCP of a peer (RFC 3711 §3.4, RFC 7714 §9). One caller at a time, no allocation per packet.</summary>
public sealed class SrtcpReceiver(SrtpMasterKey master) : IDisposable
{
    private const int HeaderLength = 8;
    private const int IndexLength = 4;
    private const int WindowLength = 64;    // RFC 3711 §3.3.2: at least 64

    /// <summary>Senders remembered; a browser that only receives uses one. With more, the oldest window is given up,
    /// and only authenticated senders take a place.</summary>
    private const int MaxSenders = 4;

    private readonly SrtpTransform _transform = SrtpTransform.ForRtcp(master);
    private readonly ReplayWindow[] _windows = new ReplayWindow[MaxSenders];
    private int _senders;
    private int _nextVictim;

    /// <param name="packet">As received; on success its first <paramref name="length"/> bytes are the plain packet.</param>
    /// <param name="length">0 unless accepted.</param>
    public SrtcpOutcome Unprotect(Span<byte> packet, out int length)
    {
        length = 0;
        int trailer = IndexLength + _transform.TagLength;
        if (packet.Length < HeaderLength + trailer)
            return SrtcpOutcome.Malformed;

        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        // GCM puts the index word last, counter mode before the tag.
        int indexAt = master.Profile == SrtpProfile.AeadAes128Gcm ? packet.Length - IndexLength : packet.Length - trailer;
        uint word = BinaryPrimitives.ReadUInt32BigEndian(packet[indexAt..]);
        if ((word & 0x8000_0000) == 0)
            return SrtcpOutcome.Malformed;

        uint index = word & 0x7FFF_FFFF;
        int sender = Find(ssrc);
        if (sender >= 0 && !_windows[sender].MayAccept(index))
            return SrtcpOutcome.Replayed;
        if (!_transform.TryUnprotectRtcp(packet, ssrc, index, out int plainLength))
            return SrtcpOutcome.Forged;

        _windows[sender >= 0 ? sender : Add(ssrc)].Accept(index);
        length = plainLength;
        return SrtcpOutcome.Accepted;
    }

    public void Dispose() => _transform.Dispose();

    private int Find(uint ssrc)
    {
        for (int i = 0; i < _senders; i++)
        {
            if (_windows[i].Ssrc == ssrc)
                return i;
        }

        return -1;
    }

    private int Add(uint ssrc)
    {
        int slot = _senders < MaxSenders ? _senders++ : _nextVictim++ % MaxSenders;
        _windows[slot] = new ReplayWindow(ssrc);
        return slot;
    }

    /// <summary>The sliding window of RFC 3711 §3.3.2 over the 31-bit index: bit n stands for (highest − n).</summary>
    private struct ReplayWindow(uint ssrc)
    {
        private long _highest = -1;
        private ulong _seen;

        public readonly uint Ssrc => ssrc;

        public readonly bool MayAccept(uint index)
        {
            long behind = _highest - index;
            return behind < 0 || (behind < WindowLength && (_seen >> (int)behind & 1) == 0);
        }

        public void Accept(uint index)
        {
            long ahead = index - _highest;
            if (ahead > 0)
            {
                _seen = ahead < WindowLength ? _seen << (int)ahead : 0;
                _highest = index;
                _seen |= 1;
            }
            else
            {
                _seen |= 1UL << (int)-ahead;
            }
        }
    }
}
