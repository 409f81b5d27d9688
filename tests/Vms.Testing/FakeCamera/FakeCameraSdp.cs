namespace Vms.Testing.FakeCamera;

/// <summary>The session description a fake camera gives.</summary>
internal static class FakeCameraSdp
{
    public static string Of(FakeCamera camera)
    {
        string head = $"v=0\r\no=- {camera.Number} 1 IN IP4 127.0.0.1\r\ns=cam{camera.Number}\r\nt=0 0\r\na=control:*\r\na=range:npt=now-\r\n";
        if (camera.Faults.UnsupportedCodecOnly)
            return head + "m=video 0 RTP/AVP 97\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:97 VP9/90000\r\na=control:trackID=0\r\n";

        string sides = string.Concat(camera.SideTracks.Select((track, i) =>
            $"m={track.Media} 0 RTP/AVP {track.PayloadType}\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:{track.PayloadType} {track.Mapping}\r\n"
            + (track.Parameters is null ? "" : $"a=fmtp:{track.PayloadType} {track.Parameters}\r\n")
            + $"a=control:trackID={i + 1}\r\n"));
        if (camera.Faults.NoVideoInSdp)
            return head + sides;

        var sps = camera.Footage.Sps.Span;
        string sets = camera.Faults.NoParameterSetsInSdp ? ""
            : $";sprop-parameter-sets={Convert.ToBase64String(sps)},{Convert.ToBase64String(camera.Footage.Pps.Span)}";
        return head
            + $"m=video 0 RTP/AVP {FakeCameraServer.PayloadType}\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:{FakeCameraServer.PayloadType} H264/90000\r\n"
            + $"a=fmtp:{FakeCameraServer.PayloadType} packetization-mode=1;profile-level-id={Convert.ToHexString(sps[1..4])}{sets}\r\n"
            + $"a=framerate:{camera.Footage.Spec.FrameRate}\r\na=control:trackID=0\r\n"
            + sides;
    }
}
