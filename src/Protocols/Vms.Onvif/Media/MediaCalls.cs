using System.Xml.Linq;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Media;

/// <summary>The first media service, which nearly every device has (ONVIF Media Service Specification).</summary>
public static class MediaCalls
{
    private const string Action = "http://www.onvif.org/ver10/media/wsdl/";

    public static OnvifCall<IReadOnlyList<MediaProfile>> GetProfiles { get; } = new(
        OnvifService.Media, Action + "GetProfiles", new XElement(OnvifNamespaces.Media + "GetProfiles"), ProfilesOf);

    /// <summary>Address of the RTSP stream, as told.</summary>
    public static OnvifCall<string> GetStreamUri(string profile) => new(
        OnvifService.Media,
        Action + "GetStreamUri",
        new XElement(
            OnvifNamespaces.Media + "GetStreamUri",
            new XElement(
                OnvifNamespaces.Media + "StreamSetup",
                new XElement(OnvifNamespaces.Schema + "Stream", "RTP-Unicast"),
                new XElement(OnvifNamespaces.Schema + "Transport", new XElement(OnvifNamespaces.Schema + "Protocol", "RTSP"))),
            new XElement(OnvifNamespaces.Media + "ProfileToken", profile)),
        UriOf);

    /// <summary>Address of a JPEG of now, as told.</summary>
    public static OnvifCall<string> GetSnapshotUri(string profile) => new(
        OnvifService.Media,
        Action + "GetSnapshotUri",
        new XElement(OnvifNamespaces.Media + "GetSnapshotUri", new XElement(OnvifNamespaces.Media + "ProfileToken", profile)),
        UriOf);

    /// <summary>Wherever it stands: some devices leave the MediaUri around it out, some put one where none belongs.</summary>
    internal static string? UriOf(SoapAnswer answer) => answer.Body.Descendant("Uri") is { Text.Length: > 0 } uri ? uri.Text : null;

    internal static VideoEncoding? EncodingOf(SoapElement? encoder)
    {
        if (encoder?.TextAt("Encoding") is not { } codec || encoder.IntegerAt("Resolution", "Width") is not { } width || encoder.IntegerAt("Resolution", "Height") is not { } height)
            return null;
        if (width is <= 0 or > VideoEncoding.MaxSide || height is <= 0 or > VideoEncoding.MaxSide)
            return null;

        string name = new([.. codec.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit)]);
        return new VideoEncoding(name is "HEVC" ? "H265" : name, width, height, encoder.NumberAt("RateControl", "FrameRateLimit"), encoder.IntegerAt("RateControl", "BitrateLimit"));
    }

    private static IReadOnlyList<MediaProfile>? ProfilesOf(SoapAnswer answer) => answer.Body.Name != "GetProfilesResponse"
        ? null
        : [.. answer.Body.ChildrenNamed("Profiles").Take(MediaProfile.MaxProfiles).Select(ProfileOf).OfType<MediaProfile>()];

    private static MediaProfile? ProfileOf(SoapElement profile) => profile.Attribute("token") is not { Length: > 0 } token ? null : new MediaProfile(
        token,
        profile.TextAt("Name") ?? token,
        profile.TextAt("VideoSourceConfiguration", "SourceToken"),
        EncodingOf(profile.Child("VideoEncoderConfiguration")),
        profile.Child("AudioEncoderConfiguration") is not null,
        profile.Child("MetadataConfiguration") is not null,
        profile.TextAt("PTZConfiguration", "NodeToken"))
    {
        VideoSourceConfiguration = profile.Child("VideoSourceConfiguration")?.Attribute("token"),
    };
}
