using System.Buffers.Binary;
using Vms.Codecs;

namespace Vms.Rtp;

/// <summary>
/// What a device says of a packet of its recordings in RTP's header extension (ONVIF Streaming Specification §6.3): when it was recorded, by the
/// device's clock, and how it hangs together with the packets before it.
/// </summary>
/// <param name="RecordedUs">UTC microseconds since 1970 of the access unit.</param>
/// <param name="IsCleanPoint">C: decoding can begin with its access unit.</param>
/// <param name="EndsSection">E: the last packet of a stretch without a hole.</param>
/// <param name="IsDiscontinuous">D: packets before it were not sent.</param>
/// <param name="Request">Low byte of the CSeq of the PLAY that it answers.</param>
public readonly record struct ReplayExtension(long RecordedUs, bool IsCleanPoint, bool EndsSection, bool IsDiscontinuous, byte Request)
{
    private const ushort Profile = 0xABAC;
    private const int MinBytes = 4 + 12;

    /// <param name="extension">As <see cref="RtpPacketView.Extension"/> has it. What follows the three words (some send the picture's size for JPEG) is passed over.</param>
    /// <returns>False for another extension, or one that is too short.</returns>
    public static bool TryParse(ReadOnlySpan<byte> extension, out ReplayExtension replay)
    {
        replay = default;
        if (extension.Length < MinBytes || BinaryPrimitives.ReadUInt16BigEndian(extension) != Profile)
            return false;

        byte flags = extension[12];
        replay = new(
            NtpTime.ToUnixMicroseconds(BinaryPrimitives.ReadUInt64BigEndian(extension[4..])),
            (flags & 0x80) != 0, (flags & 0x40) != 0, (flags & 0x20) != 0, extension[13]);
        return true;
    }
}
