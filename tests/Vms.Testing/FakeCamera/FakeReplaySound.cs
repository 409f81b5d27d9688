using System.Buffers.Binary;
using Vms.Codecs;
using Vms.Rtp;

namespace Vms.Testing.FakeCamera;

/// <summary>The sound of a <see cref="FakeReplay"/>: the n-th packet was recorded n packets behind the recording's start. It has no holes of its own.</summary>
internal sealed class FakeReplaySound
{
    private const int ExtensionBytes = 16;

    private readonly SideTrack _track;
    private readonly byte _channel;
    private readonly DateTimeOffset _start;
    private readonly bool _tellsTimes;
    private readonly long _first;
    private long _next;
    private ushort _sequence = 7;

    /// <param name="begin">Behind <paramref name="start"/>: where it begins to play.</param>
    public FakeReplaySound(SideTrack track, int channel, DateTimeOffset start, TimeSpan begin, bool tellsTimes)
    {
        (_track, _channel, _start, _tellsTimes) = (track, (byte)channel, start, tellsTimes);
        _first = _next = (begin.Ticks + Interval.Ticks - 1) / Interval.Ticks;
    }

    private TimeSpan Interval => TimeSpan.FromTicks(TimeSpan.TicksPerSecond * _track.TicksPerPacket / _track.ClockRate);

    /// <summary>What was recorded up to a time, in the interleaved framing.</summary>
    public void WriteUntil(TimeSpan recorded, MemoryStream all)
    {
        for (; _next * Interval <= recorded; _next++)
        {
            // After a hole of the pictures: what was not played is passed over.
            if (recorded - (_next * Interval) > TimeSpan.FromSeconds(1))
                continue;
            byte[] payload = _track.Payload(_next);
            int extension = _tellsTimes ? ExtensionBytes : 0;
            byte[] packet = new byte[4 + RtpPacketView.FixedHeaderSize + extension + payload.Length];
            (packet[0], packet[1]) = ((byte)'$', _channel);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)(packet.Length - 4));
            RtpPacketWriter.WriteHeader(
                packet.AsSpan(4), (byte)_track.PayloadType, marker: true, _sequence++, 4_000_000_000 + (uint)((_next - _first) * _track.TicksPerPacket), ssrc: 77);
            if (_tellsTimes)
            {
                packet[4] |= 0x10;
                var head = packet.AsSpan(4 + RtpPacketView.FixedHeaderSize);
                BinaryPrimitives.WriteUInt32BigEndian(head, 0xABAC0003);
                var at = _start + (_next * Interval);
                BinaryPrimitives.WriteUInt64BigEndian(head[4..], NtpTime.FromUnixMicroseconds((at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond));
            }

            payload.CopyTo(packet.AsSpan(4 + RtpPacketView.FixedHeaderSize + extension));
            all.Write(packet);
        }
    }
}
