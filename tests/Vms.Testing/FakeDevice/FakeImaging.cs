using System.Xml.Linq;
using static Vms.Testing.FakeDevice.FakeOperations;

namespace Vms.Testing.FakeDevice;

/// <summary>A sensor whose settings are kept as they were sent. Any thread.</summary>
public sealed class FakeImaging
{
    private static readonly string[] s_order =
        ["BacklightCompensation", "Brightness", "ColorSaturation", "Contrast", "Exposure", "Focus", "IrCutFilter", "Sharpness", "WideDynamicRange", "WhiteBalance", "Extension"];

    private static readonly XNamespace s_tt = FakeSoap.Tt;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _settings = new()
    {
        ["BacklightCompensation"] = "<tt:BacklightCompensation><tt:Mode>OFF</tt:Mode></tt:BacklightCompensation>",
        ["Brightness"] = "<tt:Brightness>50</tt:Brightness>",
        ["ColorSaturation"] = "<tt:ColorSaturation>50</tt:ColorSaturation>",
        ["Contrast"] = "<tt:Contrast>50.000000</tt:Contrast>",
        ["Focus"] = "<tt:Focus><tt:AutoFocusMode>AUTO</tt:AutoFocusMode></tt:Focus>",
        ["IrCutFilter"] = "<tt:IrCutFilter>AUTO</tt:IrCutFilter>",
        ["WideDynamicRange"] = "<tt:WideDynamicRange><tt:Mode>OFF</tt:Mode><tt:Level>20</tt:Level></tt:WideDynamicRange>",
    };

    private readonly List<string> _focusMoves = [];

    /// <summary>"0.5", "stop".</summary>
    public IReadOnlyList<string> FocusMoves
    {
        get
        {
            lock (_gate)
                return [.. _focusMoves];
        }
    }

    internal void AddTo(Action<string, string, Func<FakeRequest, string>> add)
    {
        add(FakeSoap.Timg, "GetImagingSettings", request =>
        {
            request.Expect("VideoSourceToken");
            lock (_gate)
                return Response("timg:GetImagingSettings", $"<timg:ImagingSettings>{string.Concat(s_order.Select(name => _settings.GetValueOrDefault(name, "")))}</timg:ImagingSettings>");
        });
        add(FakeSoap.Timg, "GetOptions", request =>
        {
            request.Expect("VideoSourceToken");
            return Response("timg:GetOptions", "<timg:ImagingOptions><tt:BacklightCompensation><tt:Mode>OFF</tt:Mode><tt:Mode>ON</tt:Mode></tt:BacklightCompensation>"
                + Range("Brightness") + Range("ColorSaturation") + Range("Contrast") + "<tt:Focus><tt:AutoFocusModes>AUTO</tt:AutoFocusModes><tt:AutoFocusModes>MANUAL</tt:AutoFocusModes></tt:Focus>"
                + "<tt:IrCutFilterModes>ON</tt:IrCutFilterModes><tt:IrCutFilterModes>AUTO</tt:IrCutFilterModes>"
                + "<tt:WideDynamicRange><tt:Mode>ON</tt:Mode><tt:Mode>OFF</tt:Mode><tt:Level><tt:Min>0</tt:Min><tt:Max>100</tt:Max></tt:Level></tt:WideDynamicRange></timg:ImagingOptions>");
        });
        add(FakeSoap.Timg, "SetImagingSettings", SetImagingSettings);
        add(FakeSoap.Timg, "Move", request =>
        {
            request.Expect("VideoSourceToken", "Focus");
            var focus = request.Child("Focus")!;
            FakeRequest.Expect(focus, s_tt, "Absolute", "Relative", "Continuous");
            lock (_gate)
                _focusMoves.Add(focus.Element(s_tt + "Continuous")!.Element(s_tt + "Speed")!.Value);
            return Response("timg:Move");
        });
        add(FakeSoap.Timg, "Stop", request =>
        {
            request.Expect("VideoSourceToken");
            lock (_gate)
                _focusMoves.Add("stop");
            return Response("timg:Stop");
        });
    }

    private string SetImagingSettings(FakeRequest request)
    {
        request.Expect("VideoSourceToken", "ImagingSettings", "ForcePersistence");
        var settings = request.Child("ImagingSettings")!;
        FakeRequest.Expect(settings, s_tt, s_order);
        lock (_gate)
        {
            foreach (var setting in settings.Elements())
            {
                if (setting.Name.LocalName == "Sharpness")
                    throw FakeFaultException.Sender("ter:InvalidArgVal/ter:SettingsInvalid", "No sharpness");
                _settings[setting.Name.LocalName] = Prefixed(setting);
            }
        }

        return Response("timg:SetImagingSettings");
    }

    private static string Prefixed(XElement element) =>
        $"<tt:{element.Name.LocalName}>{(element.HasElements ? string.Concat(element.Elements().Select(Prefixed)) : FakeSoap.Text(element.Value))}</tt:{element.Name.LocalName}>";

    private static string Range(string name) => $"<tt:{name}><tt:Min>0</tt:Min><tt:Max>100</tt:Max></tt:{name}>";
}
