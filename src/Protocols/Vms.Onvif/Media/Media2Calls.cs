using System.Xml.Linq;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Media;

/// <summary>The second media service: the only one that knows H.265 (ONVIF Media 2 Service Specification). Some devices announce it and refuse it.</summary>
public static class Media2Calls
{
    private const string Action = "http://www.onvif.org/ver20/media/wsdl/";

    public static OnvifCall<IReadOnlyList<MediaProfile>> GetProfiles { get; } = new(
        OnvifService.Media2,
        Action + "GetProfiles",
        new XElement(OnvifNamespaces.Media2 + "GetProfiles", new XElement(OnvifNamespaces.Media2 + "Type", "All")),
        ProfilesOf);

    /// <summary>Address of the RTSP stream, as told.</summary>
    public static OnvifCall<string> GetStreamUri(string profile) => new(
        OnvifService.Media2,
        Action + "GetStreamUri",
        new XElement(
            OnvifNamespaces.Media2 + "GetStreamUri",
            new XElement(OnvifNamespaces.Media2 + "Protocol", "RtspUnicast"),
            new XElement(OnvifNamespaces.Media2 + "ProfileToken", profile)),
        MediaCalls.UriOf);

    /// <summary>Address of a JPEG of now, as told.</summary>
    public static OnvifCall<string> GetSnapshotUri(string profile) => new(
        OnvifService.Media2,
        Action + "GetSnapshotUri",
        new XElement(OnvifNamespaces.Media2 + "GetSnapshotUri", new XElement(OnvifNamespaces.Media2 + "ProfileToken", profile)),
        MediaCalls.UriOf);

    private static IReadOnlyList<MediaProfile>? ProfilesOf(SoapAnswer answer) => answer.Body.Name != "GetProfilesResponse"
        ? null
        : [.. answer.Body.ChildrenNamed("Profiles").Take(MediaProfile.MaxProfiles).Select(ProfileOf).OfType<MediaProfile>()];

    private static MediaProfile? ProfileOf(SoapElement profile) => profile.Attribute("token") is not { Length: > 0 } token ? null : new MediaProfile(
        token,
        profile.TextAt("Name") ?? token,
        profile.TextAt("Configurations", "VideoSource", "SourceToken"),
        MediaCalls.EncodingOf(profile.At("Configurations", "VideoEncoder")),
        profile.At("Configurations", "AudioEncoder") is not null,
        profile.At("Configurations", "Metadata") is not null,
        profile.TextAt("Configurations", "PTZ", "NodeToken"))
    {
        VideoSourceConfiguration = profile.At("Configurations", "VideoSource")?.Attribute("token"),
    };
}
