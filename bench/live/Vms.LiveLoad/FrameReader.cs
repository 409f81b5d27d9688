using System.Buffers.Binary;
using System.Security.Cryptography;
using Vms.Rtp;
using Vms.Testing.Footage;
using Vms.WebRtc.Srtp;

namespace Vms.LiveLoad;

/// <summary>Puts SRTP packets together to frames by their numbers, and decrypts the one that carries the stamp (RFC 7714).</summary>
internal sealed class FrameReader : IDisposable
{
    private const int TagLength = 16;
    private readonly AesGcm _aes;
    private readonly byte[] _salt;
    private readonly byte[] _nonce = new byte[12];
    private FrameStamp? _stamp;
    private bool _damaged;

    public FrameReader(SrtpMasterKey server)
    {
        _aes = new AesGcm(Derive(server, label: 0, 16), TagLength);
        _salt = Derive(server, label: 2, 12);
    }

    /// <summary>The highest packet index so far, -1 before the first.</summary>
    public long Highest { get; private set; } = -1;

    /// <returns>The stamp of the frame that is whole with this packet; one that is not shows as a hole in the frame numbers.</returns>
    public FrameStamp? Take(in RtpPacketView packet, ReadOnlySpan<byte> datagram, byte[] room)
    {
        long index = Highest < 0 ? packet.SequenceNumber : Highest + (short)(packet.SequenceNumber - (ushort)Highest);
        _damaged |= Highest >= 0 && index != Highest + 1;
        Highest = Math.Max(index, Highest);
        if (_stamp is null && TryDecrypt(packet, datagram, index, room, out var found))
            _stamp = found;
        if (!packet.Marker)
            return null;
        var stamp = _damaged ? null : _stamp;
        (_stamp, _damaged) = (null, false);
        return stamp;
    }

    public void Dispose() => _aes.Dispose();

    private bool TryDecrypt(in RtpPacketView packet, ReadOnlySpan<byte> datagram, long index, byte[] room, out FrameStamp stamp)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_nonce, 0);
        BinaryPrimitives.WriteUInt32BigEndian(_nonce.AsSpan(2), packet.Ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(_nonce.AsSpan(6), (uint)(index >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(_nonce.AsSpan(10), (ushort)index);
        for (int i = 0; i < _nonce.Length; i++)
            _nonce[i] ^= _salt[i];
        var plain = room.AsSpan(0, datagram.Length - RtpPacketView.FixedHeaderSize - TagLength);
        _aes.Decrypt(_nonce, datagram[RtpPacketView.FixedHeaderSize..^TagLength], datagram[^TagLength..], plain, datagram[..RtpPacketView.FixedHeaderSize]);
        return FrameStamp.TryFind(plain, out stamp);
    }

    private static byte[] Derive(SrtpMasterKey master, byte label, int length)
    {
        using var aes = Aes.Create();
        aes.Key = master.Key;
        var block = new byte[16];
        master.Salt.CopyTo(block, 0);
        block[7] ^= label;
        return aes.EncryptEcb(block, PaddingMode.None)[..length];
    }
}
