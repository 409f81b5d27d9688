namespace Vms.WebRtc.Sdp;

/// <summary>Our offer to a viewer and the reading of its answer (the WebSocket signalling: the server offers).</summary>
public static class SdpOffer
{
    private const string Protocol = "UDP/TLS/RTP/SAVPF";
    private const string Mid = "0";
    private const string SoundMid = "1";
    private static readonly NegotiatedSound s_sound = new(Opus: 111, PcmU: 0, PcmA: 8);

    // One payload type for each profile a browser may want to see; the peer strikes out what it cannot take.
    private static readonly (byte PayloadType, byte RtxPayloadType, string ProfileLevelId)[] s_formats =
    [
        (96, 97, "42e01f"),
        (98, 99, "4d001f"),
        (100, 101, "64001f"),
    ];

    /// <param name="sound">Null: the stream has none that could be sent.</param>
    public static string Create(LocalTransport local, LocalVideo video, LocalSound? sound)
    {
        var writer = new SdpWriter();
        writer.SessionHeader(sound is null ? [Mid] : [Mid, SoundMid]);
        writer.MediaLine("video", local, Protocol, string.Join(' ', s_formats.Select(f => $"{f.PayloadType} {f.RtxPayloadType}")));
        writer.Line("a=mid:" + Mid);
        writer.Line("a=sendonly");
        writer.Transport(local, "actpass");
        writer.Line("a=rtcp-rsize");
        foreach (var (payloadType, rtxPayloadType, profileLevelId) in s_formats)
        {
            writer.Line($"a=rtpmap:{payloadType} H264/90000");
            writer.Line($"a=fmtp:{payloadType} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profileLevelId}");
            writer.Line($"a=rtcp-fb:{payloadType} nack");
            writer.Line($"a=rtcp-fb:{payloadType} nack pli");
            writer.Line($"a=rtcp-fb:{payloadType} ccm fir");
            writer.Line($"a=rtpmap:{rtxPayloadType} rtx/90000");
            writer.Line($"a=fmtp:{rtxPayloadType} apt={payloadType}");
        }

        writer.Source(video, rtx: true);
        if (sound is not null)
            WriteSound(writer, local, sound);
        return writer.ToString();
    }

    /// <param name="offered">As given to <see cref="Create"/>; the peer may have refused it.</param>
    /// <returns><see cref="SdpRefusal.None"/> and what was agreed, or why the answer is of no use.</returns>
    public static SdpRefusal TryReadAnswer(
        ReadOnlySpan<char> answer, H264ProfileLevelId profile, LocalSound? offered, out NegotiatedVideo? video, out NegotiatedSound? sound)
    {
        (video, sound) = (null, null);
        if (!SdpDescription.TryParse(answer, out var description))
            return SdpRefusal.Malformed;

        var section = description.Media[0];
        if (section.Kind != "video" || section.Port == 0 || !section.Receives)
            return SdpRefusal.NoVideo;
        if (H264Format.Choose(H264Format.In(section), profile) is not { } format)
            return SdpRefusal.NoH264;
        if (section.Find("rtcp-mux") is null)
            return SdpRefusal.NoRtcpMux;
        if (!RemoteTransport.TryRead(description, section, out var refusal, out var transport))
            return refusal;

        bool nack = format.Feedback.Contains("nack");
        video = new NegotiatedVideo(format.PayloadType, nack ? format.RtxPayloadType : null, nack, transport);
        if (offered is not null)
            (_, sound) = NegotiatedSound.Choose(description, section, offered.Format);
        return SdpRefusal.None;
    }

    private static void WriteSound(SdpWriter writer, LocalTransport local, LocalSound sound)
    {
        writer.MediaLine("audio", local, Protocol, s_sound.Formats);
        writer.Line("a=mid:" + SoundMid);
        writer.Line("a=sendonly");
        writer.Transport(local, "actpass");
        s_sound.Write(writer);
        writer.Source(sound);
    }
}
