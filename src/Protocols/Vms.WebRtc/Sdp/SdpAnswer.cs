using System.Diagnostics.CodeAnalysis;

namespace Vms.WebRtc.Sdp;

/// <summary>Our answer to a viewer's offer (RFC 3264 §6, RFC 8829 §5.3): one H.264 video
/// sent, the sound beside it where both sides have it, everything else refused.</summary>
public sealed class SdpAnswer
{
    private SdpAnswer(string text, NegotiatedVideo video, NegotiatedSound? sound)
    {
        Text = text;
        Video = video;
        Sound = sound;
    }

    public string Text { get; }

    public NegotiatedVideo Video { get; }

    /// <summary>Null: none is sent.</summary>
    public NegotiatedSound? Sound { get; }

    /// <param name="sound">Null: the stream has none that could be sent.</param>
    /// <returns><see cref="SdpRefusal.None"/> and an answer, or why there is none.</returns>
    public static SdpRefusal TryCreate(
        ReadOnlySpan<char> offer, LocalTransport local, LocalVideo video, LocalSound? sound, out SdpAnswer? answer)
    {
        answer = null;
        if (!SdpDescription.TryParse(offer, out var description))
            return SdpRefusal.Malformed;
        if (!TryChooseVideo(description, video.Profile, out var refusal, out var section, out var format))
            return refusal;
        if (section.Find("rtcp-mux") is null)
            return SdpRefusal.NoRtcpMux;
        if (!RemoteTransport.TryRead(description, section, out refusal, out var transport))
            return refusal;

        bool nack = format.Feedback.Contains("nack");
        byte? rtx = nack ? format.RtxPayloadType : null;
        var (heard, agreed) = sound is null ? default : NegotiatedSound.Choose(description, section, sound.Format);
        answer = new SdpAnswer(
            Write(description, section, format, rtx, local, video, heard, agreed, sound),
            new NegotiatedVideo(format.PayloadType, rtx, nack, transport), agreed);
        return SdpRefusal.None;
    }

    /// <summary>The first section that wants video and has a format for it.</summary>
    private static bool TryChooseVideo(
        SdpDescription offer, H264ProfileLevelId profile, out SdpRefusal refusal,
        [NotNullWhen(true)] out SdpMediaSection? section, [NotNullWhen(true)] out H264Format? format)
    {
        refusal = SdpRefusal.NoVideo;
        foreach (var candidate in offer.Media)
        {
            if (candidate.Kind != "video" || candidate.IsDisabled || !candidate.Receives || !candidate.IsDtlsSrtp)
                continue;

            refusal = SdpRefusal.NoH264;
            if (H264Format.Choose(H264Format.In(candidate), profile) is { } chosen)
            {
                (section, format) = (candidate, chosen);
                return true;
            }
        }

        (section, format) = (null, null);
        return false;
    }

    private static string Write(
        SdpDescription offer, SdpMediaSection accepted, H264Format format, byte? rtx, LocalTransport local, LocalVideo video,
        SdpMediaSection? heard, NegotiatedSound? agreed, LocalSound? sound)
    {
        var writer = new SdpWriter();
        var bundle = offer.BundleGroup();
        writer.SessionHeader(offer.Media.Where(s => s == accepted || s == heard).Select(s => s.Mid!).Where(bundle.Contains));
        foreach (var section in offer.Media)
        {
            if (section == accepted)
                WriteAccepted(writer, section, format, rtx, local, video);
            else if (section == heard)
                WriteHeard(writer, section, agreed!, local, sound!);
            else
                WriteRefused(writer, section);
        }

        return writer.ToString();
    }

    private static void WriteAccepted(
        SdpWriter writer, SdpMediaSection section, H264Format format, byte? rtx, LocalTransport local, LocalVideo video)
    {
        writer.MediaLine("video", local, section.Protocol, rtx is null ? $"{format.PayloadType}" : $"{format.PayloadType} {rtx}");
        if (section.Mid is { } mid)
            writer.Line("a=mid:" + mid);
        writer.Line("a=sendonly");
        writer.Transport(local, "passive");
        if (section.Find("rtcp-rsize") is not null)
            writer.Line("a=rtcp-rsize");
        writer.Line($"a=rtpmap:{format.PayloadType} H264/90000");
        if (format.Parameters is not null)
            writer.Line($"a=fmtp:{format.PayloadType} {format.Parameters}");
        foreach (var feedback in format.Feedback)
        {
            if (feedback is "nack" or "nack pli" or "ccm fir")
                writer.Line($"a=rtcp-fb:{format.PayloadType} {feedback}");
        }

        if (rtx is not null)
        {
            writer.Line($"a=rtpmap:{rtx} rtx/90000");
            writer.Line($"a=fmtp:{rtx} apt={format.PayloadType}");
        }

        writer.Source(video, rtx is not null);
    }

    private static void WriteHeard(SdpWriter writer, SdpMediaSection section, NegotiatedSound agreed, LocalTransport local, LocalSound sound)
    {
        writer.MediaLine("audio", local, section.Protocol, agreed.Formats);
        writer.Line("a=mid:" + section.Mid);
        writer.Line("a=sendonly");
        writer.Transport(local, "passive");
        agreed.Write(writer);
        writer.Source(sound);
    }

    /// <summary>Port 0 and one of the offered formats (RFC 3264 §6), outside the bundle (RFC 9143 §7.3.3).</summary>
    private static void WriteRefused(SdpWriter writer, SdpMediaSection section)
    {
        writer.Line($"m={section.Kind} 0 {section.Protocol} {section.Formats[0]}");
        writer.Line("c=IN IP4 0.0.0.0");
        if (section.Mid is { } mid)
            writer.Line("a=mid:" + mid);
        writer.Line("a=inactive");
    }
}
