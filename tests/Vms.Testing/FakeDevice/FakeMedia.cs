using System.Globalization;
using Microsoft.AspNetCore.Http;
using static Vms.Testing.FakeDevice.FakeOperations;

namespace Vms.Testing.FakeDevice;

/// <summary>Both media services over the same profiles.</summary>
internal sealed class FakeMedia(FakeDevice device)
{
    private IReadOnlyList<FakeProfile> Profiles => device.Options.Profiles;

    public void AddTo(Action<string, string, Func<FakeRequest, string>> add)
    {
        add(FakeSoap.Trt, "GetProfiles", request =>
        {
            request.Expect();
            return Response("trt:GetProfiles", string.Concat(Profiles.Select(Profile)));
        });
        add(FakeSoap.Trt, "GetVideoSources", _ => Response("trt:GetVideoSources", string.Concat(Profiles.Select(profile => profile.VideoSource).Distinct().Select(source =>
            $"""<trt:VideoSources token="{source}"><tt:Framerate>25</tt:Framerate><tt:Resolution><tt:Width>1920</tt:Width><tt:Height>1080</tt:Height></tt:Resolution></trt:VideoSources>"""))));
        add(FakeSoap.Trt, "GetStreamUri", request =>
        {
            request.Expect("StreamSetup", "ProfileToken");
            FakeRequest.Expect(request.Child("StreamSetup")!, FakeSoap.Tt, "Stream", "Transport");
            return Response("trt:GetStreamUri", MediaUri(StreamUri(Named(request))));
        });
        add(FakeSoap.Trt, "GetSnapshotUri", request =>
        {
            request.Expect("ProfileToken");
            Named(request);
            return Response("trt:GetSnapshotUri", MediaUri(device.AddressOf("/onvif/snapshot")));
        });

        add(FakeSoap.Tr2, "GetProfiles", request =>
        {
            request.Expect("Token", "Type");
            return Media2("GetProfiles", string.Concat(Profiles.Select(profile => Profile2(profile, request.Optional("Type") == "All"))));
        });
        add(FakeSoap.Tr2, "GetStreamUri", request =>
        {
            request.Expect("Protocol", "ProfileToken");
            if (request.Text("Protocol") is not ("RtspUnicast" or "RtspMulticast" or "RTSP" or "RtspOverHttp"))
                throw FakeFaultException.Sender("ter:InvalidArgVal/ter:InvalidStreamSetup", "Protocol");
            return Media2("GetStreamUri", $"<tr2:Uri>{FakeSoap.Text(StreamUri(Named(request)))}</tr2:Uri>");
        });
        add(FakeSoap.Tr2, "GetSnapshotUri", request =>
        {
            request.Expect("ProfileToken");
            Named(request);
            return Media2("GetSnapshotUri", $"<tr2:Uri>{device.AddressOf("/onvif/snapshot")}</tr2:Uri>");
        });
    }

    private string Media2(string operation, string content) => device.Quirks.RefusesMedia2
        ? throw new FakeFaultException("ter:ActionNotSupported", "Not yet", StatusCodes.Status500InternalServerError)
        : Response("tr2:" + operation, content);

    private FakeProfile Named(FakeRequest request) => Profiles.FirstOrDefault(profile => profile.Token == request.Text("ProfileToken"))
        ?? throw FakeFaultException.Sender("ter:InvalidArgVal/ter:NoProfile", "No such profile");

    private string StreamUri(FakeProfile profile) => profile.StreamUri ?? device.AddressOf($"/{profile.Token}?channel=1&subtype=0", "rtsp");

    private static string MediaUri(string uri) =>
        $"<trt:MediaUri><tt:Uri>{FakeSoap.Text(uri)}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri>";

    private string Profile(FakeProfile profile) =>
        $"""<trt:Profiles token="{profile.Token}" fixed="true"><tt:Name>{profile.Name}</tt:Name>"""
        + $"""<tt:VideoSourceConfiguration token="{profile.VideoSource}_configuration"><tt:Name>source</tt:Name><tt:UseCount>1</tt:UseCount><tt:SourceToken>{profile.VideoSource}</tt:SourceToken><tt:Bounds x="0" y="0" width="1920" height="1080"/></tt:VideoSourceConfiguration>"""
        + Encoder1(profile)
        + PtzConfiguration("tt:PTZConfiguration", profile)
        + "</trt:Profiles>";

    private static string Encoder1(FakeProfile profile) => profile.Codec.Length == 0 ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $"""<tt:VideoEncoderConfiguration token="{profile.Token}_encoder"><tt:Name>encoder</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>{(profile.Codec == "H265" ? "H264" : profile.Codec)}</tt:Encoding>"""
        + $"<tt:Resolution><tt:Width>{profile.Width}</tt:Width><tt:Height>{profile.Height}</tt:Height></tt:Resolution><tt:Quality>4</tt:Quality>"
        + $"<tt:RateControl><tt:FrameRateLimit>25</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>4096</tt:BitrateLimit></tt:RateControl>"
        + $"{(profile.Codec is "H264" or "H265" ? "<tt:H264><tt:GovLength>50</tt:GovLength><tt:H264Profile>Main</tt:H264Profile></tt:H264>" : "")}{Multicast}<tt:SessionTimeout>PT60S</tt:SessionTimeout></tt:VideoEncoderConfiguration>");

    private string Profile2(FakeProfile profile, bool all) =>
        $"""<tr2:Profiles token="{profile.Token}" fixed="true"><tr2:Name>{profile.Name}</tr2:Name>"""
        + (all
            ? $"""<tr2:Configurations><tr2:VideoSource token="{profile.VideoSource}_configuration"><tt:Name>source</tt:Name><tt:UseCount>1</tt:UseCount><tt:SourceToken>{profile.VideoSource}</tt:SourceToken><tt:Bounds x="0" y="0" width="1920" height="1080"/></tr2:VideoSource>"""
                + Encoder2(profile) + PtzConfiguration("tr2:PTZ", profile) + "</tr2:Configurations>"
            : "")
        + "</tr2:Profiles>";

    private static string Encoder2(FakeProfile profile) => profile.Codec.Length == 0 ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $"""<tr2:VideoEncoder token="{profile.Token}_encoder" GovLength="50" Profile="Main"><tt:Name>encoder</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>{profile.Codec}</tt:Encoding>"""
        + $"""<tt:Resolution><tt:Width>{profile.Width}</tt:Width><tt:Height>{profile.Height}</tt:Height></tt:Resolution><tt:RateControl ConstantBitRate="false"><tt:FrameRateLimit>25.0</tt:FrameRateLimit><tt:BitrateLimit>4096</tt:BitrateLimit></tt:RateControl>"""
        + $"<tt:Quality>4</tt:Quality></tr2:VideoEncoder>");

    private string PtzConfiguration(string name, FakeProfile profile) => device.Quirks.HasNoPtz || (device.Quirks.HasPtzInLastProfile && profile != Profiles[^1])
        ? ""
        : $"""<{name} token="ptz_configuration"><tt:Name>ptz</tt:Name><tt:UseCount>1</tt:UseCount><tt:NodeToken>{FakePtz.Node}</tt:NodeToken><tt:DefaultPTZTimeout>PT10S</tt:DefaultPTZTimeout></{name}>""";

    private const string Multicast = "<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address><tt:Port>0</tt:Port><tt:TTL>1</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>";
}
