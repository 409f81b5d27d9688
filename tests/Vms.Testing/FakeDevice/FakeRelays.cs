using System.Xml.Linq;
using static Vms.Testing.FakeDevice.FakeOperations;

namespace Vms.Testing.FakeDevice;

/// <summary>Two contacts. Any thread.</summary>
public sealed class FakeRelays
{
    private static readonly XNamespace s_tt = FakeSoap.Tt;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Mode, string Delay, string Idle)> _settings = new()
    {
        ["relay_1"] = ("Bistable", "PT0S", "open"),
        ["relay_2"] = ("Monostable", "PT1.5S", "closed"),
    };

    private readonly HashSet<string> _active = [];

    public bool IsActive(string token)
    {
        lock (_gate)
            return _active.Contains(token);
    }

    internal void AddTo(Action<string, string, Func<FakeRequest, string>> add)
    {
        add(FakeSoap.Tds, "GetRelayOutputs", request =>
        {
            request.Expect();
            lock (_gate)
            {
                return Response("tds:GetRelayOutputs", string.Concat(_settings.Select(relay =>
                    $"""<tds:RelayOutputs token="{relay.Key}"><tt:Properties><tt:Mode>{relay.Value.Mode}</tt:Mode><tt:DelayTime>{relay.Value.Delay}</tt:DelayTime><tt:IdleState>{relay.Value.Idle}</tt:IdleState></tt:Properties></tds:RelayOutputs>""")));
            }
        });
        add(FakeSoap.Tds, "SetRelayOutputState", request =>
        {
            request.Expect("RelayOutputToken", "LogicalState");
            lock (_gate)
            {
                string token = Known(request);
                bool changed = request.Text("LogicalState") switch
                {
                    "active" => _active.Add(token),
                    "inactive" => _active.Remove(token),
                    _ => throw FakeFaultException.Sender("ter:InvalidArgVal", "LogicalState"),
                };
                return Response("tds:SetRelayOutputState");
            }
        });
        add(FakeSoap.Tds, "SetRelayOutputSettings", request =>
        {
            request.Expect("RelayOutputToken", "Properties");
            var properties = request.Child("Properties")!;
            FakeRequest.Expect(properties, s_tt, "Mode", "DelayTime", "IdleState");
            lock (_gate)
                _settings[Known(request)] = (properties.Element(s_tt + "Mode")!.Value, properties.Element(s_tt + "DelayTime")!.Value, properties.Element(s_tt + "IdleState")!.Value);
            return Response("tds:SetRelayOutputSettings");
        });
    }

    private string Known(FakeRequest request) => _settings.ContainsKey(request.Text("RelayOutputToken"))
        ? request.Text("RelayOutputToken")
        : throw FakeFaultException.Sender("ter:InvalidArgVal/ter:RelayToken", "No such relay");
}
