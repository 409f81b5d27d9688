namespace Vms.Codecs.H264;

/// <summary>Reads the messages of an SEI NAL unit (ITU-T H.264 §7.3.2.3.1).</summary>
public static class H264Sei
{
    private const int RecoveryPoint = 6;            // payloadType, §D.1.8

    /// <summary>True when one of the messages says that decoding may start near this picture (§D.2.8).</summary>
    /// <param name="nal">With its NAL header byte.</param>
    public static bool HasRecoveryPoint(ReadOnlySpan<byte> nal)
    {
        int at = 1;
        while (TryReadVariable(nal, ref at, out int type) && TryReadVariable(nal, ref at, out int size))
        {
            if (type == RecoveryPoint)
                return size > 0 && at < nal.Length;
            if (size >= nal.Length - at)
                return false;
            at += size;
        }

        return false;
    }

    // Payload type and size: 0xFF adds 255 and goes on. Emulation prevention inside other messages only makes the walk end early.
    private static bool TryReadVariable(ReadOnlySpan<byte> nal, ref int at, out int value)
    {
        value = 0;
        while (at < nal.Length && nal[at] == 0xFF)
        {
            value += 255;
            at++;
        }

        if (at >= nal.Length)
            return false;

        value += nal[at++];
        return true;
    }
}
