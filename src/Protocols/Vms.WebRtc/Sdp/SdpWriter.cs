using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Vms.WebRtc.Sdp;

/// <summary>The lines that answers and offers have in common.</summary>
internal sealed class SdpWriter
{
    private readonly StringBuilder _text = new();

    public void Line(string line) => _text.Append(line).Append("\r\n");

    /// <summary>RFC 8866 §5.1..§5.9; the session id is random (RFC 8829 §5.2.1).</summary>
    public void SessionHeader(IEnumerable<string> bundle)
    {
        long id = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)) & long.MaxValue;
        Line("v=0");
        Line(string.Create(CultureInfo.InvariantCulture, $"o=- {id} 1 IN IP4 127.0.0.1"));
        Line("s=-");
        Line("t=0 0");
        Line("a=ice-lite");
        var mids = string.Join(' ', bundle);
        if (mids.Length > 0)
            Line("a=group:BUNDLE " + mids);
    }

    /// <summary>The <c>m=</c> line's transport: default address and port of the first candidate (RFC 8839 §4.2.1.2).</summary>
    public void MediaLine(string kind, LocalTransport local, string protocol, string formats)
    {
        var first = local.Candidates[0].EndPoint;
        var family = first.AddressFamily == AddressFamily.InterNetworkV6 ? "IP6" : "IP4";
        Line(string.Create(CultureInfo.InvariantCulture, $"m={kind} {first.Port} {protocol} {formats}"));
        Line($"c=IN {family} {first.Address}");
    }

    public void Transport(LocalTransport local, string setup)
    {
        Line("a=rtcp-mux");
        Line("a=fingerprint:" + local.Fingerprint);
        Line("a=setup:" + setup);
        Ice(local);
    }

    /// <summary>Credentials and candidates (RFC 8839 §5).</summary>
    public void Ice(LocalTransport local)
    {
        Line("a=ice-ufrag:" + local.Ice.UserFragment);
        Line("a=ice-pwd:" + local.Ice.Password);
        for (int i = 0; i < local.Candidates.Count; i++)
            Line("a=candidate:" + local.Candidates[i].ToSdp(i));
        Line("a=end-of-candidates");
    }

    /// <summary>msid and source descriptions (RFC 8830, RFC 5576), with the FID pair when retransmissions have an SSRC.</summary>
    public void Source(LocalVideo video, bool rtx)
    {
        Line($"a=msid:{video.Cname} video");
        if (rtx)
            Line(string.Create(CultureInfo.InvariantCulture, $"a=ssrc-group:FID {video.Ssrc} {video.RtxSsrc}"));
        Line(string.Create(CultureInfo.InvariantCulture, $"a=ssrc:{video.Ssrc} cname:{video.Cname}"));
        if (rtx)
            Line(string.Create(CultureInfo.InvariantCulture, $"a=ssrc:{video.RtxSsrc} cname:{video.Cname}"));
    }

    /// <summary>The sound belongs to the media stream of the video.</summary>
    public void Source(LocalSound sound)
    {
        Line($"a=msid:{sound.Cname} audio");
        Line(string.Create(CultureInfo.InvariantCulture, $"a=ssrc:{sound.Ssrc} cname:{sound.Cname}"));
    }

    public override string ToString() => _text.ToString();
}
