using System.Globalization;

namespace Vms.Rtsp;

/// <summary>One stream of the RTP-Info header of a PLAY reply (RFC 2326 §12.33). Cameras leave it out, send zeros that are not
/// true (DS-2CD2032-I, Tapo C320WS) or nonsense (OMNY, Laureii), so nothing depends on it: it is for the log of a session.</summary>
public readonly record struct RtpInfo(string Url, ushort? Sequence, uint? RtpTime)
{
    public static IReadOnlyList<RtpInfo> Parse(string? value)
    {
        var streams = new List<RtpInfo>();
        foreach (string stream in (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string url = "";
            ushort? sequence = null;
            uint? rtpTime = null;
            foreach (string field in stream.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (field.StartsWith("url=", StringComparison.OrdinalIgnoreCase))
                    url = field[4..].Trim('"');
                else if (field.StartsWith("seq=", StringComparison.OrdinalIgnoreCase))
                    sequence = ushort.TryParse(field.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out ushort s) ? s : null;
                else if (field.StartsWith("rtptime=", StringComparison.OrdinalIgnoreCase))
                    rtpTime = uint.TryParse(field.AsSpan(8), NumberStyles.None, CultureInfo.InvariantCulture, out uint t) ? t : null;
            }

            if (url.Length > 0 || sequence is not null || rtpTime is not null)
                streams.Add(new(url, sequence, rtpTime));
        }

        return streams;
    }
}
