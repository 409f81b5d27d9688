using System.Diagnostics.CodeAnalysis;
using Vms.WebRtc.Ice;

namespace Vms.WebRtc.Sdp;

/// <summary>What we say about our end: one certificate, ICE-lite, host candidates.</summary>
public sealed record LocalTransport(IceCredentials Ice, DtlsFingerprint Fingerprint, IReadOnlyList<IceCandidate> Candidates);

/// <summary>What the peer says about its end. A lite agent sends no checks, so its password and candidates are not needed.</summary>
public sealed record RemoteTransport(string UserFragment, DtlsFingerprint Fingerprint)
{
    /// <summary>Reads the transport of a section: its own attributes, else those of the section that carries its bundle, else
    /// the session's (RFC 8839 §4.4, RFC 8122 §5, RFC 9143 §7.1.3).</summary>
    internal static bool TryRead(
        SdpDescription description, SdpMediaSection section, out SdpRefusal refusal, [NotNullWhen(true)] out RemoteTransport? transport)
    {
        transport = null;
        var carrier = section.Find("ice-ufrag") is null ? BundleCarrier(description, section) : section;
        string? Value(string name) => section.Find(name) ?? carrier.Find(name) ?? description.Find(name);

        var fragment = Value("ice-ufrag");
        if (!IceCredentials.IsUserFragment(fragment) || !IceCredentials.IsPassword(Value("ice-pwd")))
        {
            refusal = SdpRefusal.NoIce;
            return false;
        }

        if (!DtlsFingerprint.TryParse(Value("fingerprint"), out var fingerprint))
        {
            refusal = SdpRefusal.NoFingerprint;
            return false;
        }

        // We are the DTLS server. A peer that insists on being one too cannot be served (RFC 8842 §5.2).
        if (Value("setup") is "passive" or "holdconn")
        {
            refusal = SdpRefusal.DtlsRole;
            return false;
        }

        refusal = SdpRefusal.None;
        transport = new RemoteTransport(fragment!, fingerprint);
        return true;
    }

    private static SdpMediaSection BundleCarrier(SdpDescription description, SdpMediaSection section)
    {
        var bundle = description.BundleGroup();
        if (section.Mid is null || !bundle.Contains(section.Mid))
            return section;
        foreach (var other in description.Media)
        {
            if (other.Mid is { } mid && bundle.Contains(mid) && other.Find("ice-ufrag") is not null)
                return other;
        }

        return section;
    }
}

/// <summary>Why a description cannot be answered; the name in camelCase is the problem code of the API.</summary>
public enum SdpRefusal
{
    None,

    /// <summary>Not a session description, or beyond a ceiling.</summary>
    Malformed,

    /// <summary>No video section that wants to receive.</summary>
    NoVideo,

    /// <summary>No H.264 with packetization-mode 1.</summary>
    NoH264,

    /// <summary>RTP and RTCP on separate ports (RFC 5761): not served.</summary>
    NoRtcpMux,

    /// <summary>No usable user fragment and password.</summary>
    NoIce,

    /// <summary>No fingerprint with SHA-256 or better.</summary>
    NoFingerprint,

    /// <summary>The peer wants to be the DTLS server.</summary>
    DtlsRole,
}
