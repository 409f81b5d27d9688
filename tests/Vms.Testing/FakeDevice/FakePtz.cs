using System.Globalization;
using System.Xml.Linq;
using static Vms.Testing.FakeDevice.FakeOperations;

namespace Vms.Testing.FakeDevice;

/// <summary>Mechanics that obey at once. Numbers are the device's own. Any thread.</summary>
public sealed class FakePtz
{
    internal const string Node = "node_1";

    private const string Spaces = "http://www.onvif.org/ver10/tptz/";

    private static readonly XNamespace s_tt = FakeSoap.Tt;

    private readonly FakeDevice _device;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, string> _presets = new(StringComparer.Ordinal) { ["1"] = "Door", ["2"] = "Gate" };
    private readonly List<string> _moves = [];

    internal FakePtz(FakeDevice device) => _device = device;

    public double Pan { get; private set; }

    public double Tilt { get; private set; }

    public double Zoom { get; private set; }

    /// <summary>A continuous move goes on.</summary>
    public bool IsMoving { get; private set; }

    /// <summary>"continuous 0.5 -1 0", "relative …", "absolute …", "stop", "preset 2", "home", in their order.</summary>
    public IReadOnlyList<string> Moves
    {
        get
        {
            lock (_gate)
                return [.. _moves];
        }
    }

    public IReadOnlyDictionary<string, string> Presets
    {
        get
        {
            lock (_gate)
                return new Dictionary<string, string>(_presets);
        }
    }

    /// <summary>As on the device's own pages.</summary>
    public void Rename(string token, string name)
    {
        lock (_gate)
            _presets[token] = name;
    }

    internal void AddTo(Action<string, string, Func<FakeRequest, string>> add)
    {
        add(FakeSoap.Tptz, "GetNodes", request =>
        {
            request.Expect();
            return Response("tptz:GetNodes", NodeXml("tptz:PTZNode"));
        });
        add(FakeSoap.Tptz, "GetNode", _ => Response("tptz:GetNode", NodeXml("tptz:PTZNode")));
        add(FakeSoap.Tptz, "GetConfigurations", _ => Response("tptz:GetConfigurations", $"""<tptz:PTZConfiguration token="ptz_configuration"><tt:Name>ptz</tt:Name><tt:UseCount>1</tt:UseCount><tt:NodeToken>{Node}</tt:NodeToken></tptz:PTZConfiguration>"""));
        add(FakeSoap.Tptz, "ContinuousMove", request => Move(request, "continuous", "Velocity", "Timeout"));
        add(FakeSoap.Tptz, "RelativeMove", request => Move(request, "relative", "Translation", "Speed"));
        add(FakeSoap.Tptz, "AbsoluteMove", request => Move(request, "absolute", "Position", "Speed"));
        add(FakeSoap.Tptz, "Stop", Stop);
        add(FakeSoap.Tptz, "GetStatus", Status);
        add(FakeSoap.Tptz, "GetPresets", request =>
        {
            request.Expect("ProfileToken");
            return Response("tptz:GetPresets", string.Concat(Presets.Select(preset => $"""<tptz:Preset token="{preset.Key}"><tt:Name>{FakeSoap.Text(preset.Value)}</tt:Name></tptz:Preset>""")));
        });
        add(FakeSoap.Tptz, "SetPreset", SetPreset);
        add(FakeSoap.Tptz, "RemovePreset", request =>
        {
            request.Expect("ProfileToken", "PresetToken");
            lock (_gate)
                return _presets.Remove(request.Text("PresetToken")) ? Response("tptz:RemovePreset") : throw NoPreset();
        });
        add(FakeSoap.Tptz, "GotoPreset", request =>
        {
            request.Expect("ProfileToken", "PresetToken", "Speed");
            return Done("GotoPreset", Presets.ContainsKey(request.Text("PresetToken")) ? $"preset {request.Text("PresetToken")}" : throw NoPreset());
        });
        add(FakeSoap.Tptz, "GotoHomePosition", request =>
        {
            request.Expect("ProfileToken", "Speed");
            return Done("GotoHomePosition", "home");
        });
        add(FakeSoap.Tptz, "SetHomePosition", request =>
        {
            request.Expect("ProfileToken");
            return Done("SetHomePosition", "home set");
        });
    }

    private static FakeFaultException NoPreset() => FakeFaultException.Sender("ter:InvalidArgVal/ter:NoToken", "No such preset");

    private string Move(FakeRequest request, string kind, string vectorName, string last)
    {
        request.Expect("ProfileToken", vectorName, last);
        var vector = request.Child(vectorName) ?? throw FakeFaultException.Sender("ter:InvalidArgs", vectorName);
        FakeRequest.Expect(vector, s_tt, "PanTilt", "Zoom");
        var panTilt = vector.Element(s_tt + "PanTilt");
        var zoom = vector.Element(s_tt + "Zoom");
        if (zoom is not null && _device.Quirks.HasNoZoom)
            throw FakeFaultException.Sender("ter:InvalidArgVal/ter:SpaceNotSupported", "No zoom");

        double x = Number(panTilt, "x"), y = Number(panTilt, "y"), z = Number(zoom, "x");
        lock (_gate)
        {
            if (kind == "absolute")
                (Pan, Tilt, Zoom) = (panTilt is null ? Pan : Within(x, PanRange), panTilt is null ? Tilt : Within(y, TiltRange), zoom is null ? Zoom : Within(z, (0, 1)));
            IsMoving = kind == "continuous" ? (x, y, z) != (0, 0, 0) : IsMoving;
            _moves.Add(string.Create(CultureInfo.InvariantCulture, $"{kind} {x} {y} {z}"));
        }

        return Response("tptz:" + request.Operation);
    }

    private static double Number(XElement? element, string attribute) => element is null ? 0 : (double)element.Attribute(attribute)!;

    private static double Within(double value, (double Min, double Max) range) =>
        value >= range.Min && value <= range.Max ? value : throw FakeFaultException.Sender("ter:InvalidArgVal/ter:InvalidPosition", "Out of range");

    private (double Min, double Max) PanRange => _device.Quirks.Degrees ? (0, 360) : (-1, 1);

    private (double Min, double Max) TiltRange => _device.Quirks.Degrees ? (-90, 20) : (-1, 1);

    private string Stop(FakeRequest request)
    {
        request.Expect("ProfileToken", "PanTilt", "Zoom");
        if (_device.Quirks.StopsOnlyBare && request.Optional("PanTilt") is not null)
            throw FakeFaultException.Sender("ter:InvalidArgs", "Unexpected");
        lock (_gate)
            IsMoving = false;
        return Done("Stop", "stop");
    }

    private string Status(FakeRequest request)
    {
        request.Expect("ProfileToken");
        if (_device.Quirks.HasNoPtzStatus)
            throw FakeFaultException.Sender("ter:ActionNotSupported", "No status");
        lock (_gate)
        {
            string state = IsMoving ? "MOVING" : "IDLE";
            string zoom = _device.Quirks.HasNoZoom ? "" : string.Create(CultureInfo.InvariantCulture, $"""<tt:Zoom x="{Zoom}"/>""");
            return Response("tptz:GetStatus", string.Create(
                CultureInfo.InvariantCulture,
                $"""<tptz:PTZStatus><tt:Position><tt:PanTilt x="{Pan}" y="{Tilt}"/>{zoom}</tt:Position><tt:MoveStatus><tt:PanTilt>{state}</tt:PanTilt><tt:Zoom>IDLE</tt:Zoom></tt:MoveStatus><tt:UtcTime>{_device.Now:yyyy-MM-ddTHH:mm:ssZ}</tt:UtcTime></tptz:PTZStatus>"""));
        }
    }

    private string SetPreset(FakeRequest request)
    {
        request.Expect("ProfileToken", "PresetName", "PresetToken");
        lock (_gate)
        {
            string token = request.Optional("PresetToken") ?? (_presets.Keys.Select(key => int.Parse(key, CultureInfo.InvariantCulture)).Max() + 1).ToString(CultureInfo.InvariantCulture);
            _presets[token] = request.Optional("PresetName") ?? token;
            return Response("tptz:SetPreset", $"<tptz:PresetToken>{token}</tptz:PresetToken>");
        }
    }

    private string Done(string operation, string move)
    {
        lock (_gate)
            _moves.Add(move);
        return Response("tptz:" + operation);
    }

    private string NodeXml(string name)
    {
        string x = _device.Quirks.Degrees ? Range("XRange", 0, 360) : Range("XRange", -1, 1);
        string y = _device.Quirks.Degrees ? Range("YRange", -90, 20) : Range("YRange", -1, 1);
        string position = _device.Quirks.Degrees ? "PanTiltSpaces/SphericalPositionSpaceDegrees" : "PanTiltSpaces/PositionGenericSpace";
        string both = Range("XRange", -1, 1) + Range("YRange", -1, 1);
        string Zooms(string element, string space, double min) => _device.Quirks.HasNoZoom ? "" : Space(element, "ZoomSpaces/" + space, Range("XRange", min, 1));
        return $"""<{name} token="{Node}" FixedHomePosition="false"><tt:Name>dome</tt:Name><tt:SupportedPTZSpaces>"""
            + Space("AbsolutePanTiltPositionSpace", position, x + y) + Zooms("AbsoluteZoomPositionSpace", "PositionGenericSpace", 0)
            + Space("RelativePanTiltTranslationSpace", "PanTiltSpaces/TranslationGenericSpace", both) + Space("RelativePanTiltTranslationSpace", "PanTiltSpaces/TranslationSpaceFov", both)
            + Zooms("RelativeZoomTranslationSpace", "TranslationGenericSpace", -1)
            + Space("ContinuousPanTiltVelocitySpace", "PanTiltSpaces/VelocityGenericSpace", both) + Zooms("ContinuousZoomVelocitySpace", "VelocityGenericSpace", -1)
            + $"</tt:SupportedPTZSpaces><tt:MaximumNumberOfPresets>16</tt:MaximumNumberOfPresets><tt:HomeSupported>true</tt:HomeSupported></{name}>";
    }

    private static string Space(string element, string uri, string ranges) => $"<tt:{element}><tt:URI>{Spaces}{uri}</tt:URI>{ranges}</tt:{element}>";

    private static string Range(string name, double min, double max) => string.Create(CultureInfo.InvariantCulture, $"<tt:{name}><tt:Min>{min}</tt:Min><tt:Max>{max}</tt:Max></tt:{name}>");
}
