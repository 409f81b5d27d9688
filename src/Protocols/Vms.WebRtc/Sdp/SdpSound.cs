using System.Globalization;

namespace Vms.WebRtc.Sdp;

/// <summary>How sound is carried by WebRTC: what every browser takes (RFC 7874 §3).</summary>
public enum SoundFormat : byte
{
    Opus,
    PcmU,
    PcmA,
}

/// <summary>The sound we send beside the video of a session, if the peer wants it.</summary>
/// <param name="Ssrc">Random per session.</param>
/// <param name="Cname">That of the video: what has the same name is played in time with each other (RFC 8834 §4.9).</param>
/// <param name="Format">What the stream has now; without it the section is refused.</param>
public sealed record LocalSound(uint Ssrc, string Cname, SoundFormat Format);

/// <summary>What both sides agreed on: the stream may change between these on the way.</summary>
/// <param name="Opus">Payload type; null: not agreed, as the others.</param>
public sealed record NegotiatedSound(byte? Opus, byte? PcmU, byte? PcmA)
{
    public byte? PayloadTypeOf(SoundFormat format) => format switch
    {
        SoundFormat.Opus => Opus,
        SoundFormat.PcmU => PcmU,
        _ => PcmA,
    };

    /// <summary>The formats of a section that we can send.</summary>
    internal static NegotiatedSound In(SdpMediaSection section)
    {
        byte? opus = null, pcmU = null, pcmA = null;
        foreach (var text in section.Formats)
        {
            if (!H264Format.TryParsePayloadType(text, out byte payloadType))
                continue;
            switch (MapOf(section, payloadType))
            {
                case "OPUS/48000/2":
                    opus ??= payloadType;
                    break;
                case "PCMU/8000" or "PCMU/8000/1":
                    pcmU ??= payloadType;
                    break;
                case "PCMA/8000" or "PCMA/8000/1":
                    pcmA ??= payloadType;
                    break;
            }
        }

        return new NegotiatedSound(opus, pcmU, pcmA);
    }

    /// <summary>The section of a peer that wants to hear what we have, in the transport of the video (RFC 9143).</summary>
    internal static (SdpMediaSection? Section, NegotiatedSound? Sound) Choose(
        SdpDescription description, SdpMediaSection video, SoundFormat format)
    {
        var bundle = description.BundleGroup();
        foreach (var section in description.Media)
        {
            if (section.Kind != "audio" || section.IsDisabled || !section.Receives || !section.IsDtlsSrtp
                || section.Mid is not { } mid || video.Mid is not { } videoMid || !bundle.Contains(mid) || !bundle.Contains(videoMid))
                continue;
            var sound = In(section);
            if (sound.PayloadTypeOf(format) is not null)
                return (section, sound);
        }

        return (null, null);
    }

    internal void Write(SdpWriter writer)
    {
        if (Opus is { } opus)
        {
            writer.Line($"a=rtpmap:{opus} opus/48000/2");
            writer.Line($"a=fmtp:{opus} minptime=10;useinbandfec=1");
        }

        if (PcmU is { } pcmU)
            writer.Line($"a=rtpmap:{pcmU} PCMU/8000");
        if (PcmA is { } pcmA)
            writer.Line($"a=rtpmap:{pcmA} PCMA/8000");
    }

    /// <summary>As on the <c>m=</c> line.</summary>
    internal string Formats => string.Join(' ', new[] { Opus, PcmU, PcmA }.Where(p => p is not null));

    /// <summary>In capitals; of the static payload types also without a line (RFC 3551 §6).</summary>
    private static string? MapOf(SdpMediaSection section, byte payloadType)
    {
        foreach (var attribute in section.Attributes)
        {
            if (attribute.Name != "rtpmap")
                continue;
            int blank = attribute.Value.IndexOf(' ', StringComparison.Ordinal);
            if (blank > 0 && byte.TryParse(attribute.Value.AsSpan(0, blank), NumberStyles.None, CultureInfo.InvariantCulture, out byte of)
                && of == payloadType)
                return attribute.Value[(blank + 1)..].Trim().ToUpperInvariant();
        }

        return payloadType switch
        {
            0 => "PCMU/8000",
            8 => "PCMA/8000",
            _ => null,
        };
    }
}
