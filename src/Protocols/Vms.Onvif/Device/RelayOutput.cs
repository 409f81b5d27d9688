using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Device;

/// <summary>A contact of a device that can be switched (ONVIF Core Specification §8.6).</summary>
/// <param name="IsMonostable">It falls back by itself after <paramref name="Delay"/>.</param>
/// <param name="IsOpenIdle">Without current the contact is open.</param>
public sealed record RelayOutput(string Token, bool IsMonostable, TimeSpan? Delay, bool IsOpenIdle)
{
    /// <summary>Of a device.</summary>
    public const int MaxOutputs = 64;

    private const string Action = "http://www.onvif.org/ver10/device/wsdl/";

    public static OnvifCall<IReadOnlyList<RelayOutput>> GetAll { get; } = new(
        OnvifService.Device, Action + "GetRelayOutputs", new XElement(OnvifNamespaces.Device + "GetRelayOutputs"),
        answer => [.. answer.Body.ChildrenNamed("RelayOutputs").Take(MaxOutputs).Select(Read).OfType<RelayOutput>()]);

    public static OnvifCall<Done> SetState(string token, bool active) => new(
        OnvifService.Device,
        Action + "SetRelayOutputState",
        new XElement(
            OnvifNamespaces.Device + "SetRelayOutputState",
            new XElement(OnvifNamespaces.Device + "RelayOutputToken", token),
            new XElement(OnvifNamespaces.Device + "LogicalState", active ? "active" : "inactive")),
        Done.Of);

    /// <summary>How the contact behaves; <see cref="Delay"/> only counts where it is monostable.</summary>
    public OnvifCall<Done> SetSettings() => new(
        OnvifService.Device,
        Action + "SetRelayOutputSettings",
        new XElement(
            OnvifNamespaces.Device + "SetRelayOutputSettings",
            new XElement(OnvifNamespaces.Device + "RelayOutputToken", Token),
            new XElement(
                OnvifNamespaces.Device + "Properties",
                new XElement(OnvifNamespaces.Schema + "Mode", IsMonostable ? "Monostable" : "Bistable"),
                new XElement(OnvifNamespaces.Schema + "DelayTime", DurationText(Delay ?? TimeSpan.FromSeconds(1))),
                new XElement(OnvifNamespaces.Schema + "IdleState", IsOpenIdle ? "open" : "closed"))),
        Done.Of);

    /// <summary>xs:duration in seconds, which is what devices read of it.</summary>
    internal static string DurationText(TimeSpan duration) => string.Create(CultureInfo.InvariantCulture, $"PT{duration.TotalSeconds:0.###}S");

    internal static TimeSpan? DurationOf(string? text)
    {
        try
        {
            return text is { Length: > 1 and < 64 } ? XmlConvert.ToTimeSpan(text) : null;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return null;
        }
    }

    private static RelayOutput? Read(SoapElement output) => output.Attribute("token") is not { Length: > 0 } token ? null : new RelayOutput(
        token,
        output.TextAt("Properties", "Mode") == "Monostable",
        DurationOf(output.TextAt("Properties", "DelayTime")),
        output.TextAt("Properties", "IdleState") != "closed");
}
