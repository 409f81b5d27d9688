using System.Diagnostics.CodeAnalysis;
using Vms.WebRtc.Ice;

namespace Vms.WebRtc.Sdp;

/// <summary>An SDP fragment with a peer's ICE parameters (RFC 8840 §9), as WHEP's PATCH carries it: candidates that trickle in, or a restart.</summary>
/// <remarks>A lite agent has no use for the candidates and does not read them.</remarks>
public sealed class SdpFragment
{
    private readonly SdpDescription _description;

    private SdpFragment(SdpDescription description, string? userFragment) => (_description, UserFragment) = (description, userFragment);

    /// <summary>Differs from the one of the session: the peer restarts ICE. Null: candidates alone, from a peer that leaves out what RFC 8840 §9 asks for.</summary>
    public string? UserFragment { get; }

    /// <returns>False with neither candidates nor a usable user fragment and password, in a media section or before the first.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out SdpFragment? fragment)
    {
        fragment = null;
        if (!SdpDescription.TryParseFragment(text, out var description))
            return false;

        var section = description.Media.FirstOrDefault(m => m.Find("ice-ufrag") is not null);
        string? userFragment = section?.Find("ice-ufrag") ?? description.Find("ice-ufrag");
        string? password = section?.Find("ice-pwd") ?? description.Find("ice-pwd");
        bool isRestart = IceCredentials.IsUserFragment(userFragment) && IceCredentials.IsPassword(password);
        bool hasCandidate = description.Find("candidate") is not null || description.Media.Any(m => m.Find("candidate") is not null);
        if (!isRestart && (userFragment is not null || !hasCandidate))
            return false;
        fragment = new SdpFragment(description, userFragment);
        return true;
    }

    /// <summary>Our half of a restart: the sections as the peer names them, with our new credentials and candidates.</summary>
    public string Answer(LocalTransport local)
    {
        var writer = new SdpWriter();
        writer.Line("a=ice-lite");
        if (_description.BundleGroup() is { Count: > 0 } bundle)
            writer.Line("a=group:BUNDLE " + string.Join(' ', bundle));
        if (_description.Media is [var section, ..])
        {
            writer.Line($"m={section.Kind} 9 {section.Protocol} {section.Formats[0]}");
            if (section.Mid is { } mid)
                writer.Line("a=mid:" + mid);
        }

        writer.Ice(local);
        return writer.ToString();
    }
}
