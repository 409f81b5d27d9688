using Vms.Codecs;
using Vms.Testing.Footage;

namespace Vms.Testing.FakeCamera;

/// <summary>The session description a fake camera gives.</summary>
internal static class FakeCameraSdp
{
    /// <summary>Behind the video and the sound of the footage.</summary>
    public const int FirstSideTrack = 2;

    public static string Of(FakeCamera camera)
    {
        string head = $"v=0\r\no=- {camera.Number} 1 IN IP4 127.0.0.1\r\ns=cam{camera.Number}\r\nt=0 0\r\na=control:*\r\na=range:npt=now-\r\n";
        if (camera.Faults.UnsupportedCodecOnly)
            return head + "m=video 0 RTP/AVP 97\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:97 VP9/90000\r\na=control:trackID=0\r\n";

        string sides = string.Concat(camera.SideTracks.Select((track, i) =>
            $"m={track.Media} 0 RTP/AVP {track.PayloadType}\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:{track.PayloadType} {track.Mapping}\r\n"
            + (track.Parameters is null ? "" : $"a=fmtp:{track.PayloadType} {track.Parameters}\r\n")
            + $"a=control:trackID={i + FirstSideTrack}\r\n"));
        if (camera.Faults.NoVideoInSdp)
            return head + sides;

        byte payloadType = FakeCameraServer.PayloadType;
        return head
            + $"m=video 0 RTP/AVP {payloadType}\r\nc=IN IP4 0.0.0.0\r\n"
            + (camera.Footage is H265Footage h265 ? OfH265(h265, camera.Faults, payloadType) : OfH264((H264Footage)camera.Footage, camera.Faults, payloadType))
            + $"a=framerate:{camera.Footage.Spec.FrameRate}\r\na=control:trackID=0\r\n"
            + (camera.Audio is { } sound ? OfSound(sound.Track) : "")
            + sides;
    }

    private static string OfSound(TrackInfo track)
    {
        byte payloadType = AudioSession.PayloadTypeOf(track.Codec);
        string format = track.Codec switch
        {
            CodecKind.PcmA => $"a=rtpmap:{payloadType} PCMA/8000\r\n",
            CodecKind.PcmU => $"a=rtpmap:{payloadType} PCMU/8000\r\n",
            CodecKind.Opus => $"a=rtpmap:{payloadType} opus/48000/2\r\na=fmtp:{payloadType} sprop-stereo=0\r\n",
            _ => $"a=rtpmap:{payloadType} mpeg4-generic/{track.Timescale}/1\r\na=fmtp:{payloadType} streamtype=5;profile-level-id=1;mode=AAC-hbr;"
                + $"sizelength=13;indexlength=3;indexdeltalength=3;config={Convert.ToHexString(track.CodecParameters.Span)}\r\n",
        };
        return $"m=audio 0 RTP/AVP {payloadType}\r\nc=IN IP4 0.0.0.0\r\n{format}a=control:trackID=1\r\n";
    }

    private static string OfH264(H264Footage footage, FakeCameraFaults faults, byte payloadType)
    {
        string sets = faults.NoParameterSetsInSdp ? ""
            : $";sprop-parameter-sets={Base64(footage.Sps)},{Base64(footage.Pps)}";
        return $"a=rtpmap:{payloadType} H264/90000\r\n"
            + $"a=fmtp:{payloadType} packetization-mode=1;profile-level-id={Convert.ToHexString(footage.Sps.Span[1..4])}{sets}\r\n";
    }

    private static string OfH265(H265Footage footage, FakeCameraFaults faults, byte payloadType) =>
        $"a=rtpmap:{payloadType} H265/90000\r\n" + (faults.NoParameterSetsInSdp ? ""
            : $"a=fmtp:{payloadType} sprop-vps={Base64(footage.Vps)};sprop-sps={Base64(footage.Sps)};sprop-pps={Base64(footage.Pps)}\r\n");

    private static string Base64(ReadOnlyMemory<byte> bytes) => Convert.ToBase64String(bytes.Span);
}
